/**
 * KVM's own answer to an access that it emulates: what the guest sees after an MSR intercept, or after an
 * AVIC_UNACCELERATED_ACCESS fault.
 */
import type { Access } from "../x2apic.ts";
import { registerAt, X2APIC_MSRS } from "./registers.ts";

/**
 * Where an answer comes from: `evaluated` from the lapic.c of the tree under review; `documented`, what
 * Linux 6.12 and later answer, because this tree's code could not tell; `posted`, the same answers
 * where no tree is at hand at all.
 */
export type AnswerSource = "evaluated" | "documented" | "posted";

/** The answer to another value than the usual one. */
export interface AnswerVariant {
  /** Which value is written: `bits 63:32 set`, `not 0`. */
  readonly when: string;
  readonly guest: string;
}

export interface Answer {
  /** `ok`, `#GP`, or the value read where that says more, `0` for the count of a stopped timer. */
  readonly guest: string;
  readonly from: AnswerSource;
  /** Answers to other values, where they differ. */
  readonly variants?: readonly AnswerVariant[];
}

/** An answer of KVM's emulation as the evaluation of a tree hands it over. */
export interface KvmAnswer extends Answer {
  readonly msr: number;
  readonly access: Access;
}

/** The answer to one access of 0x800..0x8FF; there is one for every access. */
export type AnswerOf = (msr: number, access: Access) => Answer;

/** Reads that KVM answers with #GP although the register exists: write-only, or not there in x2APIC mode. */
const UNREADABLE: ReadonlySet<number> = new Set([0x809, 0x80b, 0x80c, 0x80e, 0x82f, 0x831, 0x83f]);

/** Writes that KVM accepts, with the values of the measurement. */
const WRITABLE: ReadonlySet<number> = new Set([
  0x808, 0x80b, 0x80f, 0x828, 0x830, 0x832, 0x833, 0x834, 0x835, 0x836, 0x837, 0x838, 0x83e, 0x83f,
]);

const TMCCT = 0x839;

/** What Linux 6.12 and later answer (kvm_x2apic_msr_read and kvm_x2apic_msr_write in lapic.c). */
function documentedGuest(msr: number, access: Access): string {
  if (access === "write") return WRITABLE.has(msr) ? "ok" : "#GP";
  if (msr === TMCCT) return "0";
  return registerAt(msr).always && !UNREADABLE.has(msr) ? "ok" : "#GP";
}

/** The answers of Linux 6.12 and later for every access, with the source they are to be marked with. */
export function usualAnswers(from: AnswerSource): KvmAnswer[] {
  return X2APIC_MSRS.flatMap((msr) =>
    (["read", "write"] as const).map((access) => {
      return { msr, access, guest: documentedGuest(msr, access), from };
    }),
  );
}

function key(msr: number, access: Access): number {
  return msr * 2 + (access === "write" ? 1 : 0);
}

/** Looks answers up; an access that the list leaves out gets the documented answer, marked as such. */
export function answerLookup(answers: readonly KvmAnswer[]): AnswerOf {
  const known = new Map(answers.map((answer) => [key(answer.msr, answer.access), answer]));
  return (msr, access) =>
    known.get(key(msr, access)) ?? { guest: documentedGuest(msr, access), from: "documented" };
}
