/** One access before and after: the ground of rows, findings and exits. */
import { ACCESSES } from "../x2apic.ts";
import type { Access, AccessSet } from "../x2apic.ts";
import { answerLookup } from "./answers.ts";
import type { Answer, AnswerOf, KvmAnswer } from "./answers.ts";
import { outcome } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import type { Profile } from "./profile.ts";
import { X2APIC_MSRS } from "./registers.ts";

export interface ComparisonInput {
  /** Passed-through accesses before and after. */
  readonly old: AccessSet;
  readonly new: AccessSet;
  /** KVM's answers of either tree; an access that is missing gets the documented answer. */
  readonly oldAnswers: readonly KvmAnswer[];
  readonly newAnswers: readonly KvmAnswer[];
  readonly profile: Profile;
}

/** One access with one of the two sets. */
export interface AccessState {
  readonly passed: boolean;
  readonly answer: Answer;
  readonly outcome: Outcome;
}

export interface AccessChange {
  readonly msr: number;
  readonly access: Access;
  readonly old: AccessState;
  readonly new: AccessState;
}

type StateOf = (msr: number, access: Access) => AccessState;

function stateLookup(set: AccessSet, answerOf: AnswerOf, profile: Profile): StateOf {
  const passedThrough = { read: new Set(set.read), write: new Set(set.write) };
  return (msr, access) => {
    const passed = passedThrough[access].has(msr);
    const answer = answerOf(msr, access);
    return { passed, answer, outcome: outcome({ msr, access, passed, profile, answer }) };
  };
}

/** Looks at any access of 0x800..0x8FF from both sides. */
export function compareAccess(input: ComparisonInput): (msr: number, access: Access) => AccessChange {
  const before = stateLookup(input.old, answerLookup(input.oldAnswers), input.profile);
  const after = stateLookup(input.new, answerLookup(input.newAnswers), input.profile);
  return (msr, access) => {
    return { msr, access, old: before(msr, access), new: after(msr, access) };
  };
}

/** Every access of 0x800..0x8FF from both sides: reads by ascending MSR, then writes. */
export function compareAll(input: ComparisonInput): AccessChange[] {
  const compare = compareAccess(input);
  return ACCESSES.flatMap((access) => X2APIC_MSRS.map((msr) => compare(msr, access)));
}
