/**
 * The life of an outbox record as a pure function: what happened, and the record after it. The one rule behind
 * it: from `sending` nothing leads to another try but the list's own word that the mail is not there.
 */
import type { OutboxRecord, OutboxState, Rejection } from "./record.ts";

export interface OutboxSettings {
  /** An unknown outcome waits this long for the mail to show on the list. */
  readonly echoWaitMs: number;
  /** Between two looks. */
  readonly lookEveryMs: number;
  readonly backoffMs: number;
  readonly giveUpMs: number;
  readonly unknown: "hold" | "resend";
}

export type OutboxEvent =
  | { readonly type: "approve"; readonly by: string }
  | { readonly type: "hold"; readonly reason: string }
  | { readonly type: "drop"; readonly reason: string }
  /** Not now: the emergency stop, or a ledger that cannot be asked. */
  | { readonly type: "wait"; readonly until: number; readonly reason: string }
  /** DATA begins. */
  | { readonly type: "begin" }
  | {
      readonly type: "accepted";
      readonly response: string;
      readonly accepted: readonly string[];
      readonly rejected: readonly Rejection[];
    }
  /** The server said no, or was never given a byte of the mail. */
  | { readonly type: "failed"; readonly final: boolean; readonly text: string }
  /** The connection ended after DATA had begun and before its answer. */
  | { readonly type: "lost"; readonly text: string }
  /** The ledger has it. */
  | { readonly type: "found"; readonly where: string }
  /** The ledger does not have it. */
  | { readonly type: "absent" }
  /** There is no ledger, or it cannot be asked. */
  | { readonly type: "unseen"; readonly blind: boolean; readonly text: string };

export type Advance =
  { readonly ok: true; readonly record: OutboxRecord } | { readonly ok: false; readonly reason: string };

export interface Moment {
  readonly now: number;
  readonly settings: OutboxSettings;
}

/** Longest pause between two tries. */
const MAX_BACKOFF_MS = 4 * 3600_000;

/** In which states an event may come; elsewhere it is refused and changes nothing. */
const ALLOWED: Readonly<Record<OutboxEvent["type"], readonly OutboxState[]>> = {
  approve: ["held"],
  hold: ["intent"],
  drop: ["held", "intent"],
  wait: ["intent"],
  begin: ["intent"],
  accepted: ["sending", "held"],
  failed: ["intent", "sending"],
  lost: ["sending"],
  found: ["held", "intent", "sending", "sent", "refused", "dropped", "recorded"],
  absent: ["sending"],
  unseen: ["sending", "intent"],
};

/** The record after the event, or why the event cannot be. */
export function advance(record: OutboxRecord, event: OutboxEvent, moment: Moment): Advance {
  if (!ALLOWED[event.type].includes(record.state))
    return { ok: false, reason: `${event.type}: the mail is ${record.state}` };
  return { ok: true, record: { ...apply(record, event, moment), changedAt: moment.now } };
}

function apply(record: OutboxRecord, event: OutboxEvent, moment: Moment): OutboxRecord {
  const { now } = moment;
  switch (event.type) {
    case "approve":
      return { ...record, state: "intent", approvedBy: event.by, reason: null, dueAt: now, resends: 0 };
    case "hold":
      return { ...record, state: "held", reason: event.reason, dueAt: null };
    case "drop":
      return { ...record, state: "dropped", reason: event.reason, dueAt: null };
    case "wait":
      return { ...record, reason: event.reason, dueAt: event.until };
    case "begin":
      return afterBegin(record, moment);
    case "accepted":
      return afterAcceptance(record, event);
    case "failed":
      return afterFailure(record, event, moment);
    case "lost":
      return { ...record, reason: `unknown outcome: ${event.text}`, dueAt: now };
    case "found":
      return { ...record, state: "echoed", reason: event.where, dueAt: null, sendingSince: null };
    case "absent":
      return afterAbsence(record, moment);
    case "unseen":
      return afterBlindness(record, event, moment);
  }
}

/** A look at once would find a mail in delivery absent, and one by a dead sender is waited for as long. */
function afterBegin(record: OutboxRecord, { now, settings }: Moment): OutboxRecord {
  return {
    ...record,
    state: "sending",
    reason: null,
    tries: record.tries + 1,
    firstTryAt: record.firstTryAt ?? now,
    sendingSince: now,
    dueAt: now + settings.lookEveryMs,
  };
}

function afterAcceptance(
  record: OutboxRecord,
  event: Extract<OutboxEvent, { type: "accepted" }>,
): OutboxRecord {
  const { response, accepted, rejected } = event;
  const refused = rejected.map(({ address, text }) => `${address}: ${text}`).join("; ");
  const reason = rejected.length === 0 ? null : `refused for ${refused}`;
  return { ...record, state: "sent", reason, response, accepted, rejected, dueAt: null, sendingSince: null };
}

/** Doubling pauses until the time is up. */
function afterFailure(
  record: OutboxRecord,
  { final, text }: { final: boolean; text: string },
  { now, settings }: Moment,
): OutboxRecord {
  const begun = record.state === "sending";
  const tries = begun ? record.tries : record.tries + 1;
  const firstTryAt = record.firstTryAt ?? now;
  const common = { ...record, tries, firstTryAt, sendingSince: null };
  if (final) return { ...common, state: "refused", reason: text, dueAt: null };
  const pause = Math.min(settings.backoffMs * 2 ** Math.min(tries - 1, 20), MAX_BACKOFF_MS);
  if (now + pause - firstTryAt > settings.giveUpMs)
    return { ...common, state: "refused", reason: `given up after ${tries} tries: ${text}`, dueAt: null };
  return { ...common, state: "intent", reason: text, dueAt: now + pause };
}

function isOverdue(record: OutboxRecord, { now, settings }: Moment): boolean {
  return now - (record.sendingSince ?? now) >= settings.echoWaitMs;
}

function afterAbsence(record: OutboxRecord, moment: Moment): OutboxRecord {
  const { now, settings } = moment;
  if (!isOverdue(record, moment)) return { ...record, dueAt: now + settings.lookEveryMs };
  if (settings.unknown === "resend" && record.resends < 1)
    return { ...record, state: "intent", resends: record.resends + 1, dueAt: now, sendingSince: null };
  const reason = `unknown outcome, and not on the list: ${record.reason ?? "its sender died"}`;
  return { ...record, state: "held", reason, dueAt: null };
}

function afterBlindness(
  record: OutboxRecord,
  { blind, text }: { blind: boolean; text: string },
  moment: Moment,
): OutboxRecord {
  const dueAt = moment.now + moment.settings.lookEveryMs;
  if (record.state === "intent") return { ...record, reason: text, dueAt };
  if (!blind && !isOverdue(record, moment)) return { ...record, dueAt };
  return { ...record, state: "held", reason: `unknown outcome, and ${text}`, dueAt: null };
}
