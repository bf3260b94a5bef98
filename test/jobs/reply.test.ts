import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { simpleParser } from "mailparser";
import { makeReply } from "../../src/queue/reply/make.ts";
import { moveReply, type Move } from "../../src/queue/reply/move.ts";
import type { UnsealedReview } from "../../src/review/types.ts";
import { findDecision } from "../../src/store/decisions.ts";
import { hashOf } from "../../src/store/keys.ts";
import { mute, setStop } from "../../src/store/mutes.ts";
import { findReply, listReplies, mailRemoval } from "../../src/store/replies.ts";
import { noteDecided } from "../../src/store/reviews.ts";
import { stateOf } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";
import { startHarness, type Harness } from "./harness.ts";
import { arriveReviewed, replySettings, sendAll, useServers, withOtherWrite } from "./reviewed.ts";

describe("from a review to a mail", { skip: noRedis }, () => {
  const servers = useServers();
  let harness: Harness;

  async function start(settings: Record<string, unknown> = {}): Promise<void> {
    harness = await startHarness(servers.server, replySettings(settings));
  }

  const reviewed = (version: number, parts: Partial<UnsealedReview> = {}, headers?: string) =>
    arriveReviewed(harness, version, { parts, headers });
  const send = () => sendAll(harness, servers.smtp);

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
    const [mail] = servers.smtp.taken;
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
    assert.equal(servers.smtp.taken.length, 1);
  });

  test("a mail that Redis lost after its series had heard of it is made again", async (context) => {
    await start();
    context.after(() => harness.close());
    const { record } = await reviewed(1);
    const series = await harness.find("v1@example.org");
    assert.ok(record !== null && series !== null);
    const { db } = harness.service.context;
    await noteDecided(db, { series: series.key, inputs: series.inputs });
    for (const [command, ...words] of mailRemoval(record)) await db.redis.call(command, ...words);
    await harness.work();
    await untilStored(db.redis, () => findReply(db, record.key));
    await send();
    assert.equal(servers.smtp.taken.length, 1);
    assert.equal(await stateNow(1), "replied");
  });

  test("v1, v2 with other rows, v3 with those of v2: two replies", async (context) => {
    await start();
    context.after(() => harness.close());
    const other = withOtherWrite("HW");
    await reviewed(1);
    await send();
    await reviewed(2, other);
    await send();
    assert.equal(await stateNow(1), "superseded");
    const third = await reviewed(3, other);
    await send();
    assert.equal(servers.smtp.taken.length, 2);
    const [first = "", second = ""] = servers.smtp.taken.map(({ bytes }) => bytes.toString("latin1"));
    assert.doesNotMatch(first, /against/);
    assert.match(second, /\r\nv2 against v1: 1 row differs\.\r\n/);
    assert.match(second, /\| 0x802 +\| APIC_ID +\| HW +\| HW +\| MSR_INT:#GP +\| \* HW +\|/);
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
    assert.equal(servers.smtp.taken.length, 0);
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
    assert.equal(servers.smtp.taken.length, 0);
    assert.equal(await stateNow(1), "held");
    await move("approve");
    await send();
    assert.equal(servers.smtp.taken.length, 1);
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
    assert.equal(servers.smtp.taken.length, 1);
    assert.match(servers.smtp.taken[0]?.bytes.toString("latin1") ?? "", /In-Reply-To: <v2@example\.org>/);
    assert.equal((await findReply(servers.server.db, record?.key ?? ""))?.value.state, "dropped");
  });

  test("somebody who opts out before it went out: it is held and says so", async (context) => {
    await start({ lists: [{ address: "kvm@vger.kernel.org", recipients: "all" }] });
    context.after(() => harness.close());
    const { record } = await reviewed(1, {}, "Cc: Kim <kim@example.org>");
    assert.deepEqual(record?.recipients, ["ann@example.org", "kvm@vger.kernel.org", "kim@example.org"]);
    await mute(servers.server.db, { kind: "person", name: "kim@example.org" }, "kim@example.org");
    const [held] = await send();
    assert.deepEqual([held?.state, held?.reason], ["held", "kim@example.org wants no mail from avicbot"]);
    const { record: second } = await reviewed(2, {}, "Cc: Kim <kim@example.org>");
    assert.deepEqual(second?.recipients, ["ann@example.org", "kvm@vger.kernel.org"]);
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
      assert.deepEqual(await listReplies(servers.server.db), []);
    });
  }

  test("a muted author, an emergency stop, a critical finding: nothing goes out", async (context) => {
    await start();
    context.after(() => harness.close());
    await mute(servers.server.db, { kind: "person", name: "ann@example.org" }, "ann@example.org");
    assert.equal((await reviewed(1)).outcome, "none: muted-author");
    await servers.server.redis.flushdb();
    await reviewed(1);
    await setStop(servers.server.db, "wrong table");
    assert.match((await send())[0]?.reason ?? "", /stopped: wrong table/);
    await servers.server.redis.flushdb();
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
    assert.equal(servers.smtp.taken.length, 0);
  });
});
