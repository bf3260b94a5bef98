/** What differs between two evaluations of a kernel. */
import type { ConditionalSets, KernelBehaviour, Undetermined } from "../interception/behaviour.ts";
import { compareAll } from "../model/changes.ts";
import type { AccessChange } from "../model/changes.ts";
import type { Profile } from "../model/profile.ts";
import { ACCESSES, msrHex, SCENARIOS } from "../x2apic.ts";
import type { Access, AccessSet, ScenarioSets } from "../x2apic.ts";
import type { HexSet, ReviewCondition, ReviewSets } from "./types.ts";

/** An access of the active scenario that leads to something else than before. */
export interface ChangedAccess {
  readonly msr: number;
  readonly access: Access;
}

function comparison(old: KernelBehaviour, now: KernelBehaviour, profile: Profile): readonly AccessChange[] {
  return compareAll({
    old: old.sets.active,
    new: now.sets.active,
    oldAnswers: old.answers,
    newAnswers: now.answers,
    profile,
  });
}

function accessOf({ msr, access }: AccessChange): ChangedAccess {
  return { msr, access };
}

/** Accesses of 0x800..0x8FF whose interception or outcome with x2AVIC active differs. */
export function changedAccesses(
  old: KernelBehaviour,
  now: KernelBehaviour,
  profile: Profile,
): ChangedAccess[] {
  return comparison(old, now, profile)
    .filter((one) => one.old.passed !== one.new.passed || one.old.outcome.code !== one.new.outcome.code)
    .map(accessOf);
}

/** An answer of KVM's emulation that differs; with x2AVIC active it may not show. */
export interface ChangedAnswer extends ChangedAccess {
  readonly old: string;
  readonly new: string;
  /** Whether the cell of the table differs too. */
  readonly shown: boolean;
}

/**
 * Answers that the code of both trees settles and that differ. Where KVM does not emulate with x2AVIC
 * active, the guest still meets them whenever AVIC is off.
 */
export function changedAnswers(
  old: KernelBehaviour,
  now: KernelBehaviour,
  profile: Profile,
): ChangedAnswer[] {
  return comparison(old, now, profile)
    .filter(({ old: a, new: b }) => a.answer.from === "evaluated" && b.answer.from === "evaluated")
    .filter(({ old: a, new: b }) => a.answer.guest !== b.answer.guest)
    .map((one) => ({
      ...accessOf(one),
      old: one.old.answer.guest,
      new: one.new.answer.guest,
      shown: one.old.outcome.code !== one.new.outcome.code,
    }));
}

function setsText(sets: ScenarioSets): string {
  return SCENARIOS.map((scenario) => ACCESSES.map((access) => sets[scenario][access].join()).join("/")).join(
    ";",
  );
}

/** One text for everything that a guest can notice of a behaviour but KVM's answers. */
function openAccessesText({ sets, conditions, outside }: KernelBehaviour): string {
  const ways = conditions.map((way) => `${way.when}: ${setsText(way.sets)}`);
  const beyond = outside.map(({ scenario, msr, access }) => `${scenario} ${msr} ${access}`);
  return [setsText(sets), ...ways, ...beyond.sort()].join("\n");
}

/** Whether a guest can notice the difference: in a set of any scenario, beyond the range, or in an answer. */
export function behavesDifferently(old: KernelBehaviour, now: KernelBehaviour, profile: Profile): boolean {
  if (old === now) return false;
  return (
    openAccessesText(old) !== openAccessesText(now) ||
    changedAccesses(old, now, profile).length > 0 ||
    changedAnswers(old, now, profile).length > 0
  );
}

/** Why something cannot be told, and where. */
export type Untold = Pick<Undetermined, "reason" | "place">;

/** Answers that the code of `told` settles, and that of `open` does not: the first of them. */
function firstUntold(open: KernelBehaviour, told: KernelBehaviour): Untold | null {
  const also = new Set(told.openAnswers.map(({ msr, access }) => `${msr} ${access}`));
  const found = open.openAnswers.find(({ msr, access }) => !also.has(`${msr} ${access}`));
  if (found === undefined) return null;
  return {
    reason: `KVM's answer to a ${found.access} of ${msrHex(found.msr)}: ${found.reason}`,
    place: found.at,
  };
}

/**
 * Why two trees cannot be compared although the sets of both are known: what only one of them tells may or may not be
 * as in the other. What neither tells is as documented on both sides. Null when they can.
 */
export function notComparable(old: KernelBehaviour, now: KernelBehaviour): Untold | null {
  const untold = firstUntold(now, old) ?? firstUntold(old, now);
  if (untold !== null) return untold;
  const { reason, trapsAt } = now.unaccelerated;
  if (reason === null || old.unaccelerated.reason !== null) return null;
  return { reason: `which unaccelerated accesses are traps: ${reason}`, place: trapsAt };
}

function hexSet(set: AccessSet): HexSet {
  return { read: set.read.map(msrHex), write: set.write.map(msrHex) };
}

/** Both sides of every scenario in the form of the JSON. */
export function reviewSets(old: ScenarioSets, now: ScenarioSets): ReviewSets {
  const pair = (scenario: keyof ScenarioSets) => ({ old: hexSet(old[scenario]), new: hexSet(now[scenario]) });
  return { active: pair("active"), deactivated: pair("deactivated"), "not-x2avic": pair("not-x2avic") };
}

/** One way of an undecidable condition with the sets of both trees. */
export interface Way {
  readonly when: string;
  readonly old: ScenarioSets;
  readonly new: ScenarioSets;
}

function setsWhen(behaviour: KernelBehaviour, when: string): ScenarioSets {
  return behaviour.conditions.find((way: ConditionalSets) => way.when === when)?.sets ?? behaviour.sets;
}

/** The ways of both trees, in the order of the code; a tree that does not ask has its usual sets. */
export function conditionWays(old: KernelBehaviour, now: KernelBehaviour): Way[] {
  const whens = [...new Set([...old.conditions, ...now.conditions].map(({ when }) => when))];
  return whens.map((when) => ({ when, old: setsWhen(old, when), new: setsWhen(now, when) }));
}

export function reviewConditions(ways: readonly Way[]): ReviewCondition[] {
  return ways.map(({ when, old, new: now }) => ({ when, sets: reviewSets(old, now) }));
}
