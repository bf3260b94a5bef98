/** Accesses that must never be passed through: the guest would reach a register of the host. */
import { ACCESSES, msrLabel } from "../../x2apic.ts";
import type { Access, AccessSet, Scenario } from "../../x2apic.ts";
import { findingsByAccess } from "../finding.ts";
import type { Finding, OutsideAccess, RuleInput } from "../finding.ts";
import { accessPhrase, INSTRUCTION, listed } from "../phrase.ts";

interface OneAccess {
  readonly msr: number;
  readonly access: Access;
}

function newlyOpen(old: AccessSet, now: AccessSet): OneAccess[] {
  return ACCESSES.flatMap((access) => {
    const before = new Set(old[access]);
    return now[access]
      .filter((msr) => !before.has(msr))
      .map((msr) => {
        return { msr, access };
      });
  });
}

function openIn(input: RuleInput, scenario: Scenario): OneAccess[] {
  return newlyOpen(input.old.sets[scenario], input.new.sets[scenario]);
}

/** CVE-2023-5090 was this: what was opened for x2AVIC stayed open when AVIC was deactivated. */
export function leftOpenWhenDeactivated(input: RuleInput): Finding[] {
  return findingsByAccess(openIn(input, "deactivated"), (access, msrs) => {
    const text = `${accessPhrase(access, msrs)} is passed through after AVIC is deactivated: the guest reaches the host's APIC.`;
    return { rule: "left-open-when-deactivated", severity: "critical", access, msrs, text };
  });
}

/** In xAVIC and hybrid mode hardware does not virtualize the MSRs, so that nothing may be open. */
export function openWithoutX2avic(input: RuleInput): Finding[] {
  return findingsByAccess(openIn(input, "not-x2avic"), (access, msrs) => {
    const text = `${accessPhrase(access, msrs)} is passed through while x2AVIC is not in use: the guest reaches the host's APIC.`;
    return { rule: "open-without-x2avic", severity: "critical", access, msrs, text };
  });
}

function sameOutside(one: OutsideAccess): (other: OutsideAccess) => boolean {
  return (other) => other.msr === one.msr && other.access === one.access && other.scenario === one.scenario;
}

/** The toggle is for 0x800..0x8FF; any other MSR it opens is the host's own. */
export function outsideX2apicRange({ old, new: now }: RuleInput): Finding[] {
  const caused = now.outside.filter((access) => !old.outside.some(sameOutside(access)));
  return findingsByAccess(caused, (access, msrs) => {
    const labels = listed([...new Set(msrs)].sort((a, b) => a - b).map(msrLabel));
    const text = `${INSTRUCTION[access]} of ${labels}, outside 0x800..0x8FF, is passed through with the x2APIC MSRs: the guest reaches the host's register.`;
    return { rule: "outside-x2apic-range", severity: "critical", access, msrs, text };
  });
}
