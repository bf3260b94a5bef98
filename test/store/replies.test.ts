import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { advance } from "../../src/reply/outbox/machine.ts";
import { newRecord, type OutboxRecord } from "../../src/reply/outbox/record.ts";
import {
  findThreadMute,
  findMute,
  listMutes,
  mute,
  noteAsked,
  readStop,
  setStop,
  unmute,
} from "../../src/store/mutes.ts";
import {
  addReply,
  countSent,
  dropLetters,
  findReply,
  findReplyById,
  listDue,
  listReplies,
  mailRemoval,
  replaceReply,
} from "../../src/store/replies.ts";
import { findSeriesById, replaceSeries, removal } from "../../src/store/series.ts";
import { transact } from "../../src/store/transact.ts";
import { settings } from "../reply/outbox/world.ts";
import { aSeries } from "./samples.ts";
import { noRedis, startTestRedis, type TestRedis } from "./test-redis.ts";

const HOUR = 3_600_000;

describe("the outbox in the store", { skip: noRedis }, () => {
  let server: TestRedis;
  before(async () => (server = await startTestRedis()));
  after(() => server.stop());
  beforeEach(() => server.redis.flushdb());

  function aMail(name: string, parts: Partial<OutboxRecord> = {}): OutboxRecord {
    const record = newRecord({
      key: name,
      kind: "reply",
      thread: "root@x",
      messageId: `avicbot.${name}@bots.example.net`,
      bytes: Buffer.from("Subject: caf\u00e9\r\n\r\n\ttable\r\n"),
      sender: "avicbot@bots.example.net",
      recipients: ["a@x", "kvm@vger.kernel.org"],
      lists: ["kvm@vger.kernel.org"],
      state: "intent",
      reason: null,
      now: server.db.time,
    });
    return { ...record, ...parts };
  }

  async function move(name: string, ...events: Parameters<typeof advance>[1][]): Promise<OutboxRecord> {
    for (const event of events) {
      const found = await findReply(server.db, name);
      assert.ok(found !== null);
      const next = advance(found.value, event, { now: server.db.time, settings });
      assert.ok(next.ok);
      assert.ok(await replaceReply(server.db, found, next.record));
    }
    const found = await findReply(server.db, name);
    assert.ok(found !== null);
    return found.value;
  }

  const accepted = { type: "accepted", response: "250", accepted: [], rejected: [] } as const;

  test("a mail is kept byte for byte, and a second one under its key is not", async () => {
    const record = aMail("r1");
    assert.ok(await addReply(server.db, record));
    assert.equal(await addReply(server.db, aMail("r1", { messageId: "other@x" })), false);
    assert.deepEqual((await findReply(server.db, "r1"))?.value, record);
  });

  test("of two changes to the same mail the second does not hold", async () => {
    await addReply(server.db, aMail("r1"));
    const found = await findReply(server.db, "r1");
    assert.ok(found !== null);
    assert.ok(await replaceReply(server.db, found, { ...found.value, reason: "one" }));
    assert.equal(await replaceReply(server.db, found, { ...found.value, reason: "two" }), false);
  });

  test("what is due is listed until it is out", async () => {
    await addReply(server.db, aMail("r1"));
    await addReply(server.db, aMail("r2", { dueAt: server.db.time + 1000 }));
    await addReply(server.db, aMail("r3", { state: "held", dueAt: null }));
    assert.deepEqual(await listDue(server.db), ["r1"]);
    await move("r1", { type: "begin" }, accepted);
    assert.deepEqual(await listDue(server.db), []);
    assert.equal((await listReplies(server.db)).length, 3);
  });

  test("what was put off by a clock that is set back since is due", async () => {
    await addReply(
      server.db,
      aMail("r1", { changedAt: server.db.time + HOUR, dueAt: server.db.time + HOUR + 1 }),
    );
    await addReply(server.db, aMail("r2", { dueAt: server.db.time + HOUR }));
    assert.deepEqual(await listDue(server.db), ["r1"]);
  });

  test("a mail that may be out counts, one that failed does not", async () => {
    const counts = (except = "none") =>
      countSent(server.db, { thread: "root@x", lists: ["KVM@vger.kernel.org"], except });
    await addReply(server.db, aMail("r1"));
    assert.deepEqual(await counts(), { inThread: 0, today: 0, onListToday: 0 });
    await move("r1", { type: "begin" });
    assert.deepEqual(await counts(), { inThread: 1, today: 1, onListToday: 1 });
    assert.deepEqual(await counts("r1"), { inThread: 0, today: 0, onListToday: 0 });
    await move("r1", { type: "failed", final: false, text: "later" });
    assert.deepEqual(await counts(), { inThread: 0, today: 0, onListToday: 0 });
    await move("r1", { type: "begin" }, accepted);
    server.db.time += 86_400_001;
    assert.deepEqual(await counts(), { inThread: 1, today: 0, onListToday: 0 });
  });

  test("answers and notices count for no list", async () => {
    await addReply(server.db, aMail("n1", { kind: "notice" }));
    await move("n1", { type: "begin" }, accepted);
    const counts = await countSent(server.db, { thread: "root@x", lists: [], except: "" });
    assert.deepEqual(counts, { inThread: 0, today: 0, onListToday: 0 });
  });

  test("a series is found by the id of its reply, and forgotten with it", async () => {
    const series = aSeries({ id: "cover@x" });
    await replaceSeries(server.db, [], [series]);
    await addReply(server.db, aMail(series.key, { series: series.key }));
    const found = await findSeriesById(server.db, `avicbot.${series.key}@bots.example.net`);
    assert.equal(found?.value.id, "cover@x");
    assert.ok(removal(series).some(([command, name]) => command === "ZREM" && name.endsWith(":outbox")));
  });

  test("a mail that is forgotten leaves what its thread counts, and that for a time", async () => {
    const { db, redis } = server;
    await addReply(db, aMail("r1"));
    await transact(db, [], mailRemoval(await move("r1", { type: "begin" }, accepted)));
    const left = await redis.keys("*");
    assert.deepEqual(
      left.map((name) => name.split(":")[1]),
      ["sent-thread"],
    );
    assert.ok((await redis.ttl(left[0] ?? "")) > 0);
  });

  test("threads and people are muted and unmuted", async () => {
    const person = { kind: "person", name: "Jane@Example.com" } as const;
    await mute(server.db, person, "jane@example.com");
    await mute(server.db, { kind: "thread", name: "cover@x" }, "pat@example.org");
    assert.equal(
      (await findMute(server.db, { kind: "person", name: "jane@example.com" }))?.by,
      "jane@example.com",
    );
    assert.equal((await findThreadMute(server.db, ["other@x", "cover@x"]))?.by, "pat@example.org");
    await unmute(server.db, person);
    assert.equal(await findMute(server.db, person), null);
    assert.equal(await findThreadMute(server.db, ["other@x"]), null);
  });

  test("the stop is read as it was set", async () => {
    await setStop(server.db, "wrong table on the list");
    assert.equal(await readStop(server.db), "wrong table on the list");
    await setStop(server.db, null);
    assert.equal(await readStop(server.db), null);
  });

  test("answers and notices are forgotten after a time, replies and what waits are not", async () => {
    await addReply(server.db, aMail("a1", { kind: "answer", state: "sent", dueAt: null, series: "s1" }));
    await addReply(server.db, aMail("n1", { kind: "notice" }));
    await addReply(server.db, aMail("r1", { state: "sent", dueAt: null }));
    assert.equal(await dropLetters(server.db, server.db.time - 1), 0);
    assert.equal(await dropLetters(server.db, server.db.time), 1);
    assert.deepEqual((await listReplies(server.db)).map(({ key }) => key).sort(), ["n1", "r1"]);
    assert.equal(await findReplyById(server.db, "avicbot.a1@bots.example.net"), null);
    assert.equal((await findReplyById(server.db, "avicbot.r1@bots.example.net"))?.value.key, "r1");
  });

  test("what a sender asked for is counted for a day, and a mail counts once", async () => {
    const ask = (address: string, mail: string) => noteAsked(server.db, { what: "help", address, mail });
    assert.equal(await ask("a@x", "m1"), 0);
    assert.equal(await ask("A@X", "m2"), 1);
    assert.equal(await ask("a@x", "m1"), 1);
    assert.equal(await ask("b@x", "m3"), 0);
    server.db.time += 86_400_001;
    assert.equal(await ask("a@x", "m4"), 0);
  });

  test("what is muted is listed, the latest first, until it is lifted", async () => {
    await mute(server.db, { kind: "person", name: "a@x" }, "a@x");
    server.db.time += 1000;
    await mute(server.db, { kind: "thread", name: "root@x" }, "pat");
    assert.deepEqual(
      (await listMutes(server.db)).map(({ kind, name, by }) => [kind, name, by]),
      [
        ["thread", "root@x", "pat"],
        ["person", "a@x", "a@x"],
      ],
    );
    await unmute(server.db, { kind: "person", name: "A@x" });
    assert.equal((await listMutes(server.db)).length, 1);
  });
});
