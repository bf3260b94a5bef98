import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { openDirectory } from "../../src/kernel/directory.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { findProfile } from "../../src/model/profiles.ts";
import { readAsking } from "../../src/queue/commands/order.ts";
import { scanArchives } from "../../src/queue/scan/scan.ts";
import { configFrom } from "../../src/config.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { singleKey } from "../../src/store/keys.ts";
import { listReplies } from "../../src/store/replies.ts";
import { listOpen } from "../../src/store/series.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { mailsPath, withoutMails } from "../mails.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";

const KERNEL = ".cache/linux-6.12";
const withoutKernel = existsSync(KERNEL) ? false : `no kernel source at ${KERNEL}`;
const TOGETHER = 16;

describe("bots", { skip: withoutMails || noRedis, timeout: 300_000 }, () => {
  let server: TestRedis;
  let bot: Harness;
  before(async () => {
    server = await startTestRedis();
    bot = await startHarness(server, { mode: "auto", mail: { from: "avicbot@bots.example.net" } });
  });
  after(async () => {
    await bot.close();
    await server.stop();
  });

  test("all their real mails taken in: no reply, no answer, no command, no series", async () => {
    let mails: string[] = [];
    let all = 0;
    for await (const { bytes } of readMessages(mailsPath("bots.mboxrd.gz"))) {
      mails.push(Buffer.from(bytes).toString("latin1"));
      all += 1;
      if (mails.length < TOGETHER) continue;
      await Promise.all(mails.map((mail) => bot.deliver(mail)));
      mails = [];
    }
    await Promise.all(mails.map((mail) => bot.deliver(mail)));
    assert.equal(all, 3244);
    assert.deepEqual(await listOpen(server.db), []);
    assert.deepEqual(await listReplies(server.db), []);
    assert.equal(await server.redis.zcard(singleKey("orders")), 0);
  });
});

describe("the list's real mails", { skip: withoutMails, timeout: 300_000 }, () => {
  test("hold no command", async () => {
    const context = { config: configFrom({}), db: { now: () => 0 } as never };
    for await (const { bytes } of readMessages(mailsPath("kvm-cc.mboxrd.gz"))) {
      const asking = readAsking(context, parseMessage(bytes), { name: "n", content: "c", news: true });
      assert.deepEqual(asking, { steps: [], writes: [] });
    }
  });

  test("get no reply", { skip: withoutKernel }, async () => {
    const profile = findProfile("zen4");
    assert.ok(profile !== null);
    const source = await openDirectory(KERNEL);
    const counts = await scanArchives([mailsPath("kvm-cc.mboxrd.gz")], {
      since: null,
      until: null,
      source,
      branches: [],
      profile,
      onReview: () => undefined,
      onProgress: () => undefined,
    });
    await source.close();
    assert.ok(counts.messages > 23_000);
    assert.equal(counts.wouldSend, 0);
  });
});
