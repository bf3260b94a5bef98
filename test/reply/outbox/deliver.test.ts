import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { deliver } from "../../../src/reply/outbox/deliver.ts";
import type { OutboxState } from "../../../src/reply/outbox/record.ts";
import { startScriptedSmtp, type Fault } from "../../support/smtp.ts";
import { makeWorld, sampleRecord } from "./world.ts";

const smtp = await startScriptedSmtp();
after(() => smtp.stop());
beforeEach(() => {
  smtp.taken.length = 0;
  smtp.faults.length = 0;
});

const FOUND = { kind: "found", where: "in kvm" } as const;
const MINUTE = 60_000;

test("the server gets exactly the bytes and the envelope of the record", async () => {
  const world = makeWorld(smtp.url);
  const record = await deliver("k1", world);
  assert.equal(record?.state, "sent");
  assert.match(record.response ?? "", /^250/);
  const [mail] = smtp.taken;
  assert.equal(mail?.bytes.toString("latin1"), world.record.mail);
  assert.equal(mail.sender, "avicbot@bots.example.net");
  assert.deepEqual(mail.recipients, ["jane@example.com", "kvm@vger.kernel.org"]);
  await deliver("k1", world);
  assert.equal(smtp.taken.length, 1);
});

/** A fault, the state after it, what the reason says, and how many mails the server has. */
const faults: [string, Fault, OutboxState, RegExp, number][] = [
  ["4xx as a banner", { banner: [421, "busy"] }, "intent", /busy/, 0],
  ["4xx at MAIL", { mail: [451, "greylisted"] }, "intent", /greylisted/, 0],
  ["4xx at RCPT", { rcpt: [450, "try later"] }, "intent", /later/, 0],
  ["4xx after the mail", { final: [452, "no room"] }, "intent", /no room/, 0],
  ["5xx as a banner", { banner: [554, "go away"] }, "refused", /go away/, 0],
  ["5xx at MAIL", { mail: [550, "unknown sender"] }, "refused", /unknown sender/, 0],
  ["5xx at RCPT", { rcpt: [550, "no such list"] }, "refused", /no such list/, 0],
  ["5xx after the mail", { final: [554, "spam"] }, "refused", /spam/, 0],
  ["no banner", { banner: "silence" }, "intent", /./, 0],
  ["gone before DATA", { rcpt: "close" }, "intent", /./, 0],
  ["gone in the mail", { inData: "close" }, "sending", /unknown outcome/, 0],
  ["gone after the dot", { final: "close" }, "sending", /unknown outcome/, 1],
  ["silence after the dot", { final: "silence" }, "sending", /unknown outcome/, 1],
];
for (const [name, fault, state, reason, taken] of faults) {
  test(`${name}: ${state}`, async () => {
    smtp.faults.push(fault);
    const world = makeWorld(smtp.url);
    await deliver("k1", world);
    assert.equal(world.record.state, state);
    assert.match(world.record.reason ?? "", reason);
    assert.equal(smtp.taken.length, taken);
  });
}

test("one refused recipient of two is noted and nothing is sent again", async () => {
  smtp.faults.push({ rcpt: [550, "no such user"], rcptOf: "jane@example.com" });
  const world = makeWorld(smtp.url);
  await deliver("k1", world);
  assert.equal(world.record.state, "sent");
  assert.deepEqual(world.record.accepted, ["kvm@vger.kernel.org"]);
  assert.equal(world.record.rejected[0]?.address, "jane@example.com");
  assert.match(world.record.reason ?? "", /jane@example\.com: 550 no such user/);
});

test("a server that says later is asked again with growing pauses, for two days", async () => {
  const world = makeWorld(smtp.url);
  const pauses: number[] = [];
  while (world.record.state === "intent") {
    smtp.faults.push({ mail: [451, "later"] });
    await deliver("k1", world);
    if (world.record.dueAt === null) break;
    pauses.push((world.record.dueAt - world.time) / MINUTE);
    world.time = world.record.dueAt;
  }
  assert.deepEqual(pauses.slice(0, 8), [5, 10, 20, 40, 80, 160, 240, 240]);
  assert.equal(world.record.state, "refused");
  assert.match(world.record.reason ?? "", /given up after \d+ tries: 451 later/);
  assert.ok(world.time <= 48 * 60 * MINUTE && world.time > 40 * 60 * MINUTE);
  assert.equal(smtp.taken.length, 0);
});

test("what the server took in silence is found on the list and not sent again", async () => {
  smtp.faults.push({ final: "close" });
  const world = makeWorld(smtp.url);
  await deliver("k1", world);
  world.answer = FOUND;
  const record = await deliver("k1", world);
  assert.equal(record?.state, "echoed");
  assert.equal(smtp.taken.length, 1);
});

test("an unknown outcome that stays unknown is held with its reason", async () => {
  smtp.faults.push({ inData: "close" });
  const world = makeWorld(smtp.url);
  await deliver("k1", world);
  for (world.time = 0; world.time < 30 * MINUTE; world.time += MINUTE) {
    await deliver("k1", world);
    assert.equal(world.record.state, "sending");
  }
  await deliver("k1", world);
  assert.equal(world.record.state, "held");
  assert.match(world.record.reason ?? "", /unknown outcome, and not on the list/);
  assert.equal(smtp.connections() > 0 && smtp.taken.length, 0);
});

