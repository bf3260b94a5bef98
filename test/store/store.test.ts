import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { after, before, beforeEach, describe, test } from "node:test";
import { buryLetter, dropDeadLetter, findDeadLetter, listDeadLetters } from "../../src/store/dead-letters.ts";
import {
  addArrival,
  addSteps,
  findDecision,
  keepDecision,
  settledAmong,
  step,
} from "../../src/store/decisions.ts";
import { hashOf, key } from "../../src/store/keys.ts";
import { findSeriesByText, idsMeant } from "../../src/store/lookup.ts";
import { findMessage, keepMessage, readMail } from "../../src/store/messages.ts";
import {
  acquireLease,
  markBatch,
  movePosition,
  readPlace,
  releaseLease,
  renewLease,
} from "../../src/store/positions.ts";
import {
  DamagedRecord,
  decodeBytes,
  decodeRecord,
  encodeBytes,
  encodeRecord,
} from "../../src/store/record.ts";
import { dropOldSeries } from "../../src/store/retention.ts";
import { findReview, noteDecided, storeReview } from "../../src/store/reviews.ts";
import { ensureSchema } from "../../src/store/schema.ts";
import {
  changeSeries,
  findSeries,
  listOpen,
  listUnfinished,
  replaceSeries,
  stateOf,
} from "../../src/store/series.ts";
import { transact, transactEach, type Write } from "../../src/store/transact.ts";
import { settleVersions } from "../../src/store/versions.ts";
import { aReview, aSeries } from "./samples.ts";
import { noRedis, startTestRedis, type TestRedis } from "./test-redis.ts";

describe("records", () => {
  test("a changed byte is noticed", () => {
    const raw = encodeRecord({ a: "b" });
    assert.deepEqual(decodeRecord(raw, "k").value, { a: "b" });
    assert.throws(() => decodeRecord(raw.replace("b", "c"), "k"), DamagedRecord);
    const bytes = encodeBytes(Buffer.from("mail\xff", "latin1"));
    assert.equal(decodeBytes(bytes, "k").toString("latin1"), "mail\xff");
    bytes[bytes.length - 1]! ^= 0xff;
    assert.throws(() => decodeBytes(bytes, "k"), DamagedRecord);
  });

  test("bytes that an older avicbot deflated are read", () => {
    const body = deflateRawSync(Buffer.from("mail\xff", "latin1"));
    const checksum = createHash("sha256").update(body).digest("hex").slice(0, 32);
    const raw = Buffer.concat([Buffer.from(`001:${checksum} `), body]);
    assert.equal(decodeBytes(raw, "k").toString("latin1"), "mail\xff");
    raw[2] = "2".charCodeAt(0);
    assert.throws(() => decodeBytes(raw, "k"), DamagedRecord);
  });

  const meant: [string, string][] = [
    ["<a@b>", "a@b"],
    ["a@b", "a@b"],
    ["a%40b", "a@b"],
    ["https://lore.kernel.org/kvm/a@b/", "a@b"],
    ["https://lore.kernel.org/all/a%2Fc@b/T/#u", "a/c@b"],
    ["https://lore.kernel.org/kvm/a@b/raw", "a@b"],
    ["mid:a@b", "a@b"],
    ["100%@b", "100%@b"],
    ["lore.kernel.org/kvm/a@b/", "a@b"],
    ["https://lore.kernel.org/r/a@b", "a@b"],
    ["https://lore.kernel.org/kvm/a/c+d@b/T/", "a/c+d@b"],
    ["http://[::1]:8080/lkml/%3Ca%2Bc@b%3E/", "a+c@b"],
    ["example.org/x@b", "example.org/x@b"],
    ["Message-ID: <a@b>", "a@b"],
  ];
  for (const [text, id] of meant) test(`${text} means ${id}`, () => assert.ok(idsMeant(text).includes(id)));

  test("a text of many slashes means few ids, one too long none", () => {
    assert.ok(idsMeant(`http://h/${"/a".repeat(1000)}@b`).length < 40);
    assert.deepEqual(idsMeant("a".repeat(10_000)), []);
  });
});

