import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { simpleParser } from "mailparser";
import { makeReply, type MadeReply } from "../../src/queue/reply/make.ts";
import { moveReply, type Move } from "../../src/queue/reply/move.ts";
import { deliveryPorts, sendDue } from "../../src/queue/reply/send.ts";
import { joinLedgers } from "../../src/reply/outbox/ledgers.ts";
import { smtpTransport } from "../../src/reply/outbox/smtp.ts";
import type { UnsealedReview } from "../../src/review/types.ts";
import { findDecision } from "../../src/store/decisions.ts";
import { hashOf } from "../../src/store/keys.ts";
import { mute, setStop } from "../../src/store/mutes.ts";
import { findReply, listReplies } from "../../src/store/replies.ts";
import { storeReview } from "../../src/store/reviews.ts";
import { stateOf } from "../../src/store/series.ts";
import { sampleReview } from "../review/sample.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { startHarness, type Harness } from "./harness.ts";
import { patchMail } from "./patches.ts";

describe("from a review to a mail", { skip: noRedis }, () => {
  let server: TestRedis;
  let smtp: ScriptedSmtp;
  let harness: Harness;
  before(async () => {
    server = await startTestRedis();
    smtp = await startScriptedSmtp();
  });
  after(async () => {
    await smtp.stop();
    await server.stop();
  });
  beforeEach(async () => {
    await server.redis.flushdb();
    smtp.taken.length = 0;
  });

  async function start(settings: Record<string, unknown> = {}): Promise<void> {
    harness = await startHarness(server, {
      mode: "auto",
      mail: { from: "avicbot@bots.example.net" },
      limits: { replyWithinDays: 100_000 },
      ...settings,
    });
  }

  /** A patch arrives and its review is there; `parts` replace parts of the review. */
  async function reviewed(version: number, parts: Partial<UnsealedReview> = {}): Promise<MadeReply> {
    const id = `v${version}@example.org`;
    const tag = version === 1 ? {} : { tag: `v${version}` };
    await harness.deliver(patchMail({ id, minute: version * 1440, ...tag }));
    const series = await harness.find(id);
    assert.ok(series !== null);
    const base = sampleReview();
    const patch = { index: 1, messageId: id, subject: "x", changesSets: true, postImageVerified: true };
    const review = sampleReview({
      series: { ...base.series, messageId: id, version, total: 1, patches: [patch] },
      ...parts,
    });
    const { db } = harness.service.context;
    await storeReview(db, { series: series.key, inputs: series.inputs, review });
    return makeReply(harness.service.context, series.key);
  }

  async function send() {
    const { context } = harness.service;
    const transport = smtpTransport({ url: smtp.url, timeoutMs: 2000 });
    return sendDue(context, deliveryPorts(context, { transport, ledger: joinLedgers([]) }));
  }

  const stateNow = async (version: number) => {
    const series = await harness.find(`v${version}@example.org`);
    assert.ok(series !== null);
    return stateOf(series);
  };

  test("auto: to the author and the list, in the thread, and the series is replied to", async (context) => {
    await start();
    context.after(() => harness.close());
    const { record } = await reviewed(1);
    assert.equal(await stateNow(1), "sending");
    await send();
    const [mail] = smtp.taken;
    assert.ok(mail !== undefined && record !== null);
    assert.equal(mail.bytes.toString("latin1"), record.mail);
    assert.deepEqual(mail.recipients, ["ann@example.org", "kvm@vger.kernel.org"]);
    const parsed = await simpleParser(mail.bytes);
    assert.equal(parsed.inReplyTo, "<v1@example.org>");
    assert.match(parsed.text ?? "", /\| 0x811\.\.0x817 /);
    assert.equal(await stateNow(1), "replied");
    assert.equal((await harness.find(record.messageId))?.id, "v1@example.org");
    await makeReply(harness.service.context, record.key);
    await send();
    assert.equal(smtp.taken.length, 1);
  });

  test("v1, v2 with other rows, v3 with those of v2: two replies", async (context) => {
    await start();
    context.after(() => harness.close());
    const [first, ...rest] = sampleReview().rows;
    assert.ok(first !== undefined);
    const other = { rows: [{ ...first, write: { ...first.write, new: "HW" } }, ...rest] };
    await reviewed(1);
    await send();
    await reviewed(2, other);
    await send();
    assert.equal(await stateNow(1), "superseded");
    const third = await reviewed(3, other);
    await send();
    assert.equal(smtp.taken.length, 2);
    assert.equal(third.outcome, "none: same-rows");
    assert.equal(await stateNow(3), "unchanged");
  });

  test("hold: nothing goes out, and the decision is kept with its steps", async (context) => {
    await start({ mode: "hold" });
    context.after(() => harness.close());
    const { record } = await reviewed(1);
    await send();
    assert.equal(record?.state, "held");
    assert.equal(await stateNow(1), "held");
    const decision = await findDecision(harness.service.context.db, hashOf("v1@example.org"));
    assert.equal(
      decision?.steps.find(({ stage, outcome }) => stage === "reply" && outcome === "stopped")?.rule,
      "mode",
    );
    assert.equal(smtp.taken.length, 0);
  });

  test("approved: it goes out; held again before that: it does not", async (context) => {
    await start({ mode: "hold" });
    context.after(() => harness.close());
    const { context: service } = harness.service;
    const move = (name: Move) => moveReply(service, "<v1@example.org>", { move: name, by: "pat" });
    await reviewed(1);
    assert.ok((await move("approve")).ok);
    assert.ok((await move("hold")).ok);
    await send();
    assert.equal(smtp.taken.length, 0);
    assert.equal(await stateNow(1), "held");
    await move("approve");
    await send();
    assert.equal(smtp.taken.length, 1);
    assert.equal((await move("approve")).ok, false);
  });

  test("what may never be sent cannot be approved, and what is ignored is dropped", async (context) => {
    await start({ mode: "hold" });
    context.after(() => harness.close());
    const { context: service } = harness.service;
    const finding = {
      rule: "r",
      severity: "critical",
      msr: "0x830",
      access: "write" as const,
      text: "reachable",
    };
    await reviewed(1, { findings: [finding] });
    const approved = await moveReply(service, "v1@example.org", { move: "approve", by: "pat" });
    assert.ok(!approved.ok);
    assert.match(approved.reason, /only the moderators are told: reachable/);
    const ignored = await moveReply(service, "v1@example.org", { move: "ignore", by: "pat" });
    assert.ok(ignored.ok && ignored.record?.state === "dropped");
    assert.equal(await stateNow(1), "ignored");
    assert.equal((await moveReply(service, "other@x", { move: "ignore", by: "pat" })).ok, false);
  });

  test("a newer version that comes before it went out stops it", async (context) => {
    await start();
    context.after(() => harness.close());
    const { record } = await reviewed(1);
    await reviewed(2);
    await send();
    assert.equal(smtp.taken.length, 1);
    assert.match(smtp.taken[0]?.bytes.toString("latin1") ?? "", /In-Reply-To: <v2@example\.org>/);
    assert.equal((await findReply(server.db, record?.key ?? ""))?.value.state, "dropped");
  });

  const none: [string, Partial<UnsealedReview>, string][] = [
    ["undetermined", { verdict: "undetermined", reason: "no base", rows: [] }, "none: verdict"],
    ["unchanged", { verdict: "unchanged" }, "none: verdict"],
  ];
  for (const [name, parts, outcome] of none) {
    test(`${name}: no mail is made`, async (context) => {
      await start();
      context.after(() => harness.close());
      assert.equal((await reviewed(1, parts)).outcome, outcome);
      assert.deepEqual(await listReplies(server.db), []);
    });
  }

  test("a muted author, an emergency stop, a critical finding: nothing goes out", async (context) => {
    await start();
    context.after(() => harness.close());
    await mute(server.db, { kind: "person", name: "ann@example.org" }, "ann@example.org");
    assert.equal((await reviewed(1)).outcome, "none: muted-author");
    await server.redis.flushdb();
    await reviewed(1);
    await setStop(server.db, "wrong table");
    assert.match((await send())[0]?.reason ?? "", /stopped: wrong table/);
    await server.redis.flushdb();
    const finding = {
      rule: "r",
      severity: "critical",
      msr: "0x830",
      access: "write" as const,
      text: "reachable",
    };
    const made = await reviewed(1, { findings: [finding] });
    assert.deepEqual([made.outcome, made.record?.state], ["moderators", "held"]);
    await send();
    assert.equal(smtp.taken.length, 0);
  });
});
