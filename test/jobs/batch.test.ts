import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Arrival } from "../../src/queue/arrival.ts";
import { ingest } from "../../src/queue/ingest.ts";
import type { Context } from "../../src/queue/context.ts";
import { wholeMessage } from "../../src/sources/source.ts";
import { listDeadLetters } from "../../src/store/dead-letters.ts";
import { readCounts } from "../../src/store/counters.ts";
import { findDecision } from "../../src/store/decisions.ts";
import { hashOf, key } from "../../src/store/keys.ts";
import { readMail } from "../../src/store/messages.ts";
import type { RedisClient } from "../../src/store/redis.ts";
import { listOpen } from "../../src/store/series.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startHarness, type Harness } from "./harness.ts";
import { patchMail, seriesMails } from "./patches.ts";

/** Two series about AVIC, one of another file, a single patch, a reply: in the order of a list, not of a series. */
function traffic(): string[] {
  const [one, two] = [seriesMails("one", 3), seriesMails("two", 2)];
  const other = seriesMails("net", 2).map((mail) => mail.replaceAll("arch/x86/kvm/svm/avic.c", "net/a.c"));
  const reply = patchMail({ id: "re@x", inReplyTo: "one-1-0@x", path: null });
  return [
    ...other.slice(0, 2),
    ...one.slice(2),
    reply.replace("Subject: ", "Subject: Re: "),
    ...two,
    patchMail({ id: "alone@x", title: "Alone" }),
    ...one.slice(0, 2),
    ...other.slice(2),
  ];
}

function arrivals(mails: readonly string[], source = "test"): Arrival[] {
  return mails.map((mail, at) => ({
    mail: wholeMessage(Buffer.from(mail, "latin1"), `uid ${at + 1}`),
    source,
    list: null,
    live: true,
  }));
}

