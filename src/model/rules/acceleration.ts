/** Whether what is passed through is what hardware accelerates. */
import type { AccessChange } from "../changes.ts";
import { findingFor, findingsByAccess, groupBy } from "../finding.ts";
import type { Finding, RuleInput } from "../finding.ts";
import { accessPhrase } from "../phrase.ts";
import type { HardwareCode } from "../profile.ts";
import { registerAt, sameWords } from "../registers.ts";

function newlyPassed({ old, new: now }: AccessChange): boolean {
  return now.passed && !old.passed;
}

const INSTEAD: Readonly<Partial<Record<HardwareCode, string>>> = {
  "#GP-direct": "the CPU delivers #GP without an exit",
  "UAA(f)": "it exits as a fault and KVM has to decode the instruction",
  "UAA(t)": "it exits as a trap after the write",
};

/** A write that exits or faults anyway is better intercepted: then KVM knows register and value. */
export function writeNotAccelerated({ changes, profile }: RuleInput): Finding[] {
  const code = ({ msr }: AccessChange) => profile.cell(msr, "write").code;
  const writes = changes.filter((change) => change.access === "write" && newlyPassed(change));
  return groupBy(writes, code).flatMap(([kind, group]) => {
    const instead = INSTEAD[kind as HardwareCode];
    if (instead === undefined) return [];
    const msrs = group.map(({ msr }) => msr);
    const text = `${accessPhrase("write", msrs)} is passed through but not accelerated: ${instead}.`;
    return findingFor({ rule: "write-not-accelerated", severity: "warning", access: "write", msrs, text });
  });
}

/** A read that faults costs an exit and the decoding of the instruction. */
export function readFaults({ changes, profile }: RuleInput): Finding[] {
  const faulting = changes.filter(
    (change) =>
      change.access === "read" && newlyPassed(change) && profile.cell(change.msr, "read").code === "UAA(f)",
  );
  return findingsByAccess(faulting, (access, msrs) => {
    const text = `${accessPhrase(access, msrs)} is passed through and exits as a fault: KVM has to decode the instruction.`;
    return { rule: "read-faults", severity: "warning", access, msrs, text };
  });
}

function isWordOfOne(among: readonly AccessChange[]): (change: AccessChange) => boolean {
  return ({ msr, access }) =>
    among.some((other) => other.access === access && sameWords(registerAt(other.msr), registerAt(msr)));
}

/**
 * Accelerated accesses that the series intercepts, and words of a register that stay intercepted while
 * the series passes others of the same register through.
 */
export function acceleratedLeftIntercepted({ changes, profile }: RuleInput): Finding[] {
  const besideNewlyPassed = isWordOfOne(changes.filter(newlyPassed));
  const left = changes.filter(
    (change) =>
      !change.new.passed &&
      profile.cell(change.msr, change.access).code.startsWith("HW") &&
      (change.old.passed || besideNewlyPassed(change)),
  );
  return findingsByAccess(left, (access, msrs) => {
    const text = `${accessPhrase(access, msrs)} is intercepted although hardware accelerates it.`;
    return { rule: "accelerated-left-intercepted", severity: "info", access, msrs, text };
  });
}
