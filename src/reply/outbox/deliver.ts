/**
 * One round of one mail: look on the list, ask whether it may go out, mark it, send it, note what came of it.
 * May be killed anywhere and run twice at a time: of two runners one marks the record, the other lets go.
 */
import { boundary } from "../../killpoint.ts";
import { advance, type OutboxEvent, type OutboxSettings } from "./machine.ts";
import type {
  GateAnswer,
  Ledger,
  LedgerAnswer,
  Loaded,
  OutboxStore,
  SendOutcome,
  Transport,
} from "./ports.ts";
import { isDue, isIntact, type OutboxRecord } from "./record.ts";

export interface DeliveryPorts {
  readonly store: OutboxStore;
  readonly ledger: Ledger;
  readonly transport: Transport;
  /** The policy, asked again with what is known now. */
  readonly gate: (record: OutboxRecord) => Promise<GateAnswer>;
  /** The emergency stop: why nothing may be sent; read at the last moment. */
  readonly stopped: () => Promise<string | null>;
  readonly now: () => number;
  readonly settings: OutboxSettings;
}

const TRIES = 20;

/** Applies an event to whatever the record is by now. Null: the event no longer fits. */
async function note(ports: DeliveryPorts, key: string, event: OutboxEvent): Promise<OutboxRecord | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const loaded = await ports.store.load(key);
    if (loaded === null) return null;
    const next = advance(loaded.record, event, { now: ports.now(), settings: ports.settings });
    if (!next.ok) return null;
    if (await ports.store.replace(loaded, next.record)) return next.record;
  }
  throw new Error(`the outbox record ${key} changed ${TRIES} times while it was being written`);
}

/** What the ledger's answer means for the record; null: it may be sent. */
function eventOfLook(record: OutboxRecord, answer: LedgerAnswer): OutboxEvent | null {
  switch (answer.kind) {
    case "found":
      return { type: "found", where: answer.where };
    case "absent":
      return record.state === "sending" ? { type: "absent" } : null;
    case "blind":
      return record.state === "sending" ? { type: "unseen", blind: true, text: answer.text } : null;
    case "unavailable":
      return { type: "unseen", blind: false, text: answer.text };
  }
}

function eventOfGate(answer: GateAnswer): OutboxEvent | null {
  switch (answer.kind) {
    case "go":
      return null;
    case "wait":
      return { type: "wait", until: answer.until, reason: answer.reason };
    case "hold":
    case "drop":
      return { type: answer.kind, reason: answer.reason };
  }
}

function eventOfOutcome(outcome: Exclude<SendOutcome, { kind: "abandoned" }>): OutboxEvent {
  const { kind, ...facts } = outcome;
  return { type: kind, ...facts } as OutboxEvent;
}

async function look(ports: DeliveryPorts, record: OutboxRecord): Promise<LedgerAnswer> {
  const { messageId, answered, sender, createdAt } = record;
  return ports.ledger.find({ messageId, answered, from: sender, since: createdAt });
}

/** Why it may not go out; null: it may. The stop is asked first, it costs least. */
async function objection(ports: DeliveryPorts, record: OutboxRecord): Promise<OutboxEvent | null> {
  if (!isIntact(record)) return { type: "hold", reason: "its bytes are not those it was made with" };
  const stop = await ports.stopped();
  if (stop !== null) return { type: "wait", until: ports.now() + ports.settings.lookEveryMs, reason: stop };
  return eventOfGate(await ports.gate(record));
}

/** Marks the record right before its first byte: whoever cannot mark it must not send it. */
async function begin(ports: DeliveryPorts, loaded: Loaded): Promise<boolean> {
  if ((await ports.stopped()) !== null) return false;
  const next = advance(loaded.record, { type: "begin" }, { now: ports.now(), settings: ports.settings });
  if (!next.ok || !(await ports.store.replace(loaded, next.record))) return false;
  boundary("sending");
  return true;
}

async function send(ports: DeliveryPorts, loaded: Loaded): Promise<OutboxRecord | null> {
  const { record } = loaded;
  boundary("intent");
  const { sender, recipients } = record;
  const parcel = { bytes: Buffer.from(record.mail, "latin1"), sender, recipients };
  const outcome = await ports.transport.send(parcel, () => begin(ports, loaded));
  if (outcome.kind === "abandoned") return (await ports.store.load(record.key))?.record ?? null;
  if (outcome.kind === "accepted") boundary("accepted");
  const noted = await note(ports, record.key, eventOfOutcome(outcome));
  boundary("acked");
  return noted;
}

/**
 * Does what is due for a mail. Returns the record after it, null if there is none or somebody else moved it
 * meanwhile. Rejects only when the store does.
 */
export async function deliver(key: string, ports: DeliveryPorts): Promise<OutboxRecord | null> {
  const loaded = await ports.store.load(key);
  if (loaded === null) return null;
  const { record } = loaded;
  const waiting = record.state === "intent" || record.state === "sending";
  if (!waiting || !isDue(record, ports.now())) return record;
  const seen = eventOfLook(record, await look(ports, record));
  if (seen !== null) return note(ports, key, seen);
  const stop = await objection(ports, record);
  if (stop !== null) return note(ports, key, stop);
  return send(ports, loaded);
}
