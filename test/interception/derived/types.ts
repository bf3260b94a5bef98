/**
 * One edit of a real kernel and what it does to KVM's behaviour, written down by hand. Only the few
 * words of kernel code that an edit has to find stand here; the rest comes from the tree at test time.
 */
import type { Access } from "../../../src/x2apic.ts";

/** Exactly one occurrence of `find` is replaced. */
export interface Replace {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The text from `from` up to and with `to` leaves `file` and stands before `before` in `into`. */
export interface Move {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly into: string;
  readonly before: string;
}

/** A file that the tree did not have. */
export interface Create {
  readonly file: string;
  readonly create: string;
}

export type Edit = Replace | Move | Create;

export interface OpenSet {
  readonly read: readonly number[];
  readonly write: readonly number[];
}

/** What changes against the unpatched tree; what is not named stays as it was. */
export interface Expected {
  /** Accesses that `active` passes through now and did not before. */
  readonly opened?: Partial<OpenSet>;
  /** Accesses that `active` intercepts now and passed through before. */
  readonly closed?: Partial<OpenSet>;
  /** What stays open in the other two scenarios; nothing unless named. */
  readonly deactivated?: Partial<OpenSet>;
  readonly notX2avic?: Partial<OpenSet>;
  /** Accesses beyond 0x800..0x8FF that the toggle opens in `active`. */
  readonly outside?: Partial<OpenSet>;
  /** KVM's answers that differ from the unpatched tree: what the guest gets. */
  readonly answers?: readonly { msr: number; access: Access; guest: string }[];
  /** How many accesses KVM's code leaves open to interpretation (answers `documented`). */
  readonly documented?: { read?: readonly number[]; write?: readonly number[] };
  /** The other way of a condition, as what changes against `sets`; its text has to hold `text`. */
  readonly condition?: { text: string; opened?: Partial<OpenSet>; closed?: Partial<OpenSet> };
  /** No set can be told: a part of the reason. */
  readonly undetermined?: RegExp;
}

export interface DerivedPatch {
  readonly name: string;
  readonly tree: "6.1" | "6.12";
  readonly subject: string;
  readonly edits: readonly Edit[];
  readonly expected: Expected;
}

export const SVM_C = "arch/x86/kvm/svm/svm.c";
export const SVM_H = "arch/x86/kvm/svm/svm.h";
export const AVIC_C = "arch/x86/kvm/svm/avic.c";
export const NESTED_C = "arch/x86/kvm/svm/nested.c";
export const LAPIC_C = "arch/x86/kvm/lapic.c";
export const LAPIC_H = "arch/x86/kvm/lapic.h";
export const X86_C = "arch/x86/kvm/x86.c";

/** MSR numbers of register offsets `first`..`last` of the x2APIC range, given as `0x800 + n`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export function both(msrs: readonly number[]): OpenSet {
  return { read: msrs, write: msrs };
}

/** The 24 MSRs that kernels 6.0 to 7.1 pass through for reads and writes. */
export const OLD_SET: readonly number[] = [
  0x802,
  0x803,
  ...range(0x808, 0x810),
  0x818,
  0x820,
  0x828,
  0x830,
  0x831,
  ...range(0x833, 0x839),
  0x83e,
];
