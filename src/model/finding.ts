/** What a finding is and how the rules fold several registers into one sentence. */
import { ACCESSES, msrHex } from "../x2apic.ts";
import type { Access, ScenarioSets, Scenario } from "../x2apic.ts";
import type { KvmAnswer } from "./answers.ts";
import type { AccessChange } from "./changes.ts";
import type { Profile } from "./profile.ts";

/** `critical`: the guest reaches a register of the host. */
export type Severity = "critical" | "warning" | "info";

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** The first of the registers that the sentence names, `0x80a`. */
  readonly msr: string;
  readonly access: Access;
  /** One sentence, ASCII. */
  readonly text: string;
}

/** An access outside 0x800..0x8FF that the toggle passed through. */
export interface OutsideAccess {
  readonly msr: number;
  readonly access: Access;
  readonly scenario: Scenario;
}

/** One tree, as the rules see it. */
export interface TreeFacts {
  readonly sets: ScenarioSets;
  readonly outside: readonly OutsideAccess[];
  readonly answers: readonly KvmAnswer[];
}

/** A patch of the series and the accesses it changed. */
export interface PatchFacts {
  readonly index: number;
  readonly subject: string;
  readonly changed: readonly { readonly msr: number; readonly access: Access }[];
}

export interface FindingsInput {
  /** The base and the base with the series applied. */
  readonly old: TreeFacts;
  readonly new: TreeFacts;
  readonly profile: Profile;
  readonly patches: readonly PatchFacts[];
  /** Other ways an undecidable condition can go; looked through for criticals alone. */
  readonly ways?: readonly ConditionalWay[];
}

/** The sets of both trees where a condition such as a module parameter goes the other way. */
export interface ConditionalWay {
  /** `enable_ipiv == 0` */
  readonly when: string;
  readonly old: Pick<TreeFacts, "sets" | "outside">;
  readonly new: Pick<TreeFacts, "sets" | "outside">;
}

/** What a rule gets: the input, and every access of the active set from both sides. */
export interface RuleInput extends FindingsInput {
  readonly changes: readonly AccessChange[];
}

/** A rule says what the series causes; what the base does already is no finding. */
export type Rule = (input: RuleInput) => Finding[];

interface Saying {
  readonly rule: string;
  readonly severity: Severity;
  readonly access: Access;
  readonly msrs: readonly number[];
  readonly text: string;
}

/** The finding for these registers, or none when there are none. */
export function findingFor({ msrs, ...said }: Saying): Finding[] {
  return msrs.length === 0 ? [] : [{ ...said, msr: msrHex(Math.min(...msrs)) }];
}

/** One finding for the reads and one for the writes among the accesses. */
export function findingsByAccess(
  accesses: readonly { readonly msr: number; readonly access: Access }[],
  say: (access: Access, msrs: readonly number[]) => Saying,
): Finding[] {
  return ACCESSES.flatMap((access) => {
    const msrs = accesses.filter((one) => one.access === access).map(({ msr }) => msr);
    return findingFor(say(access, msrs));
  });
}

/** Groups in the order in which their keys first occur. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups];
}
