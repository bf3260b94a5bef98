/** The account of exits in sentences. */
import type { ExitCause, ExitReason, Exits, ExitsOfReason, HandlerCase } from "./exits.ts";
import { accessPhrase, listed, registersPhrase } from "./phrase.ts";

/** How the field calls an access in a certain state. */
function causePhrase({ access, msrs, when }: ExitCause): string {
  if (isLevelTriggeredEoi({ access, msrs, when })) return "EOI writes of level-triggered interrupts";
  const phrase = accessPhrase(access, msrs.map(Number));
  return when === null ? phrase : `${phrase} when ${when}`;
}

function isLevelTriggeredEoi({ access, msrs, when }: ExitCause): boolean {
  return access === "write" && msrs.join() === "0x80b" && when === "the interrupt is level-triggered";
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

/** The instruction and state that all causes share; null where they differ. */
function sharedBy(causes: readonly ExitCause[]): Pick<ExitCause, "access" | "when"> | null {
  const [first] = causes;
  const shared = causes.every(({ access, when }) => access === first?.access && when === first.when);
  return first !== undefined && shared ? first : null;
}

function msrsOf(causes: readonly ExitCause[]): number[] {
  return causes.flatMap(({ msrs }) => msrs.map(Number));
}

/** Both sides; what they share is said once. */
function sidesPhrase(old: readonly ExitCause[], now: readonly ExitCause[]): string {
  const shared = sharedBy([...old, ...now]);
  if (shared === null || old.length === 0 || missingFrom(old, now).length > 0)
    return `before, ${causesPhrase(old)}; after, ${causesPhrase(now)}`;
  const before = msrsOf(old);
  const added = registersPhrase(msrsOf(now).filter((msr) => !before.includes(msr)));
  const when = shared.when === null ? "" : `, when ${shared.when}`;
  return `${accessPhrase(shared.access, before)}, now also of ${added}${when}`;
}

/** Intercepts are many, and the table shows each. */
function interceptLine({ old, new: now }: ExitsOfReason): string[] {
  return same(old, now) ? [] : ["MSR intercept: the MSR_INT cells of the table."];
}

function reasonLine(name: string, { old, new: now }: ExitsOfReason): string[] {
  if (!same(old, now)) return [`${name}: ${sidesPhrase(old, now)}.`];
  return old.length === 0 ? [] : [`${name}: as before, ${causesPhrase(old)}.`];
}

const FLAVOURS = [
  { reason: "unaccelerated-fault", name: "fault" },
  { reason: "unaccelerated-trap", name: "trap" },
] as const;

function flavoursPhrase(exits: Exits, side: "old" | "new"): string {
  const parts = FLAVOURS.flatMap(({ reason, name }) => {
    const causes = exits.reasons.find((one) => one.reason === reason)?.[side] ?? [];
    return causes.length === 0 ? [] : [`${name} on ${causesPhrase(causes)}`];
  });
  return parts.length === 0 ? "none" : parts.join("; ");
}

/** Faults and traps together, and what is left of them where the series does away with some. */
function unacceleratedLines(exits: Exits): string[] {
  const unaccelerated = exits.reasons.filter(({ reason }) => reason.startsWith("unaccelerated"));
  const before = unaccelerated.flatMap(({ old }) => old);
  const after = unaccelerated.flatMap(({ new: now }) => now);
  const name = "AVIC_UNACCELERATED_ACCESS";
  const was = flavoursPhrase(exits, "old");
  if (unaccelerated.every(({ old, new: now }) => same(old, now)))
    return before.length === 0 ? [] : [`${name}: as before, ${was}.`];
  if (missingFrom(after, before).length > 0)
    return [`${name}: before, ${was}; after, ${flavoursPhrase(exits, "new")}.`];
  const doubt = exits.reasons.some(({ reason, new: now }) => reason === "unknown" && now.length > 0);
  const known = doubt ? ", as far as is known," : "";
  const left =
    after.length === 0
      ? "can no longer occur"
      : `remains for ${after.map(causePhrase).join(" and for ")} alone`;
  return [`${name}: before, ${was}. Afterwards it${known} ${left}.`];
}

function casesPhrase(cases: readonly HandlerCase[]): string {
  const msrs = cases.filter(({ helper }) => helper === null).map(({ msr }) => Number(msr));
  const helpers = cases.flatMap(({ helper }) => (helper === null ? [] : [`${helper}()`]));
  return [
    ...(msrs.length > 0 ? [`is_avic_unaccelerated_access_trap() for ${registersPhrase(msrs)}`] : []),
    ...(helpers.length > 0 ? [listed([...new Set(helpers)])] : []),
  ].join("; ");
}

/** The handler's cases that the series puts out of x2AVIC's reach. */
function handlerLines({ handler }: Exits): string[] {
  const lost = handler.filter(({ reachable }) => reachable.old && !reachable.new);
  return lost.length === 0 ? [] : [`No longer reached with x2AVIC on: ${casesPhrase(lost)}.`];
}

/** Sentences on the exits that the series changes, one a line; empty when it changes none. */
export function exitLines(exits: Exits): string[] {
  if (exits.reasons.every(({ old, new: now }) => same(old, now))) return [];
  const of = (wanted: ExitReason) => exits.reasons.filter(({ reason }) => reason === wanted);
  return [
    ...of("msr-intercept").flatMap(interceptLine),
    ...unacceleratedLines(exits),
    ...of("incomplete-ipi").flatMap((one) => reasonLine("AVIC_INCOMPLETE_IPI", one)),
    ...of("unknown").flatMap((one) => reasonLine("Unknown whether it exits", one)),
    ...handlerLines(exits),
  ];
}
