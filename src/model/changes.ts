/** One access before and after: the ground of rows, findings and exits. */
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

/** By set, answers and profile: a side is compared with several others, for rows, findings, exits and each patch. */
const lookups = new WeakMap<AccessSet, WeakMap<readonly KvmAnswer[], WeakMap<Profile, StateOf>>>();

function entryOf<K extends WeakKey, V>(map: WeakMap<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** What each access leads to with one set, worked out when it is first asked for. */
function stateLookup(set: AccessSet, answers: readonly KvmAnswer[], profile: Profile): StateOf {
  const ofSet = entryOf(lookups, set, () => new WeakMap());
  const ofAnswers = entryOf(ofSet, answers, () => new WeakMap());
  return entryOf(ofAnswers, profile, () => freshLookup(set, answers, profile));
}

function freshLookup(set: AccessSet, answers: readonly KvmAnswer[], profile: Profile): StateOf {
  const answerOf = answerLookup(answers);
  const passedThrough = { read: new Set(set.read), write: new Set(set.write) };
  const states = { read: new Map<number, AccessState>(), write: new Map<number, AccessState>() };
  return (msr, access) => {
    const known = states[access].get(msr);
    if (known !== undefined) return known;
    const passed = passedThrough[access].has(msr);
    const answer = answerOf(msr, access);
    const state = { passed, answer, outcome: outcome({ msr, access, passed, profile, answer }) };
    states[access].set(msr, state);
    return state;
  };
}

/** Looks at any access of 0x800..0x8FF from both sides. */
export function compareAccess(input: ComparisonInput): (msr: number, access: Access) => AccessChange {
  const before = stateLookup(input.old, input.oldAnswers, input.profile);
  const after = stateLookup(input.new, input.newAnswers, input.profile);
  return (msr, access) => {
    return { msr, access, old: before(msr, access), new: after(msr, access) };
  };
}

/** Every access of 0x800..0x8FF from both sides: reads by ascending MSR, then writes. */
export function compareAll(input: ComparisonInput): AccessChange[] {
  const compare = compareAccess(input);
  return ACCESSES.flatMap((access) => X2APIC_MSRS.map((msr) => compare(msr, access)));
}