describe("messages taken in together", { skip: noRedis, timeout: 120_000 }, () => {
  let server: TestRedis;
  let bot: Harness;
  before(async () => void (server = await startTestRedis()));
  beforeEach(async () => {
    await server.redis.flushall();
    bot = await startHarness(server, { maintainers: ["m@example.org"] });
  });
  afterEach(() => bot.close());
  after(() => server.stop());

  const take = (mails: readonly string[], source?: string) =>
    ingest(bot.service.context, arrivals(mails, source));
  const rulesOf = async (id: string) =>
    (await findDecision(server.db, hashOf(id)))?.steps.map(({ rule }) => rule);

  /** What is known after the traffic, without times. */
  async function known(): Promise<unknown> {
    const series = (await listOpen(server.db)).map(({ id, parts, missing }) => ({
      id,
      parts: parts.map(({ index, messageId }) => `${index} ${messageId}`),
      missing,
    }));
    const ids = ["one-1-0", "one-1-3", "two-1-1", "net-1-0", "net-1-2", "alone", "re"].map((id) => `${id}@x`);
    const rules = await Promise.all(ids.map(rulesOf));
    return { series: series.sort((a, b) => (a.id < b.id ? -1 : 1)), rules, jobs: await jobs() };
  }

  const jobs = async () => {
    const { review } = await bot.service.context.queues.counts();
    return review["prioritized"];
  };

  test("each finds its series, and what has none says so", async () => {
    assert.ok((await take(traffic())).every(Boolean));
    const open = await listOpen(server.db);
    assert.deepEqual(open.map(({ id }) => id).sort(), ["alone@x", "one-1-0@x", "two-1-0@x"]);
    assert.deepEqual(
      open.map(({ missing }) => missing),
      [[], [], []],
    );
    assert.equal(await jobs(), 3);
    assert.deepEqual(await rulesOf("net-1-2@x"), ["arrived", "part-of-series", "series-does-not-concern"]);
    assert.deepEqual(await rulesOf("one-1-1@x"), ["arrived", "part-of-series", "placed"]);
    assert.equal((await rulesOf("re@x"))?.at(-1), "reply");
    assert.equal(await server.redis.ttl(key("mail", hashOf("one-1-1@x"))), -1);
    assert.ok((await server.redis.ttl(key("mail", hashOf("net-1-1@x")))) > 0);
  });

  test("together or one by one, or all once more: the same is known", async () => {
    await take(traffic());
    const together = await known();
    await take(traffic());
    assert.deepEqual(await known(), together);
    await server.redis.flushall();
    for (const mail of traffic()) await take([mail]);
    const single = (await known()) as { series: unknown };
    assert.deepEqual(single.series, (together as { series: unknown }).series);
  });

  test("one that cannot be handled is kept and shown; the others are taken in", async () => {
    await server.redis.set(key("decision", hashOf("two-1-1@x")), "001:damaged");
    const mails = traffic();
    const handled = await take(mails);
    const bad = mails.findIndex((mail) => mail.includes("Message-ID: <two-1-1@x>"));
    assert.deepEqual(
      handled.flatMap((one, at) => (one ? [] : [at])),
      [bad],
    );
    const letters = await listDeadLetters(server.db);
    assert.deepEqual(
      letters.map(({ messageId }) => messageId),
      ["two-1-1@x"],
    );
    const open = await listOpen(server.db);
    assert.deepEqual(open.find(({ id }) => id === "one-1-0@x")?.missing, []);
    const counts = await readCounts(server.db);
    assert.equal(counts.get("mails reply"), 1, "what was halved is counted once");
  });

  test("one id twice among them: a copy is joined, another mail is flagged, the first counts", async () => {
    const [cover = "", part = ""] = seriesMails("dup", 1);
    const other = part.replace("Words.", "Other words.");
    await take([cover, part, part, other, cover]);
    const decision = await findDecision(server.db, hashOf("dup-1-1@x"));
    assert.equal(decision?.steps.filter(({ rule }) => rule === "same-id-other-content").length, 1);
    assert.equal(decision?.steps.filter(({ rule }) => rule === "arrived").length, 1);
    const kept = await readMail(server.db, hashOf("dup-1-1@x"));
    assert.equal(kept?.toString("latin1"), part);
    assert.equal((await listOpen(server.db)).length, 1);
  });

  test("halves of a series in two batches at once join", async () => {
    const mails = seriesMails("half", 8);
    const [even, odd] = [0, 1].map((rest) => mails.filter((_, at) => at % 2 === rest));
    await Promise.all([take(even ?? [], "a"), take(odd ?? [], "b")]);
    const series = await bot.find("half-1-4@x");
    assert.deepEqual(series?.missing, []);
    assert.equal(series?.parts.length, 9);
  });

  test("a part about AVIC comes later: the whole series is taken up", async () => {
    const mails = seriesMails("late", 3);
    await take(mails.slice(0, 3));
    assert.deepEqual(await listOpen(server.db), []);
    await take([...seriesMails("more", 2), ...mails.slice(3)]);
    assert.deepEqual((await bot.find("late-1-1@x"))?.missing, []);
    assert.equal((await rulesOf("late-1-1@x"))?.at(-1), "placed");
  });

  test("what a maintainer applied in the same batch is closed", async () => {
    const applied = patchMail({
      id: "ok@x",
      author: "m@example.org",
      inReplyTo: "one-1-0@x",
      path: null,
      body: "Applied, thanks!",
    }).replace("Subject: ", "Subject: Re: ");
    await take([applied, ...traffic()]);
    assert.equal((await bot.find("one-1-0@x"))?.closed?.state, "merged");
    assert.equal((await bot.find("two-1-0@x"))?.closed, null);
  });

  test("cut off from the store at any question: taken in once more, nothing is missing or twice", async () => {
    const mails = traffic().slice(0, 8);
    await take(mails);
    const undisturbed = await known();
    for (let asked = 1, through = false; !through; asked += 1) {
      await server.redis.flushall();
      through = await ingest(cutOff(bot.service.context, asked), arrivals(mails)).then(
        () => true,
        () => false,
      );
      assert.ok((await take(mails)).every(Boolean));
      assert.deepEqual(await known(), undisturbed, `cut off at question ${asked}`);
      const counts = await readCounts(server.db);
      assert.equal(counts.get("mails reply"), 1);
      assert.ok(through || asked < 1000);
    }
  });

  test("a store that comes back without what it had, before any question: no series without its mails", async () => {
    const mails = traffic().slice(0, 8);
    await take(mails);
    const undisturbed = await known();
    for (let asked = 1, through = false; !through; asked += 1) {
      await server.redis.flushall();
      through = true;
      const losing = asking(bot.service.context, async (question) => {
        if (question !== asked) return;
        through = false;
        await server.redis.flushall();
      });
      await ingest(losing, arrivals(mails));
      for (const { id, parts } of await listOpen(server.db))
        for (const part of parts)
          assert.ok(await readMail(server.db, part.key), `${id} lacks a mail, lost at question ${asked}`);
      assert.ok((await take(mails)).every(Boolean));
      assert.deepEqual(await known(), undisturbed, `lost at question ${asked}`);
      assert.ok(asked < 1000);
    }
  });
});

/** A store that is away from the n-th question on. */
function cutOff(context: Context, asked: number): Context {
  return asking(context, (question) => {
    if (question >= asked) throw new Error("Connection is closed.");
  });
}

/** `before` is told the number of each question to the store before it is asked. */
function asking(context: Context, before: (question: number) => Promise<void> | void): Context {
  let asked = 0;
  const redis = new Proxy(context.db.redis, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof found !== "function") return found;
      return async (...words: unknown[]) => {
        asked += 1;
        await before(asked);
        return found.apply(target, words) as unknown;
      };
    },
  }) as RedisClient;
  return { ...context, db: { ...context.db, redis } };
}
