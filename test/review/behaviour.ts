/** Behaviours of kernels written down by hand, for the tests of what is made from them. */
import type { KernelBehaviour } from "../../src/interception/behaviour.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, NOTHING, OLD_SET } from "../model/posted.ts";

/** A kernel that passes `active` through with x2AVIC, nothing otherwise, and answers as 6.12 does. */
export function behaviour(active: AccessSet, parts: Partial<KernelBehaviour> = {}): KernelBehaviour {
  return {
    sets: { active, deactivated: NOTHING, "not-x2avic": NOTHING },
    conditions: [],
    provenance: [],
    outside: [],
    answers: [],
    openAnswers: [],
    unaccelerated: { trapsAt: null, trap: [], helpers: [], reason: null },
    entries: { activate: "avic_activate_vmcb", deactivate: "avic_deactivate_vmcb" },
    filesRead: ["arch/x86/kvm/svm/avic.c"],
    ...parts,
  };
}

export const OLD = behaviour(OLD_SET);
export const READS_CHANGED = behaviour({ read: NEW_SET.read, write: OLD_SET.write });
export const NEW = behaviour(NEW_SET);
