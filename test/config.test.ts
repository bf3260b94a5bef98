import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ConfigError, configFrom, loadConfig, maskSecrets, maskUrl } from "../src/config.ts";

function file(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "avicbot-config-")), "settings.json");
  writeFileSync(path, content);
  return path;
}

describe("settings", () => {
  test("the defaults are complete", () => {
    const config = loadConfig({ environment: {} });
    assert.equal(config.mode, "hold");
    assert.equal(config.dataDir, "./data");
    assert.equal(config.redisUrl, undefined);
    assert.deepEqual(
      config.lists.map((list) => list.address),
      ["kvm@vger.kernel.org", "linux-kernel@vger.kernel.org"],
    );
  });

  test("environment goes before file, file before defaults, key by key", () => {
    const path = file('{"mode": "auto", "kernel": {"git": "/a", "branches": ["x"]}, "dataDir": "/file"}');
    const config = loadConfig({
      file: path,
      environment: { AVICBOT_KERNEL_GIT: "/b", AVICBOT_REDIS_URL: "redis://h", HOME: "/root" },
    });
    assert.equal(config.mode, "auto");
    assert.deepEqual(config.kernel, { git: "/b", branches: ["x"] });
    assert.equal(config.dataDir, "/file");
    assert.equal(config.redisUrl, "redis://h");
  });

  test("lists and numbers come from the environment as JSON", () => {
    const config = loadConfig({
      environment: {
        AVICBOT_SOURCES: '[{"type": "maildir", "path": "/m"}]',
        AVICBOT_LIMITS_REVIEW_SECONDS: "5",
        AVICBOT_KERNEL: '{"branches": ["next"]}',
      },
    });
    assert.deepEqual(config.sources, [{ type: "maildir", path: "/m", pollSeconds: 10 }]);
    assert.equal(config.limits.reviewSeconds, 5);
    assert.deepEqual(config.kernel.branches, ["next"]);
  });

  const wrong: [string, Parameters<typeof loadConfig>[0], RegExp][] = [
    ["unknown key", { overrides: { redis: "x" } }, /unknown setting "redis"/],
    ["unknown inner key", { overrides: { kernel: { repo: "x" } } }, /unknown setting "repo" in kernel/],
    ["unknown variable", { environment: { AVICBOT_REDIS: "x" } }, /unknown setting AVICBOT_REDIS/],
    ["unknown source", { overrides: { sources: [{ type: "nntp" }] } }, /sources\.0/],
    ["wrong value", { overrides: { mode: "loud" } }, /setting mode/],
    ["no JSON", { environment: { AVICBOT_SOURCES: "kvm" } }, /AVICBOT_SOURCES is no JSON/],
    ["no such file", { file: "/nowhere/settings.json" }, /cannot read the settings/],
    [
      "no DNS server",
      { overrides: { mail: { dnsServers: ["dns"] } } },
      /mail\.dnsServers\.0: not the address/,
    ],
    [
      "moderators on a list",
      { overrides: { mail: { moderators: "KVM@vger.kernel.org" } } },
      /mail\.moderators: it is the address of a list/,
    ],
    ["header injection", { overrides: { mail: { from: "a@b\r\nBcc: c@d" } } }, /not a mail address/],
  ];
  for (const [name, input, pattern] of wrong) {
    test(`${name} is an error in one line`, () => {
      assert.throws(
        () => loadConfig({ environment: {}, ...input }),
        (error) =>
          error instanceof ConfigError && pattern.test(error.message) && !error.message.includes("\n"),
      );
    });
  }

  test("secrets are masked", () => {
    const config = configFrom({
      redisUrl: "redis://:hush@host:1/",
      smtp: { url: "smtps://bot:hush@mail.example/" },
      sources: [{ type: "imap", url: "imaps://bot:hush@imap.example/", password: "hush" }],
      web: { tokens: ["hush-hush-hush-hush"] },
    });
    const shown = JSON.stringify(maskSecrets(config));
    assert.doesNotMatch(shown, /hush/);
    assert.match(shown, /imaps:\/\/bot:\*\*\*@imap.example/);
    assert.equal(maskUrl("no url: a@b"), "no url: a@b");
  });
});
