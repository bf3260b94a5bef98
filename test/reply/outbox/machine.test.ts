import assert from "node:assert/strict";
import { test } from "node:test";
import { advance, type OutboxEvent } from "../../../src/reply/outbox/machine.ts";
import type { OutboxState } from "../../../src/reply/outbox/record.ts";
import { sampleRecord, settings } from "./world.ts";

const events: Record<OutboxEvent["type"], OutboxEvent> = {
  approve: { type: "approve", by: "pat@example.org" },
  hold: { type: "hold", reason: "r" },
  drop: { type: "drop", reason: "r" },
  wait: { type: "wait", until: 5, reason: "r" },
  begin: { type: "begin" },
  accepted: { type: "accepted", response: "250 ok", accepted: ["a@b"], rejected: [] },
  failed: { type: "failed", final: false, text: "r" },
  lost: { type: "lost", text: "r" },
  found: { type: "found", where: "in kvm" },
  absent: { type: "absent" },
  unseen: { type: "unseen", blind: false, text: "r" },
};

/** State, and what each event makes of it; events that are not named are refused. */
const table: [OutboxState, Partial<Record<OutboxEvent["type"], OutboxState>>][] = [
  ["held", { approve: "intent", drop: "dropped", accepted: "sent", found: "echoed" }],
  [
    "intent",
    {
      hold: "held",
      drop: "dropped",
      wait: "intent",
      begin: "sending",
      failed: "intent",
      found: "echoed",
      unseen: "intent",
    },
  ],
  [
    "sending",
    {
      accepted: "sent",
      failed: "intent",
      lost: "sending",
      found: "echoed",
      absent: "sending",
      unseen: "sending",
    },
  ],
  ["sent", { found: "echoed" }],
  ["echoed", {}],
  ["refused", { found: "echoed" }],
  ["dropped", { found: "echoed" }],
  ["recorded", { found: "echoed" }],
];

for (const [state, expected] of table) {
  test(`from ${state}`, () => {
    const record = { ...sampleRecord(), state, sendingSince: 0 };
    for (const [type, event] of Object.entries(events)) {
      const next = advance(record, event, { now: 1000, settings });
      const wanted = expected[type as OutboxEvent["type"]];
      assert.equal(next.ok ? next.record.state : undefined, wanted, `${state} + ${type}`);
      if (!next.ok) continue;
      const { mail, checksum, messageId } = next.record;
      assert.deepEqual({ mail, checksum, messageId }, pick(record));
    }
  });
}

function pick({ mail, checksum, messageId }: { mail: string; checksum: string; messageId: string }) {
  return { mail, checksum, messageId };
}

test("only an absence longer than the wait leads from an unknown outcome to another try, and once", () => {
  const moment = (now: number) => ({ now, settings: { ...settings, unknown: "resend" as const } });
  const sending = { ...sampleRecord(), state: "sending" as const, sendingSince: 0 };
  const early = advance(sending, events.absent, moment(settings.echoWaitMs - 1));
  assert.ok(early.ok && early.record.state === "sending");
  const late = advance(sending, events.absent, moment(settings.echoWaitMs));
  assert.ok(late.ok && late.record.state === "intent" && late.record.resends === 1);
  const again = advance({ ...sending, resends: 1 }, events.absent, moment(settings.echoWaitMs));
  assert.ok(again.ok && again.record.state === "held");
});
