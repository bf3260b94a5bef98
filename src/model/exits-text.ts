/** The account of exits in sentences. */
import { ACCESSES } from "../x2apic.ts";
import type { ExitCause, ExitReason, Exits, ExitsOfReason, HandlerCase } from "./exits.ts";
import { accessPhrase, INSTRUCTION, listed, registersPhrase } from "./phrase.ts";

const REASON_NAME: Readonly<Record<ExitReason, string>> = {
  "msr-intercept": "MSR intercept",
  "unaccelerated-fault": "AVIC_UNACCELERATED_ACCESS, fault",
  "unaccelerated-trap": "AVIC_UNACCELERATED_ACCESS, trap",
  "incomplete-ipi": "AVIC_INCOMPLETE_IPI",
  unknown: "Unknown whether it exits",
};

function causePhrase({ access, msrs, when }: ExitCause): string {
  const phrase = accessPhrase(access, msrs.map(Number));
  return when === null ? phrase : `${phrase} when ${when}`;
}

function causesPhrase(causes: readonly ExitCause[]): string {
  return causes.length === 0 ? "none" : causes.map(causePhrase).join("; ");
}

/** One key for every access and state that can exit. */
function keysOf(causes: readonly ExitCause[]): string[] {
  return causes.flatMap(({ access, msrs, when }) => msrs.map((msr) => `${access} ${msr} ${when ?? ""}`));
}

function missingFrom(causes: readonly ExitCause[], others: readonly ExitCause[]): string[] {
  const known = new Set(keysOf(others));
  return keysOf(causes).filter((key) => !known.has(key));
}

function same(one: readonly ExitCause[], other: readonly ExitCause[]): boolean {
  return missingFrom(one, other).length === 0 && missingFrom(other, one).length === 0;
}

function counted(keys: readonly string[]): string {
  const counts = ACCESSES.map((access) => {
    return { access, count: keys.filter((key) => key.startsWith(access)).length };
  });
  const some = counts.filter(({ count }) => count > 0);
  return some.length === 0
    ? "none"
    : listed(some.map(({ access, count }) => `${count} ${INSTRUCTION[access]}`));
}

/** Intercepts are many, and the table shows each: a count is enough. */
function interceptLine({ reason, old, new: now }: ExitsOfReason): string {
  const more = counted(missingFrom(now, old));
  const fewer = counted(missingFrom(old, now));
  return `${REASON_NAME[reason]}: more by ${more}, fewer by ${fewer}.`;
}

function reasonLine(exits: ExitsOfReason): string[] {
  const { reason, old, new: now } = exits;
  const changed = !same(old, now);
  if (reason === "msr-intercept") return changed ? [interceptLine(exits)] : [];
  if (changed) return [`${REASON_NAME[reason]}: before ${causesPhrase(old)}; after ${causesPhrase(now)}.`];
  return old.length === 0 ? [] : [`${REASON_NAME[reason]}: as before, ${causesPhrase(old)}.`];
}

/** What is left of AVIC_UNACCELERATED_ACCESS, where the series does away with some of it. */
function remainderLine(exits: Exits): string[] {
  const unaccelerated = exits.reasons.filter(({ reason }) => reason.startsWith("unaccelerated"));
  const before = unaccelerated.flatMap(({ old }) => old);
  const after = unaccelerated.flatMap(({ new: now }) => now);
  if (same(before, after) || missingFrom(after, before).length > 0) return [];
  const doubt = exits.reasons.some(({ reason, new: now }) => reason === "unknown" && now.length > 0);
  const known = doubt ? ", as far as is known," : "";
  const what = after.length === 0 ? "can no longer occur" : `remains for nothing but ${causesPhrase(after)}`;
  return [`With x2AVIC on, AVIC_UNACCELERATED_ACCESS${known} ${what}.`];
}

function casesLine(cases: readonly HandlerCase[], says: string): string[] {
  const msrs = cases.filter(({ helper }) => helper === null).map(({ msr }) => Number(msr));
  const helpers = cases.flatMap(({ helper }) => (helper === null ? [] : [`${helper}()`]));
  const subjects = [
    ...(msrs.length > 0 ? [`is_avic_unaccelerated_access_trap() for ${registersPhrase(msrs)}`] : []),
    ...(helpers.length > 0 ? [listed([...new Set(helpers)])] : []),
  ];
  return subjects.length === 0 ? [] : [`${says}: ${subjects.join("; ")}.`];
}

/** The handler's cases that x2AVIC cannot reach, where the series makes some of them so. */
function handlerLines({ handler }: Exits): string[] {
  const lost = handler.filter(({ reachable }) => reachable.old && !reachable.new);
  const never = handler.filter(({ reachable }) => !reachable.old && !reachable.new);
  if (lost.length === 0) return [];
  return [
    ...casesLine(lost, "No longer reached by an exit with x2AVIC on"),
    ...casesLine(never, "Not reached by an exit with x2AVIC on, before or after"),
  ];
}

/** Sentences on the exits that the series changes, one a line; empty when it changes none. */
export function exitLines(exits: Exits): string[] {
  if (exits.reasons.every(({ old, new: now }) => same(old, now))) return [];
  return [...exits.reasons.flatMap(reasonLine), ...remainderLine(exits), ...handlerLines(exits)];
}
