/** What one kernel tree does with accesses to x2APIC MSRs, as the evaluation of its code tells it. */
import type { Access, Scenario, ScenarioSets, SourceLine } from "../x2apic.ts";

/** One function that was being executed and the line it had reached. */
export interface ChainLink extends SourceLine {
  readonly function: string;
}

/** Which call last decided whether an access is intercepted. */
export interface Provenance {
  readonly scenario: Scenario;
  readonly msr: number;
  readonly access: Access;
  readonly passed: boolean;
  /** The call in the kernel that decided; null when nothing touched the access: the map starts out all ones. */
  readonly at: SourceLine | null;
  /** From the entry point (activation, deactivation) down to the write into the map. */
  readonly chain: readonly ChainLink[];
}

/** An access beyond 0x800..0x8FF that is open after the scenario ran. */
export interface OutsideAccess {
  readonly scenario: Scenario;
  readonly msr: number;
  readonly access: Access;
}

/** The sets when something that the source alone cannot settle goes one way. */
export interface ConditionalSets {
  /** The conditions as C text with the way each went, joined by " and ". */
  readonly when: string;
  readonly at: SourceLine | null;
  readonly sets: ScenarioSets;
}

/** KVM's answer to an access that it emulates, as far as its code tells. */
export interface EvaluatedAnswer {
  readonly msr: number;
  readonly access: Access;
  /** `ok`, `#GP`, or the value read where that says more: `0` for the count of a stopped timer. */
  readonly guest: string;
  readonly from: "evaluated";
  /** Where the answer's last word stands; null when it is not known. */
  readonly at: SourceLine | null;
  /** Answers to other values written, where they differ. */
  readonly variants: readonly AnswerVariant[];
}

export interface AnswerVariant {
  /** What is written instead: `bits 63:32 set`, `not 0`, `a vector above 0xff`. */
  readonly when: string;
  readonly guest: string;
}

/** An access whose answer the code does not settle: what is documented has to stand in. */
export interface OpenAnswer {
  readonly msr: number;
  readonly access: Access;
  readonly reason: string;
  readonly at: SourceLine | null;
}

/** How the tree handles AVIC_UNACCELERATED_ACCESS exits, by MSR. */
export interface UnacceleratedHandling {
  /** Where is_avic_unaccelerated_access_trap() stands; null when the tree has no such function. */
  readonly trapsAt: SourceLine | null;
  /** MSRs of the registers whose exit is taken as trap. */
  readonly trap: readonly number[];
  /** Registers with code of their own in the trap handler (LDR, DFR), and where that code stands. */
  readonly helpers: readonly TrapHelper[];
  /** Why the above is not complete; null when it is. */
  readonly reason: string | null;
}

export interface TrapHelper {
  readonly msr: number;
  readonly name: string;
  readonly at: SourceLine;
}

export interface KernelBehaviour {
  /** The sets of the default way: parameters as they are initialised, capabilities as usual. */
  readonly sets: ScenarioSets;
  /** Every way that something undecidable can go; empty when nothing decides but the code. */
  readonly conditions: readonly ConditionalSets[];
  readonly provenance: readonly Provenance[];
  readonly outside: readonly OutsideAccess[];
  readonly answers: readonly EvaluatedAnswer[];
  readonly openAnswers: readonly OpenAnswer[];
  readonly unaccelerated: UnacceleratedHandling;
  /** Functions that the evaluation began with: what runs on activation and on deactivation. */
  readonly entries: { readonly activate: string; readonly deactivate: string };
  /** Paths of the files whose text the result depends on, sorted. */
  readonly filesRead: readonly string[];
}

/** Why no set can be told. */
export interface Undetermined {
  readonly ok: false;
  readonly reason: string;
  readonly place: SourceLine | null;
  readonly filesRead: readonly string[];
}

export type Evaluation = { readonly ok: true; readonly behaviour: KernelBehaviour } | Undetermined;
