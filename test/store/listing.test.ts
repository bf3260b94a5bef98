import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { newRecord } from "../../src/reply/outbox/record.ts";
import { listDescribed } from "../../src/store/describe.ts";
import { eventsAfter, latestEvent } from "../../src/store/events.ts";
import { hashOf, key, singleKey } from "../../src/store/keys.ts";
import { BadCursor, listSeries, type ListQuery } from "../../src/store/listing.ts";
import { encodeRecord } from "../../src/store/record.ts";
import { addReply, countReplies, findReply, replaceReply } from "../../src/store/replies.ts";
import { storeReview } from "../../src/store/reviews.ts";
import { ensureSchema } from "../../src/store/schema.ts";
import { changeSeries, findSeries, replaceSeries, seriesKey, type Reviewed } from "../../src/store/series.ts";
import { settleVersions } from "../../src/store/versions.ts";
import { sampleReview } from "../review/sample.ts";
import { aSeries, type Sample } from "./samples.ts";
import { noRedis, startTestRedis, type TestRedis } from "./test-redis.ts";

const critical = {
  rule: "r",
  severity: "critical",
  msr: "0x830",
  access: "write" as const,
  text: "reachable",
};

function reviewedAs(sample: Sample, parts: Partial<Reviewed> = {}): Sample {
  const { inputs } = aSeries(sample);
  const summary = { changedCells: 0, worst: null, base: null };
  const reviewed = { inputs, verdict: "changed", digest: "d", at: "2026-01-01T00:00:00Z", summary, ...parts };
  return { ...sample, reviewed };
}