test("where it may be sent again, the very same bytes go out once more and no third time", async () => {
  smtp.faults.push({ final: "close" }, { final: "close" });
  const world = makeWorld(smtp.url, { unknown: "resend" });
  for (world.time = 0; world.time < 90 * MINUTE; world.time += MINUTE) await deliver("k1", world);
  assert.equal(world.record.state, "held");
  assert.equal(smtp.taken.length, 2);
  assert.deepEqual(smtp.taken[0]?.bytes, smtp.taken[1]?.bytes);
});

test("a sender killed after the mark: the ledger is asked first", async () => {
  const dead = { ...sampleRecord(), state: "sending" as const, sendingSince: 0 };
  const world = makeWorld(smtp.url, { record: dead });
  await deliver("k1", world);
  assert.equal(world.record.state, "sending");
  world.time = world.record.dueAt ?? 0;
  world.answer = FOUND;
  await deliver("k1", world);
  assert.equal(world.record.state, "echoed");
  assert.equal(smtp.taken.length, 0);
});

test("with no folder to look in, an unknown outcome is held at once, but a first try is made", async () => {
  smtp.faults.push({ final: "close" });
  const world = makeWorld(smtp.url);
  world.answer = { kind: "blind", text: "there is no folder to look in" };
  await deliver("k1", world);
  assert.equal(smtp.taken.length, 1);
  await deliver("k1", world);
  assert.equal(world.record.state, "held");
  assert.match(world.record.reason ?? "", /no folder/);
});

test("a ledger that cannot be asked: nothing is sent, and it is asked again", async () => {
  const world = makeWorld(smtp.url);
  world.answer = { kind: "unavailable", text: "the IMAP server is away" };
  await deliver("k1", world);
  assert.equal(world.record.state, "intent");
  assert.match(world.record.reason ?? "", /IMAP/);
  world.answer = { kind: "absent" };
  await deliver("k1", world);
  assert.equal(smtp.taken.length, 0);
  world.time = world.record.dueAt ?? 0;
  await deliver("k1", world);
  assert.equal(world.record.state, "sent");
});

test("after the loss of all records the list's copy is found before the first try", async () => {
  const world = makeWorld(smtp.url);
  world.answer = FOUND;
  await deliver("k1", world);
  assert.equal(world.record.state, "echoed");
  assert.equal(smtp.taken.length, 0);
});

test("the emergency stop holds before the connection, and right before the first byte", async () => {
  const world = makeWorld(smtp.url);
  world.stop = "stopped by pat";
  const before = smtp.connections();
  await deliver("k1", world);
  assert.equal(smtp.connections(), before);
  assert.match(world.record.reason ?? "", /stopped by pat/);
  world.stop = null;
  world.time = world.record.dueAt ?? 0;
  world.gate = () => {
    world.stop = "stopped while connecting";
    return Promise.resolve({ kind: "go" });
  };
  await deliver("k1", world);
  assert.equal(smtp.connections(), before + 1);
  assert.equal(world.record.state, "intent");
  assert.equal(smtp.taken.length, 0);
});

const gates: ["hold" | "drop", OutboxState][] = [
  ["hold", "held"],
  ["drop", "dropped"],
];
for (const [kind, state] of gates) {
  test(`the policy is asked again before SMTP: ${kind}`, async () => {
    const world = makeWorld(smtp.url);
    world.gateAnswer = { kind, reason: "v3 takes its place" };
    await deliver("k1", world);
    assert.deepEqual([world.record.state, world.record.reason], [state, "v3 takes its place"]);
    assert.equal(smtp.taken.length, 0);
  });
}

test("of two senders of one mail one lets go before the first byte", async () => {
  const world = makeWorld(smtp.url);
  await Promise.all([deliver("k1", world), deliver("k1", world)]);
  assert.equal(world.record.state, "sent");
  assert.equal(smtp.taken.length, 1);
});

test("a newer version that comes while the server is greeted stops the mail", async () => {
  const world = makeWorld(smtp.url);
  let first = true;
  world.meanwhile = () => {
    if (first) world.record = { ...world.record, state: "dropped", reason: "superseded" };
    first = false;
  };
  await deliver("k1", world);
  assert.equal(world.record.state, "dropped");
  assert.equal(smtp.taken.length, 0);
});

test("bytes that are not those of the checksum are never sent", async () => {
  const record = sampleRecord();
  const world = makeWorld(smtp.url, { record: { ...record, mail: record.mail.replace("0x811", "0x812") } });
  await deliver("k1", world);
  assert.equal(world.record.state, "held");
  assert.match(world.record.reason ?? "", /bytes/);
  assert.equal(smtp.taken.length, 0);
});

test("a server that is not there is tried again later", async () => {
  const world = makeWorld("smtp://127.0.0.1:1");
  await deliver("k1", world);
  assert.equal(world.record.state, "intent");
  assert.equal(world.record.dueAt, 5 * MINUTE);
});
