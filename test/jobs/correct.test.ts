import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { correctSeries, listAnswered, type Correction } from "../../src/queue/reply/correct.ts";
import { moveReply } from "../../src/queue/reply/move.ts";
import type { ReviewRequest } from "../../src/queue/runner.ts";
import type { UnsealedReview } from "../../src/review/types.ts";
import { countReplies, findReply, listReplies } from "../../src/store/replies.ts";
import { dropOldSeries } from "../../src/store/retention.ts";
import { findReview } from "../../src/store/reviews.ts";
import { mute } from "../../src/store/mutes.ts";
import { stateOf } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import type { Harness } from "./harness.ts";
import {
  arriveReviewed,
  reviewOfVersion,
  sendAll,
  useServers,
  versionId,
  withOtherWrite,
} from "./reviewed.ts";

const FINDING = { severity: "warning", msr: "0x802", access: "write" } as const;

describe("correcting what was said", { skip: noRedis }, () => {
  const servers = useServers();
  let harness: Harness;
  before(async () => {
    harness = await servers.start();
  });

  const fixed = withOtherWrite("HW");

  async function answered(parts: Partial<UnsealedReview> = {}): Promise<void> {
    await arriveReviewed(harness, 1, { parts });
    await sendAll(harness, servers.smtp);
    assert.equal(servers.smtp.taken.length, 1);
  }

  /** Corrects v1 with the model of today, which says this. */
  async function correct(
    parts: Partial<UnsealedReview>,
    asked: (request: ReviewRequest) => void = () => undefined,
  ): Promise<Correction> {
    const series = await harness.find(versionId(1));
    assert.ok(series !== null);
    return correctSeries(harness.service.context, series, (request) => {
      asked(request);
      return Promise.resolve({ review: reviewOfVersion(1, parts), grounds: null });
    });
  }

  const approve = (id: string) => moveReply(harness.service.context, id, { move: "approve", by: "pat" });

  test("what holds is left alone", async () => {
    await answered();
    const { outcome, difference } = await correct({});
    assert.deepEqual([outcome, difference], ["same", ""]);
    assert.equal((await listReplies(servers.server.db)).length, 1);
  });

  test("a wrong row: shown, held, and nothing goes out before a person approves it", async () => {
    await answered();
    const { outcome, difference, record } = await correct(fixed);
    assert.equal(outcome, "made");
    assert.match(difference, /\| 0x802 +\| APIC_ID +\| HW +\| HW +\| MSR_INT:#GP +\| \* HW +\|/);
    await sendAll(harness, servers.smtp);
    assert.equal(servers.smtp.taken.length, 1);
    assert.deepEqual([record?.state, record?.kind], ["held", "correction"]);
    assert.ok((await approve(record?.messageId ?? "")).ok);
    await sendAll(harness, servers.smtp);
    assert.equal(servers.smtp.taken.length, 2);
    const [reply = "", correction = ""] = servers.smtp.taken.map(({ bytes }) => bytes.toString("latin1"));
    const id = /^Message-ID: (<.*>)\r$/m.exec(reply)?.[1] ?? "";
    assert.ok(correction.includes(`\r\nIn-Reply-To: ${id}\r\n`));
    assert.match(correction, /\r\n> \| 0x802 .*MSR_INT:#GP \|\r\n/);
    assert.match(correction, /\r\nCorrection of the reply above.*: 1 row differs\./);
    assert.deepEqual(servers.smtp.taken[1]?.recipients, servers.smtp.taken[0]?.recipients);
    const series = await harness.find(versionId(1));
    assert.equal(series === null ? null : stateOf(series), "replied");
  });

  test("once: asked again it is known; sent, it is what was said", async () => {
    await answered();
    const { record } = await correct(fixed);
    assert.equal((await correct(fixed)).outcome, "known");
    assert.equal((await listReplies(servers.server.db)).length, 2);
    await approve(record?.messageId ?? "");
    await sendAll(harness, servers.smtp);
    assert.equal((await correct(fixed)).outcome, "same");
    const back = await correct({});
    assert.equal(back.outcome, "made");
    assert.notEqual(back.record?.messageId, record?.messageId);
  });

  test("with all records lost, a correction on the list is what was said", async () => {
    await answered();
    const { record } = await correct(fixed);
    await approve(record?.messageId ?? "");
    await sendAll(harness, servers.smtp);
    const mails = servers.smtp.taken.map(({ bytes }) => bytes.toString("latin1"));
    await servers.server.redis.flushdb();
    for (const mail of mails.reverse()) await harness.deliver(mail);
    await arriveReviewed(harness, 1);
    assert.equal((await correct(fixed)).outcome, "same");
    const states = (await listReplies(servers.server.db)).map(({ kind, state }) => `${kind} ${state}`);
    assert.deepEqual(states.sort(), ["correction echoed", "reply echoed"]);
  });

  test("until it is out, a later model's correction takes its place, or drops it", async () => {
    await answered();
    const first = await correct(fixed);
    const second = await correct(withOtherWrite("UAA(t)"));
    assert.equal(second.outcome, "made");
    assert.equal(first.record?.key, second.record?.key);
    assert.equal((await correct({})).outcome, "same");
    assert.equal((await findReply(servers.server.db, second.record?.key ?? ""))?.value.state, "dropped");
    await sendAll(harness, servers.smtp);
    assert.equal(servers.smtp.taken.length, 1);
  });

  test("a finding that does not stand is taken back, however the others are worded", async () => {
    const told = { ...FINDING, rule: "a", text: "Wrong." };
    const kept = { ...FINDING, rule: "b", text: "Right." };
    await answered({ findings: [told, kept] });
    assert.equal((await correct({ findings: [told, { ...kept, text: "Reworded." }] })).outcome, "same");
    const { record, text } = await correct({ findings: [kept] });
    assert.match(text, /^1 finding does not stand; /);
    assert.match(record?.mail ?? "", /Findings that do not stand:\r\n- Wrong\.\r\n/);
  });

  test("critical today: kept from the list, also when somebody approves it", async () => {
    await answered();
    const critical = { ...FINDING, severity: "critical", rule: "c", text: "Reachable." };
    const { record } = await correct({ ...fixed, findings: [critical] });
    assert.equal(record?.state, "held");
    const moved = await approve(record?.messageId ?? "");
    assert.ok(!moved.ok);
    assert.match(moved.reason, /only the moderators/);
  });

  test("nothing is made for what today's model cannot tell, nor for who wants no mail", async () => {
    await answered();
    const lost = await correct({ verdict: "undetermined", reason: "no base", rows: [] });
    assert.deepEqual([lost.outcome, lost.text], ["undetermined", "undetermined today: no base"]);
    const series = await harness.find(versionId(1));
    assert.equal((await findReview(servers.server.db, series?.key ?? ""))?.review.verdict, "changed");
    await mute(servers.server.db, { kind: "person", name: "ann@example.org" }, "ann@example.org");
    assert.equal((await correct(fixed)).outcome, "refused");
    assert.equal((await listReplies(servers.server.db)).length, 1);
  });

  test("the base is the one that was spoken of, where the branch has moved on", async () => {
    await answered();
    const bases: (string | undefined)[] = [];
    const base = { how: "branch", revision: "f".repeat(40), verified: false, note: "moved" } as const;
    await correct({ base }, ({ base: given }) => bases.push(given));
    assert.deepEqual(bases, [undefined, reviewOfVersion(1).base?.revision]);
  });

  test("a series that is forgotten takes its reply and corrections along", async () => {
    await answered();
    await correct(fixed);
    assert.equal((await listReplies(servers.server.db)).length, 2);
    const { context } = harness.service;
    await moveReply(context, versionId(1), { move: "ignore", by: "pat" });
    await dropOldSeries(
      { ...context.db, now: () => Date.now() + 86_400_000 },
      { closedDays: 0, uninterestingDays: 0 },
    );
    assert.deepEqual(await listReplies(servers.server.db), []);
    assert.equal(await countReplies(servers.server.db, "held", true), 0);
  });

  test("all that was answered is found, and a series without a reply says so", async () => {
    await answered();
    await arriveReviewed(harness, 2, { parts: { verdict: "unchanged" } });
    const all = await listAnswered(harness.service.context);
    assert.deepEqual(
      all.map(({ id }) => id),
      [versionId(1)],
    );
    const second = await harness.find(versionId(2));
    assert.ok(second !== null);
    const review = () => Promise.resolve({ review: reviewOfVersion(2), grounds: null });
    assert.equal((await correctSeries(harness.service.context, second, review)).outcome, "unsaid");
  });
});
