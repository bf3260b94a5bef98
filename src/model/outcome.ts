/** What an access leads to: hardware's part from the profile, KVM's part from its own answer. */
import type { Access } from "../x2apic.ts";
import type { Answer } from "./answers.ts";
import { weakerEvidence } from "./profile.ts";
import type { Evidence, HardwareCell, HardwareCode, Profile } from "./profile.ts";

/** The outcome in another state, or with another value, than the measured one. */
export interface OutcomeVariant {
  readonly when: string;
  readonly code: string;
  readonly evidence: Evidence;
}

export interface Outcome {
  /** In the table's notation: `HW`, `#GP-direct`, `UAA(f):X`, `UAA(t)`, `MSR_INT:X`, `HW / INC_IPI`, `unknown`. */
  readonly code: string;
  /** What the guest sees: `ok`, `#GP`, a value; null when unknown. */
  readonly guest: string | null;
  readonly evidence: Evidence;
  /** Who says what hardware does; null for an intercepted access, which is KVM's own affair. */
  readonly source: string | null;
  readonly variants: readonly OutcomeVariant[];
}

export interface OutcomeInput {
  readonly msr: number;
  readonly access: Access;
  /** Whether interception is off. */
  readonly passed: boolean;
  readonly profile: Profile;
  readonly answer: Answer;
}

/**
 * Evidence of what KVM's emulation shows the guest. It is `measured` when the access was seen intercepted
 * in the profile's measurement and the answer is the one seen there; otherwise it is as good as its
 * source: `inferred` when evaluated from the tree's code, `documented` when that could not tell.
 */
function answerEvidence({ msr, access, profile, answer }: OutcomeInput): Evidence {
  const seen = profile.measuredGuest(msr, access) === answer.guest;
  if (seen && answer.from !== "documented") return "measured";
  return answer.from === "evaluated" ? "inferred" : "documented";
}

function guestOf(code: HardwareCode, answer: Answer): string | null {
  switch (code) {
    case "unknown":
      return null;
    case "#GP-direct":
      return "#GP";
    case "UAA(f)":
      return answer.guest;
    // A trap comes after the write: KVM ignores what its emulation says, so the guest sees no #GP.
    case "UAA(t)":
    case "HW":
    case "HW / INC_IPI":
      return "ok";
  }
}

function withAnswer(code: string, guest: string): string {
  return code === "UAA(f)" ? `UAA(f):${guest}` : code;
}

/** What KVM answers to other values, behind the kind of exit that leads to it. */
function answerVariants({ answer }: OutcomeInput, exit: "UAA(f)" | "MSR_INT"): OutcomeVariant[] {
  const evidence = answer.from === "evaluated" ? "inferred" : "documented";
  return (answer.variants ?? []).map(({ when, guest }) => {
    return { when, code: `${exit}:${guest}`, evidence };
  });
}

function passedVariants(cell: HardwareCell, input: OutcomeInput): OutcomeVariant[] {
  const variants = cell.variants.map(({ when, code, evidence, guest }) => {
    return { when, code: withAnswer(code, guest ?? input.answer.guest), evidence };
  });
  return cell.code === "UAA(f)" ? [...variants, ...answerVariants(input, "UAA(f)")] : variants;
}

function passedOutcome(input: OutcomeInput): Outcome {
  const { msr, access, profile, answer } = input;
  const cell = profile.cell(msr, access);
  const faults = cell.code === "UAA(f)";
  return {
    code: withAnswer(cell.code, answer.guest),
    guest: guestOf(cell.code, answer),
    evidence: faults ? weakerEvidence(cell.evidence, answerEvidence(input)) : cell.evidence,
    source: cell.source,
    variants: passedVariants(cell, input),
  };
}

function interceptedOutcome(input: OutcomeInput): Outcome {
  const { guest } = input.answer;
  return {
    code: `MSR_INT:${guest}`,
    guest,
    evidence: answerEvidence(input),
    source: null,
    variants: answerVariants(input, "MSR_INT"),
  };
}

/** The outcome of one access of 0x800..0x8FF, in the measured case, with the cases that differ from it. */
export function outcome(input: OutcomeInput): Outcome {
  return input.passed ? passedOutcome(input) : interceptedOutcome(input);
}
