import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { newRecord } from "../../src/reply/outbox/record.ts";
import { addReply } from "../../src/store/replies.ts";
import { replaceSeries } from "../../src/store/series.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { aSeries } from "../store/samples.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { killLeftOvers, runVerb, startBot, writeSettings, type Bot } from "./bot.ts";

/** Wrong ones, so that everything that says why something failed has a reason to speak of them. */
const SECRETS = {
  imap: "imap-secret-1f6b",
  sent: "sent-secret-77d0",
  smtp: "smtp-secret-93ac",
  token: "token-secret-0c4e5a21",
};

/** What of a text is secret. */
function leaksIn(text: string): string[] {
  const forms = (secret: string) => [
    secret,
    encodeURIComponent(secret),
    btoa(secret),
    btoa(`\0bot\0${secret}`),
  ];
  return Object.values(SECRETS).filter((secret) => forms(secret).some((form) => text.includes(form)));
}

describe("secrets", { skip: noDovecot || noRedis }, () => {
  let dir: string;
  let dovecot: Dovecot;
  let smtp: ScriptedSmtp;
  let redis: TestRedis;
  let config: string;
  let bot: Bot;
  let url: string;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "avicbot-secrets-"));
    dovecot = await startDovecot(null, "another password");
    smtp = await startScriptedSmtp();
    redis = await startTestRedis();
    const series = aSeries({ id: "cover@x" });
    await replaceSeries(redis.db, [], [series]);
    const mail = {
      kind: "reply",
      series: series.key,
      thread: "cover@x",
      messageId: "avicbot.1@bots.example.net",
      bytes: Buffer.from("Subject: Re: x\r\n\r\ntable\r\n"),
      sender: "avicbot@bots.example.net",
      recipients: ["kvm@vger.kernel.org"],
      reason: "approved",
    } as const;
    await addReply(redis.db, newRecord({ ...mail, key: series.key, state: "intent", now: Date.now() }));
    config = writeSettings(dir, {
      redisUrl: redis.url,
      dataDir: join(dir, "data"),
      sources: [{ type: "imap", url: `imap://reader:${SECRETS.imap}@127.0.0.1:${dovecot.port}/` }],
      smtp: { url: smtp.url.replace("://", "://bot@"), password: SECRETS.smtp },
      mail: { from: "avicbot@bots.example.net" },
      outbox: { sent: { url: `imap://reader@127.0.0.1:${dovecot.port}`, password: SECRETS.sent } },
      web: { port: 0, tokens: [{ name: "pat", token: SECRETS.token }] },
      log: { level: "trace" },
    });
    bot = startBot("serve", config);
    url = String((await bot.until(({ msg }) => msg === "listening"))["address"]);
  });
  after(async () => {
    killLeftOvers();
    await Promise.all([dovecot.stop(), smtp.stop(), redis.stop()]);
    rmSync(dir, { recursive: true });
  });

  test("are in no line of the log, also where they are refused", async () => {
    await bot.until(({ msg, error }) => msg === "source failed" && /auth/i.test(JSON.stringify(error)));
    await bot.until(({ msg, reason }) => msg === "outbox" && /login refused/.test(String(reason)));
    assert.deepEqual(leaksIn(JSON.stringify(bot.lines)), []);
  });

  test("are on no page, for nobody", async () => {
    const paths = [
      "/",
      "/healthz",
      "/readyz",
      "/metrics",
      "/openapi.json",
      "/queues",
      "/cover@x/",
      "/nothing",
    ];
    for (const path of paths) {
      for (const headers of [{}, { authorization: `Bearer ${SECRETS.token}` }]) {
        const answer = await fetch(`${url}${path}`, { headers });
        const text = JSON.stringify([...answer.headers]) + (await answer.text());
        assert.deepEqual(leaksIn(text), [], path);
      }
    }
  });

  test("are in no title of a process", () => {
    for (const file of ["cmdline", "comm"])
      assert.deepEqual(leaksIn(readFileSync(`/proc/${bot.pid}/${file}`, "latin1")), []);
  });

  test("are in nothing that verbs print", async () => {
    for (const verb of [["doctor"], ["outbox"], ["pending"], ["why", "cover@x"]]) {
      const { out, err } = await runVerb([...verb, "--config", config]);
      assert.notEqual(out + err, "", verb.join(" "));
      assert.deepEqual(leaksIn(out + err), [], verb.join(" "));
    }
  });

  test("are in nothing that is stored", async () => {
    const { redis: client } = redis.db;
    for (const name of await client.keys("*")) {
      assert.deepEqual(leaksIn((await client.dump(name))?.toString() ?? ""), [], name);
    }
  });
});