describe("store", { skip: noRedis }, () => {
  let server: TestRedis;
  before(async () => void (server = await startTestRedis()));
  beforeEach(async () => void (await server.redis.flushall()));
  after(() => server.stop());

  test("a transaction writes all or nothing", async () => {
    const { db, redis } = server;
    const one = encodeRecord({ n: 1 });
    assert.equal(
      await transact(db, [{ key: "{avicbot}:a", stamp: null }], [["SET", "{avicbot}:a", one]]),
      true,
    );
    const late = [
      ["SET", "{avicbot}:b", "x"],
      ["SET", "{avicbot}:a", "y"],
    ] as const;
    assert.equal(await transact(db, [{ key: "{avicbot}:a", stamp: null }], late), false);
    assert.equal(await redis.get("{avicbot}:b"), null);
    const { stamp } = decodeRecord(one, "a");
    assert.equal(await transact(db, [{ key: "{avicbot}:a", stamp }], late), true);
    assert.equal(await redis.get("{avicbot}:a"), "y");
  });

  test("of transactions in one step each is done whole or not at all", async () => {
    const { db, redis } = server;
    const unseen = (name: string, ...writes: Write[]) => ({
      guards: [{ key: `{avicbot}:${name}`, stamp: null }],
      writes: [["SET", `{avicbot}:${name}`, encodeRecord({ name })] as const, ...writes],
    });
    const done = await transactEach(db, [
      unseen("a"),
      { guards: [], writes: [["SADD", "{avicbot}:set", "free"]] },
      unseen("a", ["SADD", "{avicbot}:set", "never"]),
      unseen("b", ["SADD", "{avicbot}:set", "b"], ["EXPIRE", "{avicbot}:set", 60]),
    ]);
    assert.deepEqual(done, [true, true, false, true]);
    assert.deepEqual((await redis.smembers("{avicbot}:set")).sort(), ["b", "free"]);
    assert.ok((await redis.ttl("{avicbot}:set")) > 0);
  });

  test("messages keep their bytes; uninteresting ones only for a time", async () => {
    const { db, redis } = server;
    const bytes = Buffer.from("Subject: x\n\n\xff\r\n", "latin1");
    const record = {
      key: hashOf("a@b"),
      messageId: "a@b",
      subject: "x",
      from: "",
      date: null,
      size: bytes.length,
      concerns: false,
      groups: [],
    };
    await transact(db, [], keepMessage(record, bytes, 60));
    assert.deepEqual(await findMessage(db, record.key), record);
    assert.deepEqual(await readMail(db, record.key), bytes);
    assert.ok((await redis.ttl(key("mail", record.key))) > 0);
  });

  test("decisions join arrivals and repeat no step", async () => {
    const { db } = server;
    const name = hashOf("a@b");
    const first = step(db, "rule", "stopped", "not-a-patch", "no patch");
    const record = {
      key: name,
      messageId: "a@b",
      lists: ["kvm"],
      sources: ["one"],
      content: "c",
      steps: [first],
    };
    await transact(db, [], [keepDecision(record, 60)]);
    await addArrival(db, name, { lists: ["lkml", "kvm"], source: "two", steps: [first] });
    await addSteps(db, name, [first, step(db, "series", "noted", "placed", "part 1")]);
    const found = await findDecision(db, name);
    assert.deepEqual(found?.lists, ["kvm", "lkml"]);
    assert.deepEqual(found?.sources, ["one", "two"]);
    assert.deepEqual(
      found?.steps.map((one) => one.rule),
      ["not-a-patch", "placed"],
    );
    const [begun, other] = [hashOf("begun"), hashOf("other")];
    const passed = step(db, "rule", "passed", "concerns-avic", "a patch");
    await transact(db, [], [keepDecision({ ...record, key: begun, steps: [passed] }, 60)]);
    assert.deepEqual(
      await settledAmong(db, [name, begun, other]),
      new Set([name]),
      "a crash may have come between",
    );
    assert.ok((await server.redis.ttl(key("decision", name))) > 0);
  });

  test("a lease has one holder; a lost one moves no position", async () => {
    const { db, redis } = server;
    const unread = await readPlace(db, "imap");
    assert.deepEqual(unread, { position: null, caughtUp: false, stamp: null });
    const first = await acquireLease(db, "imap", 60_000);
    assert.ok(first);
    assert.equal(await acquireLease(db, "imap", 60_000), null);
    const mark = await markBatch(db, first);
    const to = (uid: number) => ({ position: { uid }, caughtUp: false, mark });
    const moved = await movePosition(db, first, unread, to(1));
    assert.ok(moved);
    assert.equal(await renewLease(db, first, 60_000), true);
    await redis.del(key("lease", hashOf("imap")));
    const second = await acquireLease(db, "imap", 60_000);
    assert.ok(second && second.fence > first.fence);
    assert.equal(await movePosition(db, first, moved, to(0)), null);
    assert.equal(await renewLease(db, first, 60_000), false);
    await releaseLease(db, first);
    const again = await movePosition(db, second, moved, to(2));
    assert.ok(again);
    assert.deepEqual(await readPlace(db, "imap"), again);
    assert.deepEqual(again.position, { uid: 2 });
  });

  test("a position does not move on from a place or behind a batch that the store has lost", async () => {
    const { db, redis } = server;
    const lease = await acquireLease(db, "imap", 60_000);
    assert.ok(lease);
    const next = { position: { uid: 1 }, caughtUp: true, mark: await markBatch(db, lease) };
    await redis.del(key("batch", hashOf("imap")));
    assert.equal(await movePosition(db, lease, await readPlace(db, "imap"), next), null);
    next.mark = await markBatch(db, lease);
    const moved = await movePosition(db, lease, await readPlace(db, "imap"), next);
    assert.ok(moved);
    await redis.del(key("position", hashOf("imap")));
    assert.equal(await movePosition(db, lease, moved, { ...next, position: { uid: 2 } }), null);
    assert.equal((await readPlace(db, "imap")).position, null);
  });

  test("a series is found by every id of it, in every form", async () => {
    const { db } = server;
    const series = aSeries({ id: "cover@x", parts: ["p1@x", "p2@x"] });
    assert.equal(await replaceSeries(db, [], [series]), true);
    for (const text of ["cover@x", "<p1@x>", "https://lore.kernel.org/kvm/p2%40x/"]) {
      assert.equal((await findSeriesByText(db, text))?.value.key, series.key);
    }
    assert.equal(await replaceSeries(db, [], [series]), false, "a record that is there guards itself");
    assert.deepEqual(
      (await listOpen(db)).map((one) => one.id),
      ["cover@x"],
    );
  });

  test("changes from several sides lose nothing", async () => {
    const { db } = server;
    const series = aSeries({ id: "cover@x", parts: ["p1@x"] });
    await replaceSeries(db, [], [series]);
    const add = (text: string) =>
      changeSeries(db, series.key, (record) => ({
        ...record,
        steps: [...record.steps, step(db, "state", "noted", text, text)],
      }));
    await Promise.all(Array.from({ length: 12 }, (_, at) => add(`n${at}`)));
    const found = await findSeries(db, series.key);
    assert.equal(found?.value.steps.length, 12);
  });

  test("a review is stored once, and not for a series that changed meanwhile", async () => {
    const { db } = server;
    const series = aSeries({ id: "cover@x", parts: ["p1@x"], progress: "reviewing" });
    await replaceSeries(db, [], [series]);
    assert.equal((await listUnfinished(db)).length, 1);
    const made = { series: series.key, inputs: series.inputs, review: aReview("changed") };
    assert.equal((await storeReview(db, { ...made, inputs: "other" })).storing, "stale");
    assert.equal((await storeReview(db, made)).storing, "stored");
    assert.equal((await storeReview(db, made)).storing, "known");
    assert.equal((await findReview(db, series.key))?.review.verdict, "changed");
    const found = await findSeries(db, series.key);
    assert.equal(found && stateOf(found.value), "held");
    assert.equal((await listUnfinished(db)).length, 1, "whether it is answered is not decided yet");
    await noteDecided(db, made);
    assert.deepEqual(await listUnfinished(db), []);
  });

  test("a review that does not apply closes the series", async () => {
    const { db } = server;
    const series = aSeries({ id: "cover@x", parts: ["p1@x"], progress: "reviewing" });
    await replaceSeries(db, [], [series]);
    await storeReview(db, {
      series: series.key,
      inputs: series.inputs,
      review: aReview("not-applicable"),
    });
    const found = await findSeries(db, series.key);
    assert.equal(found && stateOf(found.value), "ignored");
    assert.deepEqual(await listOpen(db), []);
  });

  test("a series that is gone takes nobody's place", async () => {
    const { db } = server;
    const early = aSeries({ id: "p1@x", parts: ["p1@x", "p2@x"], date: "2026-01-05T10:01:00Z" });
    const whole = aSeries({ id: "cover@x", parts: ["p1@x", "p2@x"], date: "2026-01-05T10:00:00Z" });
    await replaceSeries(db, [], [whole]);
    assert.deepEqual(await settleVersions(db, early), []);
    const found = await findSeries(db, whole.key);
    assert.equal(found?.value.closed, null);
  });

  const versions: [string, Parameters<typeof aSeries>[0], Parameters<typeof aSeries>[0], string[]][] = [
    ["a higher version of the same title", { version: 1 }, { version: 2 }, ["one@x"]],
    ["a lower version that comes late", { version: 3 }, { version: 2 }, ["two@x"]],
    ["another author", { version: 1 }, { version: 2, author: "b@x" }, []],
    ["a new title over the same patches", { version: 1 }, { version: 2, title: "new" }, ["one@x"]],
    ["a new title over other patches", { version: 1 }, { version: 2, title: "new", titles: ["other"] }, []],
    ["the same version again", { version: 2 }, { version: 2, date: "2026-02-01T00:00:00Z" }, ["one@x"]],
    [
      "another change-id and title",
      { changeId: "a" },
      { version: 2, changeId: "b", title: "n", titles: ["o"] },
      [],
    ],
    [
      "the same change-id, all else new",
      { changeId: "a" },
      { version: 2, changeId: "a", title: "n" },
      ["one@x"],
    ],
    ["stable review of it", { version: 1 }, { version: 2, stable: "6.1" }, []],
    ["named in Supersedes", {}, { title: "n", titles: ["o"], supersedes: ["one@x"] }, ["one@x"]],
  ];
  for (const [name, one, two, expected] of versions) {
    test(`versions: ${name}`, async () => {
      const { db } = server;
      const older = aSeries({ id: "one@x", parts: ["o1@x"], ...one });
      const newer = aSeries({ id: "two@x", parts: ["t1@x"], ...two });
      await replaceSeries(db, [], [older, newer]);
      await settleVersions(db, newer);
      const all = await Promise.all([older, newer].map((series) => findSeries(db, series.key)));
      const closed = all.filter((found) => found?.value.closed !== null).map((found) => found?.value.id);
      assert.deepEqual(closed, expected);
    });
  }

  test("closed series are forgotten after the configured time, with all that hangs on them", async () => {
    const { db, redis } = server;
    const closing = { state: "ignored", by: "person", at: db.time, reason: "", successor: null } as const;
    const series = { ...aSeries({ id: "old@x", parts: ["o1@x"] }), closed: closing };
    await replaceSeries(db, [], [series]);
    assert.equal(await dropOldSeries(db, { closedDays: 2, uninterestingDays: 9 }), 0);
    db.time += 3 * 86_400_000;
    assert.equal(await dropOldSeries(db, { closedDays: 2, uninterestingDays: 9 }), 1);
    const left = (await redis.keys("*")).map((name) => name.split(":")[1]);
    assert.deepEqual(left, ["events"]);
  });

  test("series that are kept longer stand in nobody's way, and keep their words", async () => {
    const { db, redis } = server;
    const closing = (at: number) =>
      ({ state: "ignored", by: "person", at, reason: "", successor: null }) as const;
    const kept = Array.from({ length: 1001 }, (_, at) => ({
      ...aSeries({ id: `kept${at}@x`, parts: [], title: "Kept" }),
      closed: closing(db.time),
    }));
    const ruled = { ...closing(db.time + 1), by: "rule" } as const;
    const soon = { ...aSeries({ id: "soon@x", parts: [], title: "Soon forgotten" }), closed: ruled };
    for (let at = 0; at < kept.length; at += 50) await replaceSeries(db, [], kept.slice(at, at + 50));
    await replaceSeries(db, [], [soon]);
    db.time += 3 * 86_400_000;
    assert.equal(await dropOldSeries(db, { closedDays: 9, uninterestingDays: 2 }), 1);
    assert.equal(await findSeries(db, soon.key), null);
    assert.deepEqual(await redis.zrange("{avicbot}:words", "0", "-1"), ["a", "kept", "x"]);
  });

  test("dead letters are kept whole, listed, and dropped", async () => {
    const { db } = server;
    const letter = {
      key: hashOf("d@x"),
      messageId: "d@x",
      source: "s",
      lists: [],
      at: "2026-01-01T00:00:00Z",
      reason: "r",
    };
    await buryLetter(db, letter, Buffer.from("bytes"));
    assert.deepEqual(await listDeadLetters(db), [letter]);
    assert.equal((await findDeadLetter(db, letter.key))?.bytes.toString(), "bytes");
    await dropDeadLetter(db, letter.key);
    assert.deepEqual(await listDeadLetters(db), []);
  });

  test("the layout is brought up step by step, and a newer one refused", async () => {
    const { db, redis } = server;
    const ran: number[] = [];
    const migration = (to: number) => ({ to, run: () => Promise.resolve(void ran.push(to)) });
    await ensureSchema(db);
    await ensureSchema(db, [migration(3), migration(4), migration(5)], 5);
    await ensureSchema(db, [migration(4), migration(5)], 5);
    assert.deepEqual(ran, [4, 5]);
    assert.equal(await redis.get("{avicbot}:schema"), "5");
    await assert.rejects(ensureSchema(db), /schema 5, this avicbot knows 3/);
  });

  test("every key stays in one hash slot", async () => {
    const { db, redis } = server;
    await replaceSeries(db, [], [aSeries({ id: "cover@x", parts: ["p1@x"] })]);
    await acquireLease(db, "s", 1000);
    for (const name of await redis.keys("*")) assert.match(name, /^\{avicbot\}:/);
  });
});
