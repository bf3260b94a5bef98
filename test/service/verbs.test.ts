import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buryLetter } from "../../src/store/dead-letters.ts";
import { hashOf } from "../../src/store/keys.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { patchMail, seriesMails } from "../jobs/patches.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { runVerb as run } from "../cli/in-process.ts";

describe("scan", () => {
  let dir: string;
  before(() => void (dir = mkdtempSync(join(tmpdir(), "avz-"))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  test("reviews an archive, writes nothing, and says what it would send last", async () => {
    const path = join(dir, "list.mbox");
    const mails = [...seriesMails("one", 2), patchMail({ id: "r@x", title: "other", path: "net/a.c" })];
    writeFileSync(path, mails.map((mail) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${mail}\n`).join(""));
    const { code, out, err } = await run(["scan", "--json", path]);
    assert.equal(code, 0);
    const reviews = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      reviews.map((review) => [review.series.messageId, review.verdict]),
      [["one-1-0@x", "undetermined"]],
    );
    assert.equal(err.trim().split("\n").at(-1), "would send 0");
    assert.deepEqual(readdirSync(dir), ["list.mbox"]);
  });

  test("--since and --until choose by date", async () => {
    const path = join(dir, "list.mbox");
    const none = await run(["scan", path, "--since", "2026-02-01"]);
    assert.match(none.out, /0 series/);
    const some = await run(["scan", path, "--until", "2026-02-01"]);
    assert.match(some.out, /1 series/);
    assert.equal((await run(["scan", path, "--since", "soon"])).code, 2);
  });

  test("a path that is no archive: one line", async () => {
    mkdirSync(join(dir, "empty"));
    const { code, err } = await run(["scan", join(dir, "empty")]);
    assert.equal(code, 1);
    assert.match(err, /^avicbot: .* is no Maildir and no public-inbox archive\n$/);
  });
});

describe("verbs on a store", { skip: noRedis, timeout: 60_000 }, () => {
  let server: TestRedis;
  let bot: Harness;
  let config: string[];
  before(async () => {
    server = await startTestRedis();
    bot = await startHarness(server);
    const path = join(server.dataDir, "settings.json");
    writeFileSync(path, JSON.stringify({ redisUrl: server.url, web: { tokens: ["hush-hush-hush-hush"] } }));
    config = ["--config", path];
    await bot.work();
    for (const mail of seriesMails("one", 2)) await bot.deliver(mail);
    await bot.untilState("one-1-0@x", "held");
  });
  after(async () => {
    await bot.close();
    await server.stop();
  });

  test("pending lists it", async () => {
    const json = await run(["pending", "--json", ...config]);
    assert.equal(JSON.parse(json.out).messageId, "one-1-0@x");
    assert.deepEqual(JSON.parse(json.out).parts, { received: 2, total: 2, missing: [] });
    assert.deepEqual(JSON.parse(json.out).lists, ["kvm.vger.kernel.org"]);
    assert.equal((await run(["pending", "--json", "--state", "merged", ...config])).out, "");
    const wrong = await run(["pending", "--sort", "colour", ...config]);
    assert.deepEqual(
      [wrong.code, wrong.err],
      [2, "avicbot: no order 'colour': there are date, activity, author, changes\n"],
    );
    const text = await run(["pending", ...config]);
    assert.match(text.out, /held \(changed\).*one: all/);
    assert.equal(text.err, "1 pending, 0 unplaced, 0 dead letters\n");
  });

  for (const form of ["one-1-1@x", "<one-1-2@x>", "https://lore.kernel.org/kvm/one-1-0%40x/T/#u"]) {
    test(`query and why take ${form}`, async () => {
      const query = await run(["query", form, "--json", ...config]);
      assert.equal(JSON.parse(query.out).verdict, "changed");
      const why = await run(["why", form, "--json", ...config]);
      assert.equal(JSON.parse(why.out).series.state, "held");
      assert.ok(JSON.parse(why.out).steps.some((step: { rule: string }) => step.rule === "placed"));
    });
  }

  test("what was never seen is an error in one line", async () => {
    for (const verb of ["query", "why", "retry"]) {
      const { code, err } = await run([verb, "nobody@x", ...config]);
      assert.equal(code, 1, verb);
      assert.match(err, /^avicbot: [^\n]+\n$/);
    }
  });

  test("retry reviews again, and takes a dead letter in", async () => {
    const again = await run(["retry", "one-1-1@x", ...config]);
    assert.equal(again.out, "reviewed again\n");
    await bot.untilState("one-1-1@x", "held");
    const letter = { messageId: "d@x", source: "s", lists: [], at: "2026-01-01T00:00:00Z", reason: "r" };
    const mail = Buffer.from(patchMail({ id: "d@x", title: "dead" }));
    await buryLetter(server.db, { key: hashOf("d@x"), ...letter }, mail);
    assert.match((await run(["why", "d@x", ...config])).out, /dead-letter: r/);
    const doctor = await run(["doctor", ...config]);
    assert.equal(doctor.code, 1);
    assert.match(doctor.out, /FAIL dead letter <d@x>: r/);
    assert.equal((await run(["retry", "d@x", ...config])).out, "taken in again\n");
    await bot.untilState("d@x", "held");
  });

  test("doctor --config without a file prints the settings, secrets masked", async () => {
    process.env["AVICBOT_CONFIG"] = config[1];
    const { code, out } = await run(["doctor", "--config"]);
    delete process.env["AVICBOT_CONFIG"];
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).redisUrl, server.url);
    assert.doesNotMatch(out, /hush/);
  });

  test("a wrong setting is a usage error", async () => {
    const path = join(server.dataDir, "wrong.json");
    writeFileSync(path, '{"sourcs": []}');
    const { code, err } = await run(["pending", "--config", path]);
    assert.equal(code, 2);
    assert.match(err, /unknown setting "sourcs"/);
  });
});
