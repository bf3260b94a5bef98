/** A store, a ledger and a clock of a test's own for `deliver`. */
import type { DeliveryPorts } from "../../../src/reply/outbox/deliver.ts";
import type { GateAnswer, LedgerAnswer, Loaded } from "../../../src/reply/outbox/ports.ts";
import { newRecord, type NewMail, type OutboxRecord } from "../../../src/reply/outbox/record.ts";
import type { OutboxSettings } from "../../../src/reply/outbox/machine.ts";
import { smtpTransport } from "../../../src/reply/outbox/smtp.ts";

const MINUTE = 60_000;

export const settings: OutboxSettings = {
  echoWaitMs: 30 * MINUTE,
  lookEveryMs: MINUTE,
  backoffMs: 5 * MINUTE,
  giveUpMs: 48 * 60 * MINUTE,
  unknown: "hold",
};

export function sampleRecord(parts: Partial<NewMail> = {}): OutboxRecord {
  return newRecord({
    key: "k1",
    kind: "reply",
    thread: "t1",
    messageId: "avicbot.0123@bots.example.net",
    bytes: Buffer.from("From: a@b\r\nSubject: Re: caf\u00e9\r\n\r\n.dot\r\n\ttab | 0x811 |\r\n"),
    sender: "avicbot@bots.example.net",
    recipients: ["jane@example.com", "kvm@vger.kernel.org"],
    state: "intent",
    reason: null,
    now: 0,
    ...parts,
  });
}

export interface World extends Omit<DeliveryPorts, "gate"> {
  gate: DeliveryPorts["gate"];
  time: number;
  record: OutboxRecord;
  /** What the ledger says; by default that it does not have the mail. */
  answer: LedgerAnswer;
  gateAnswer: GateAnswer;
  stop: string | null;
  /** Runs right after the record was read, as another process would. */
  meanwhile: () => void;
}

export function makeWorld(
  url: string,
  parts: { record?: OutboxRecord; unknown?: "hold" | "resend" } = {},
): World {
  const world: World = {
    time: 0,
    record: parts.record ?? sampleRecord(),
    answer: { kind: "absent" },
    gateAnswer: { kind: "go" },
    stop: null,
    meanwhile: () => undefined,
    now: () => world.time,
    settings: { ...settings, unknown: parts.unknown ?? "hold" },
    stopped: () => Promise.resolve(world.stop),
    gate: () => Promise.resolve(world.gateAnswer),
    ledger: { find: () => Promise.resolve(world.answer), close: () => Promise.resolve() },
    transport: smtpTransport({ url, timeoutMs: 300 }),
    store: {
      load: () => Promise.resolve({ record: world.record, stamp: JSON.stringify(world.record) }),
      replace(former: Loaded, next: OutboxRecord) {
        world.meanwhile();
        if (former.stamp !== JSON.stringify(world.record)) return Promise.resolve(false);
        world.record = next;
        return Promise.resolve(true);
      },
    },
  };
  return world;
}