describe("lists of series", { skip: noRedis }, () => {
  let server: TestRedis;
  before(async () => void (server = await startTestRedis()));
  after(() => server.stop());
  beforeEach(() => server.redis.flushdb());

  const add = (...samples: Sample[]) => replaceSeries(server.db, [], samples.map(aSeries));
  const query = (parts: Partial<ListQuery>): ListQuery => ({
    state: "pending",
    order: "date",
    ascending: false,
    limit: 50,
    audience: "public",
    ...parts,
  });
  const ids = async (parts: Partial<ListQuery> = {}) =>
    (await listSeries(server.db, query(parts))).series.map((one) => one.id);

  async function some(): Promise<void> {
    await add(
      reviewedAs(
        {
          id: "a@x",
          title: "KVM: x2AVIC timer",
          author: "ann@x",
          authorName: "Ann Author",
          date: "2026-01-03",
        },
        { summary: { changedCells: 7, worst: null, base: null } },
      ),
      {
        id: "b@x",
        parts: ["b1@x"],
        title: "Other",
        author: "bob@y",
        authorName: "Bob",
        date: "2026-01-02",
        lists: ["lkml.example"],
        progress: "collecting",
      },
      reviewedAs(
        {
          id: "c@x",
          parts: ["c1@x"],
          title: "x2APIC things",
          author: "cy@z",
          authorName: "Cy",
          date: "2026-01-01",
          progress: "unchanged",
        },
        { verdict: "unchanged", summary: { changedCells: 1, worst: "info", base: null } },
      ),
      {
        id: "d@x",
        parts: ["d1@x"],
        title: "Old",
        date: "2025-01-01",
        closed: { state: "merged", by: "rule", at: 5, reason: "in next", successor: null },
      },
    );
  }

  const cases: [string, Partial<ListQuery>, string[]][] = [
    ["newest first", {}, ["a@x", "b@x", "c@x"]],
    ["oldest first", { ascending: true }, ["c@x", "b@x", "a@x"]],
    ["one state", { state: "collecting" }, ["b@x"]],
    ["closed ones on demand", { state: "closed" }, ["d@x"]],
    ["all", { state: "all", order: "activity" }, ["a@x", "b@x", "c@x", "d@x"]],
    ["a verdict", { verdict: "unchanged" }, ["c@x"]],
    ["an address", { author: "BOB@y" }, ["b@x"]],
    ["a word of a name", { author: "author" }, ["a@x"]],
    ["a list's id", { list: "lkml.example" }, ["b@x"]],
    ["a list's address", { list: "kvm@vger.kernel.org" }, ["a@x", "c@x"]],
    ["words, by how they begin", { text: "x2A" }, ["a@x", "c@x"]],
    ["several words", { text: "x2a timer" }, ["a@x"]],
    ["a word nobody wrote", { text: "zebra" }, []],
    ["by author", { order: "author", ascending: true }, ["a@x", "b@x", "c@x"]],
    ["by changed cells", { order: "changes" }, ["a@x", "c@x", "b@x"]],
    [
      "filters together",
      { state: "unchanged", verdict: "unchanged", author: "cy@z", text: "things" },
      ["c@x"],
    ],
  ];
  test("filters, orders and search", async () => {
    await some();
    for (const [name, parts, wanted] of cases) assert.deepEqual(await ids(parts), wanted, name);
  });

  test("what changed is found by what it is now, and no more by what it was", async () => {
    await some();
    await changeSeries(server.db, seriesKey("a@x"), (one) => ({
      ...one,
      title: "New words",
      parts: one.parts.map((part) => ({ ...part, title: "New words" })),
      progress: "failed",
    }));
    assert.deepEqual(await ids({ text: "timer" }), []);
    assert.deepEqual(await ids({ text: "new" }), ["a@x"]);
    assert.deepEqual(await ids({ state: "failed" }), ["a@x"]);
    assert.deepEqual(await ids({ state: "held" }), []);
    const found = await findSeries(server.db, seriesKey("a@x"));
    assert.ok(found !== null && (await replaceSeries(server.db, [found], [])));
    assert.deepEqual(await ids({ state: "all", text: "new" }), []);
  });

  for (const filter of [{}, { text: "patch" }, { order: "author" as const }]) {
    test(`pages hold every series once, also of the same date: ${JSON.stringify(filter)}`, async () => {
      await add(...Array.from({ length: 25 }, (_, at) => ({ id: `s${at}@x`, parts: [`p${at}@x`] })));
      await add(
        reviewedAs(
          { id: "h@x", parts: ["h1@x"] },
          { summary: { changedCells: 0, worst: "critical", base: null } },
        ),
      );
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listSeries(server.db, query({ ...filter, limit: 7, cursor }));
        assert.equal(page.total, 25);
        seen.push(...page.series.map((one) => one.id));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      assert.equal(seen.length, 25);
      assert.equal(new Set(seen).size, 25);
      await assert.rejects(listSeries(server.db, query({ ...filter, cursor: "x" })), BadCursor);
    });
  }

  test("a series with a critical finding is listed for an operator alone", async () => {
    await some();
    const series = await findSeries(server.db, seriesKey("a@x"));
    assert.ok(series !== null);
    await changeSeries(server.db, series.value.key, (one) => ({
      ...one,
      progress: "reviewing",
      reviewed: null,
    }));
    const review = sampleReview({ findings: [critical] });
    await storeReview(server.db, { series: series.value.key, inputs: series.value.inputs, review });
    for (const parts of [{}, { text: "timer" }, { author: "ann@x" }, { verdict: "changed" }]) {
      assert.ok(!(await ids(parts)).includes("a@x"), JSON.stringify(parts));
      assert.ok((await ids({ ...parts, audience: "operator" })).includes("a@x"), JSON.stringify(parts));
    }
  });

  test("a line says versions, parts, base, cells and the reply", async () => {
    const { db } = server;
    const base = { how: "blob" as const, revision: "abc", verified: true };
    const older = aSeries({ id: "v1@x", parts: ["q1@x"], titles: ["T"], title: "T" });
    const summary = { changedCells: 4, worst: "warning" as const, base };
    const newer = aSeries(
      reviewedAs(
        { id: "v2@x", title: "T", titles: ["T"], version: 2, total: 2, date: "2026-02-01" },
        { summary },
      ),
    );
    await replaceSeries(db, [], [older, { ...newer, missing: [2] }]);
    await settleVersions(db, newer);
    const mail = { thread: "t", messageId: "r@b", bytes: Buffer.from("m"), sender: "s@b", recipients: [] };
    const made = {
      ...mail,
      kind: "reply" as const,
      state: "held" as const,
      reason: "mode hold",
      now: db.time,
    };
    await addReply(db, newRecord({ ...made, key: newer.key, series: newer.key }));
    const { series } = await listDescribed(db, query({}));
    const [line] = series;
    assert.deepEqual(line?.versions, [{ version: 1, messageId: "v1@x", state: "superseded" }]);
    assert.deepEqual(line?.parts, { received: 1, total: 2, missing: [2] });
    assert.deepEqual([line?.base, line?.changedCells, line?.worstFinding], [base, 4, "warning"]);
    assert.deepEqual(line?.reply, { messageId: "r@b", state: "held", reason: "mode hold" });
  });

  test("replies are counted by state, those of hidden series for an operator alone", async () => {
    const { db } = server;
    const hidden = reviewedAs({ id: "h@x" }, { summary: { changedCells: 0, worst: "critical", base: null } });
    await add(hidden, { id: "b@x", parts: ["b1@x"] });
    for (const id of ["h@x", "b@x"]) {
      const name = seriesKey(id);
      const mail = {
        thread: id,
        messageId: `re-${id}`,
        bytes: Buffer.from("m"),
        sender: "s@b",
        recipients: [],
      };
      const made = { ...mail, kind: "reply" as const, state: "held" as const, reason: null, now: db.time };
      await addReply(db, newRecord({ ...made, key: name, series: name }));
    }
    assert.deepEqual([await countReplies(db, "held", true), await countReplies(db, "held", false)], [2, 1]);
    const found = await findReply(db, seriesKey("b@x"));
    assert.ok(found !== null && (await replaceReply(db, found, { ...found.value, state: "sent" })));
    assert.deepEqual([await countReplies(db, "held", false), await countReplies(db, "sent", false)], [0, 1]);
    const series = await findSeries(db, seriesKey("b@x"));
    assert.ok(series !== null && (await replaceSeries(db, [series], [])));
    assert.equal(await countReplies(db, "sent", true), 0, "forgotten with its series");
  });

  test("every change is announced in its order", async () => {
    const { db, redis } = server;
    const start = await latestEvent(redis);
    await add({ id: "a@x" });
    await changeSeries(db, seriesKey("a@x"), (one) => ({ ...one, progress: "failed" }));
    const events = await eventsAfter(redis, start);
    assert.deepEqual(
      events.map((one) => one.series),
      [seriesKey("a@x"), seriesKey("a@x")],
    );
    assert.deepEqual(await eventsAfter(redis, events[1]?.id ?? ""), []);
  });

  test("records of schema 1 are brought up: lists, summaries, indexes, states of replies", async () => {
    const { db, redis } = server;
    const { lists, ...former } = aSeries(reviewedAs({ id: "old@x", title: "Timer" }));
    assert.ok(former.reviewed !== null);
    const { summary, ...reviewed } = former.reviewed;
    assert.deepEqual([lists.length, summary.changedCells], [1, 0]);
    const review = sampleReview({ findings: [critical] });
    const decision = {
      key: hashOf("p1@x"),
      messageId: "p1@x",
      lists: ["kvm.vger.kernel.org"],
      sources: [],
      content: "",
      steps: [],
    };
    await redis.set(key("series", former.key), encodeRecord({ ...former, reviewed }));
    await redis.set(
      key("review", former.key),
      encodeRecord({ series: former.key, inputs: former.inputs, at: "", review }),
    );
    await redis.set(key("decision", hashOf("p1@x")), encodeRecord(decision));
    await redis.zadd(singleKey("open"), 1, former.key);
    await redis.set(key("series", "damaged"), "001:0 {}");
    await redis.zadd(singleKey("open"), 2, "damaged");
    await redis.set(singleKey("schema"), 1);
    await ensureSchema(db);
    assert.equal(await redis.get(singleKey("schema")), "3");
    const found = await findSeries(db, former.key);
    assert.deepEqual(found?.value.lists, ["kvm.vger.kernel.org"]);
    assert.equal(found?.value.reviewed?.summary.changedCells, 2);
    const asked = { state: "held" as const, text: "timer", list: "kvm.vger.kernel.org" };
    assert.deepEqual(await ids({ ...asked, audience: "operator" }), ["old@x"]);
    assert.deepEqual(await ids(asked), [], "it has a critical finding");
  });
});
