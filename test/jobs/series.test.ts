import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { listDeadLetters } from "../../src/store/dead-letters.ts";
import { findDecision } from "../../src/store/decisions.ts";
import { hashOf, key } from "../../src/store/keys.ts";
import { findReview } from "../../src/store/reviews.ts";
import { listOpen, stateOf } from "../../src/store/series.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";
import { startHarness, type Harness } from "./harness.ts";
import { patchMail, seriesMails } from "./patches.ts";

describe("a series through queue and review", { skip: noRedis, timeout: 120_000 }, () => {
  let server: TestRedis;
  let bot: Harness;
  before(async () => void (server = await startTestRedis()));
  beforeEach(async () => {
    await server.redis.flushall();
    bot = await startHarness(server);
  });
  afterEach(() => bot.close());
  after(() => server.stop());

  const orders: [string, (mails: string[]) => string[]][] = [
    ["in order", (mails) => mails],
    ["reversed", (mails) => [...mails].reverse()],
    ["with everything twice", (mails) => [...mails, ...mails].reverse()],
  ];
  for (const [name, arrange] of orders) {
    test(`${name}: found by any id, reviewed once`, async () => {
      await bot.work();
      for (const mail of arrange(seriesMails("one", 3))) await bot.deliver(mail);
      const series = await bot.untilState("one-1-2@x", "held");
      assert.equal(series.id, "one-1-0@x");
      assert.deepEqual(
        series.parts.map((part) => part.index),
        [0, 1, 2, 3],
      );
      assert.equal((await listOpen(server.db)).length, 1);
      assert.equal((await findReview(server.db, series.key))?.review.series.messageId, "one-1-0@x");
      for (const id of ["one-1-0@x", "one-1-1@x", "one-1-3@x"]) {
        assert.equal((await bot.find(id))?.key, series.key);
      }
      assert.equal(series.steps.filter((step) => step.stage === "review").length, 1);
    });
  }

  test("all parts at once from several sources join into one series", async () => {
    await bot.work();
    const mails = seriesMails("par", 12);
    await Promise.all([...mails, ...mails].map((mail, at) => bot.deliver(mail, `source ${at % 3}`)));
    const series = await bot.untilState("par-1-12@x", "held");
    assert.equal(series.parts.length, 13);
    assert.equal((await listOpen(server.db)).length, 1);
    const decision = await findDecision(server.db, hashOf("par-1-3@x"));
    assert.equal(decision?.sources.length, 2);
  });

  test("a newer version supersedes, also when the older comes later", async () => {
    await bot.work();
    for (const mail of [...seriesMails("two", 2, 2), ...seriesMails("two", 2, 1)]) await bot.deliver(mail);
    await bot.untilState("two-2-0@x", "held");
    const old = await bot.untilState("two-1-1@x", "superseded");
    assert.equal(old.closed?.successor, (await bot.find("two-2-0@x"))?.key);
    assert.equal(old.reviewed, null, "nobody needs a review of it");
  });

  test("a missing part is waited for, then reviewed without, then again with it", async () => {
    await bot.close();
    bot = await startHarness(server, { limits: { partWaitMinutes: 0.0005 } });
    await bot.work();
    const [cover = "", first = "", second = "", third = ""] = seriesMails("gap", 3);
    for (const mail of [cover, first, third]) await bot.deliver(mail);
    const partial = await bot.untilState("gap-1-0@x", "held");
    assert.deepEqual(partial.missing, [2]);
    assert.ok(partial.steps.some((step) => step.rule === "incomplete"));
    await bot.deliver(second);
    await bot.untilState("gap-1-2@x", "held");
    const whole = await bot.find("gap-1-0@x");
    assert.deepEqual(whole?.missing, []);
    assert.notEqual(whole?.reviewed?.inputs, partial.reviewed?.inputs);
  });

  test("a series with no part about AVIC keeps its parts for a time and becomes no series", async () => {
    const mails = seriesMails("net", 2).map((mail) => mail.replaceAll("arch/x86/kvm/svm/avic.c", "net/a.c"));
    for (const mail of mails) await bot.deliver(mail);
    assert.equal(await bot.find("net-1-1@x"), null);
    assert.ok((await server.redis.ttl(key("mail", hashOf("net-1-1@x")))) > 0);
    const decision = await findDecision(server.db, hashOf("net-1-1@x"));
    assert.deepEqual(
      decision?.steps.map((step) => step.rule),
      ["arrived", "part-of-series", "series-does-not-concern"],
    );
  });

  test("the parts of a series are kept for good once one of them concerns AVIC", async () => {
    for (const mail of seriesMails("kept", 2)) await bot.deliver(mail);
    assert.equal(await server.redis.ttl(key("mail", hashOf("kept-1-1@x"))), -1);
  });

  const stopped: [string, string, string][] = [
    ["a reply", "Re: [PATCH] a", "reply"],
    ["a mail about something else", "lunch", "no-patch"],
    ["a patch for another project", "[kvm-unit-tests PATCH] a", "foreign"],
    ["a pull request", "[GIT PULL] a", "pull-request"],
  ];
  for (const [name, subject, rule] of stopped) {
    test(`${name} keeps only its id and reason`, async () => {
      const diff = rule === "foreign" || rule === "reply";
      const mail = patchMail({ id: "s@x", ...(diff ? {} : { path: null }) });
      await bot.deliver(mail.replace(/^Subject: .*$/m, `Subject: ${subject}`));
      const decision = await findDecision(server.db, hashOf("s@x"));
      assert.equal(decision?.steps.at(-1)?.rule, rule);
      assert.deepEqual(decision?.lists, ["kvm.vger.kernel.org"]);
      assert.equal(await server.redis.exists(key("mail", hashOf("s@x"))), 0);
    });
  }

  test("the same id with other content is flagged, and the first counts", async () => {
    await bot.deliver(patchMail({ id: "twice@x" }));
    await bot.deliver(patchMail({ id: "twice@x", body: "Other words." }), "other");
    const decision = await findDecision(server.db, hashOf("twice@x"));
    assert.ok(decision?.steps.some((step) => step.rule === "same-id-other-content"));
    assert.equal((await listOpen(server.db)).length, 1);
  });

  test("a review that hangs is killed, fails visibly, and the next one runs", async () => {
    await bot.close();
    bot = await startHarness(server, { limits: { reviewSeconds: 2 } });
    await bot.work();
    await bot.deliver(patchMail({ id: "evil@x", title: "evil", body: "Stub: hang" }));
    await bot.deliver(patchMail({ id: "good@x", title: "good" }));
    const evil = await bot.untilState("evil@x", "failed");
    assert.match(evil.reason ?? "", /longer than 2 s/);
    await bot.untilState("good@x", "held");
  });

  test("a failure that may pass is retried; the last one shows", async () => {
    await bot.work();
    await bot.deliver(patchMail({ id: "bad@x", body: "Stub: throw" }));
    const series = await bot.untilState("bad@x", "failed");
    assert.equal(series.reason, "stub failed");
    const failed = await untilFailed(bot);
    assert.equal(failed[0]?.attempts, 2);
  });

  test("a thread that dies takes no worker with it", async () => {
    await bot.work();
    await bot.deliver(patchMail({ id: "die@x", body: "Stub: die" }));
    const series = await bot.untilState("die@x", "failed");
    assert.match(series.reason ?? "", /thread ended with 3/);
  });

  test("what does not apply is closed by rule and opens again with a late part", async () => {
    await bot.work();
    await bot.deliver(patchMail({ id: "na@x", body: "Stub: not-applicable" }));
    const series = await bot.untilState("na@x", "ignored");
    assert.equal(series.closed?.by, "rule");
    assert.equal(stateOf(series), "ignored");
  });

  test("a mail that cannot be handled becomes a dead letter", async () => {
    const mail = { bytes: Buffer.alloc(0), oversized: false, size: 0, place: "uid 7", deleted: false };
    const { ingest } = await import("../../src/queue/ingest.ts");
    const arrival = { mail: { ...mail, unreadable: "no bytes" }, source: "imap", list: null, live: true };
    await ingest(bot.service.context, [arrival]);
    const [letter] = await listDeadLetters(server.db);
    assert.equal(letter?.reason, "no bytes");
    assert.equal(letter?.messageId, "uid 7 of imap");
  });

  test("a maintainer's word closes a series as merged; anybody else's does not", async () => {
    await bot.close();
    bot = await startHarness(server, { maintainers: ["m@example.org"] });
    await bot.deliver(patchMail({ id: "app@x" }));
    const applied = (author: string, id: string) =>
      patchMail({
        id,
        author,
        inReplyTo: "app@x",
        path: null,
        body: "Applied to kvm-x86 svm, thanks!",
      }).replace("Subject: ", "Subject: Re: ");
    await bot.deliver(applied("a@example.org", "r1@x"));
    assert.equal((await bot.find("app@x"))?.closed, null);
    await bot.deliver(applied("m@example.org", "r2@x"));
    assert.equal((await bot.find("app@x"))?.closed?.state, "merged");
  });
});

function untilFailed({ service }: Harness) {
  return untilStored(service.context.db.redis, async () => {
    const failed = await service.context.queues.failed();
    return failed.length > 0 ? failed : null;
  });
}
