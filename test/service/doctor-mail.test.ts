import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { configFrom } from "../../src/config.ts";
import { checkMail } from "../../src/queue/doctor-mail.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";

function keyFile(dir: string, type: "rsa" | "ed25519"): string {
  const path = join(dir, `${type}.pem`);
  const encoding = { type: "pkcs8", format: "pem" } as const;
  const pem =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(encoding)
      : generateKeyPairSync("ed25519").privateKey.export(encoding);
  writeFileSync(path, pem);
  return path;
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("doctor looks at what sending needs", { timeout: 60_000 }, () => {
  let dir: string;
  let server: ScriptedSmtp;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "avm-"));
    server = await startScriptedSmtp();
  });
  after(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const from = "bot@example.net";
  const check = async (settings: Record<string, unknown>) =>
    (await checkMail(configFrom(settings))).map(
      ({ ok, what, text }) => `${ok ? "ok" : "FAIL"} ${what}: ${text}`,
    );

  test("nothing is set: nothing is sent, which is no fault", async () => {
    assert.deepEqual(await check({}), ["ok mail: no smtp.url and no mail.from: no reply is made or sent"]);
  });

  test("a server that answers, a key that signs; no mail is sent", async () => {
    const dkim = { domain: "example.net", selector: "a", keyFile: keyFile(dir, "rsa") };
    assert.deepEqual(
      await check({ smtp: { url: server.url }, mail: { from, moderators: "m@example.net", dkim } }),
      [
        "ok mail.from: bot@example.net; moderators: m@example.net",
        `ok SMTP: ${new URL(server.url).host} lets avicbot in`,
        "ok DKIM: signs as a._domainkey.example.net",
      ],
    );
    assert.deepEqual(server.taken, []);
  });

  test("each mistake is named with its remedy", async () => {
    const port = await closedPort();
    const [noAddress] = await check({ smtp: { url: server.url } });
    assert.match(noAddress ?? "", /^FAIL mail\.from: set it/);
    const [, noServer] = await check({ mail: { from } });
    assert.match(noServer ?? "", /^FAIL SMTP: set smtp\.url/);
    const [, refused] = await check({ mail: { from }, smtp: { url: `smtp://127.0.0.1:${port}` } });
    assert.match(refused ?? "", /^FAIL SMTP: 127\.0\.0\.1:\d+: .*ECONNREFUSED.*: mend smtp\.url/);
    server.faults.push({ banner: [554, "no service for you"] });
    const [, turnedAway] = await check({ mail: { from }, smtp: { url: server.url } });
    assert.match(turnedAway ?? "", /^FAIL SMTP: .*no service for you/);
    const [, login] = await check({
      mail: { from },
      smtp: { url: server.url.replace("//", "//bot:wrong@") },
    });
    assert.match(login ?? "", /^FAIL SMTP: 127[^]*mend smtp\.url or smtp\.password$/);
    assert.doesNotMatch(login ?? "", /wrong/);
    const dkim = { domain: "example.net", selector: "a", keyFile: keyFile(dir, "ed25519") };
    const [, , key] = await check({ mail: { from, dkim }, smtp: { url: server.url } });
    assert.match(key ?? "", /^FAIL DKIM: .*not RSA; make one with: openssl genrsa/);
  });
});
