/** One access before and after: the ground of rows, findings and exits. */
import { memo } from "../memo.ts";
import { ACCESSES } from "../x2apic.ts";
import type { Access, AccessSet } from "../x2apic.ts";
import { answerLookup } from "./answers.ts";
import type { Answer, KvmAnswer } from "./answers.ts";
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

/** One access where all that its state depends on is known but whether it is passed through. */
type Judge = (msr: number, access: Access, passed: boolean) => AccessState;

/** By answers and profile: nearly all trees answer alike, and a state is the same object for all of them. */
const judges = new WeakMap<readonly KvmAnswer[], WeakMap<Profile, Judge>>();

/** By set and judge: a side is compared with several others, for rows, findings, exits and each patch. */
const lookups = new WeakMap<AccessSet, WeakMap<Judge, StateOf>>();

/** By both sides. */
const comparisons = new WeakMap<StateOf, WeakMap<StateOf, readonly AccessChange[]>>();

function judgeOf(answers: readonly KvmAnswer[], profile: Profile): Judge {
  const ofAnswers = memo(judges, answers, () => new WeakMap());
  return memo(ofAnswers, profile, () => freshJudge(answers, profile));
}

function freshJudge(answers: readonly KvmAnswer[], profile: Profile): Judge {
  const answerOf = answerLookup(answers);
  const of = () => ({ read: new Map<number, AccessState>(), write: new Map<number, AccessState>() });
  const [open, intercepted] = [of(), of()];
  return (msr, access, passed) => {
    const states = (passed ? open : intercepted)[access];
    const known = states.get(msr);
    if (known !== undefined) return known;
    const answer = answerOf(msr, access);
    const state = { passed, answer, outcome: outcome({ msr, access, passed, profile, answer }) };
    states.set(msr, state);
    return state;
  };
}

/** What each access leads to with one set. */
function stateLookup(set: AccessSet, answers: readonly KvmAnswer[], profile: Profile): StateOf {
  const judge = judgeOf(answers, profile);
  const ofSet = memo(lookups, set, () => new WeakMap());
  return memo(ofSet, judge, () => {
    const passedThrough = { read: new Set(set.read), write: new Set(set.write) };
    return (msr, access) => judge(msr, access, passedThrough[access].has(msr));
  });
}

function sidesOf(input: ComparisonInput): [StateOf, StateOf] {
  return [
    stateLookup(input.old, input.oldAnswers, input.profile),
    stateLookup(input.new, input.newAnswers, input.profile),
  ];
}

/** Looks at any access of 0x800..0x8FF from both sides. */
export function compareAccess(input: ComparisonInput): (msr: number, access: Access) => AccessChange {
  const [before, after] = sidesOf(input);
  return (msr, access) => {
    return { msr, access, old: before(msr, access), new: after(msr, access) };
  };
}

/** Every access of 0x800..0x8FF from both sides: reads by ascending MSR, then writes. */
export function compareAll(input: ComparisonInput): readonly AccessChange[] {
  const [before, after] = sidesOf(input);
  const ofBefore = memo(comparisons, before, () => new WeakMap());
  return memo(ofBefore, after, () => {
    const compare = compareAccess(input);
    return ACCESSES.flatMap((access) => X2APIC_MSRS.map((msr) => compare(msr, access)));
  });
}
