/** What a Zen4 does with x2APIC MSR accesses that are passed through while x2AVIC is active. */
import type { Access } from "../x2apic.ts";
import { registerAt } from "./registers.ts";
import { cellLookup } from "./profile.ts";
import type { Evidence, HardwareCell, HardwareCode, Profile, ProfileEntry, Variant } from "./profile.ts";

const MEASUREMENT =
  "measured on Zen4 by Naveen N Rao, table of 8 May 2026 in reply to " +
  '"[PATCH v2 3/5] KVM: SVM: Only disable x2AVIC WRMSR interception for MSRs that are accelerated"';
const STAGES =
  "inferred: APM vol. 2 rev 3.44, 15.29.10, lets the x2APIC access checks come before the AVIC permission, " +
  "as every measured register shows";
const LVTT_COMMENT =
  "inferred from the LVT entries measured beside it; bit 18 from the comment on APIC_LVTT at the list of " +
  "passed-through MSRs in arch/x86/kvm/svm";
const EXTENDED =
  "not measured, not documented for x2AVIC; 0x850..0x853 exist only with CPUID Fn8000_000A EDX[27]";

function cell(
  code: HardwareCode,
  evidence: Evidence,
  source: string,
  variants: Variant[] = [],
): HardwareCell {
  return { code, evidence, source, variants };
}

function measured(code: HardwareCode, ...variants: Variant[]): HardwareCell {
  return cell(code, "measured", MEASUREMENT, variants);
}

const HW = measured("HW");
const GP = measured("#GP-direct");
const TRAP = measured("UAA(t)");
const GP_INFERRED = cell("#GP-direct", "inferred", STAGES);
const UNKNOWN = cell("unknown", "unknown", EXTENDED);

const RESERVED_BITS: Variant = {
  when: "a reserved bit is written as 1",
  code: "#GP-direct",
  evidence: "inferred",
};
const VALUE_NOT_ZERO: Variant = {
  when: "the value written is not 0",
  code: "#GP-direct",
  evidence: "inferred",
};
const LEVEL_TRIGGERED: Variant = {
  when: "the interrupt is level-triggered",
  code: "UAA(t)",
  evidence: "documented",
};
const TIMER_RUNNING: Variant = {
  when: "the timer is running",
  code: "UAA(f)",
  evidence: "inferred",
  guest: "count",
};
const TSC_DEADLINE: Variant = {
  when: "bit 18, TSC-deadline, is set",
  code: "#GP-direct",
  evidence: "documented",
};
const TARGET_NOT_RUNNING: Variant = {
  when: "a target is not running or the IPI is of a kind hardware does not deliver",
  code: "INC_IPI",
  evidence: "measured",
};

function at(msr: number, read: HardwareCell, write: HardwareCell): ProfileEntry {
  return { first: msr, last: msr, read, write };
}

const ENTRIES: readonly ProfileEntry[] = [
  at(0x802, HW, GP),
  at(0x803, HW, GP),
  at(0x808, HW, measured("HW", RESERVED_BITS)),
  at(0x809, measured("UAA(f)"), GP),
  at(0x80a, HW, GP),
  at(0x80b, GP, measured("HW", LEVEL_TRIGGERED, VALUE_NOT_ZERO)),
  at(0x80c, GP, GP),
  at(0x80d, HW, GP),
  at(0x80e, GP, GP),
  at(0x80f, HW, TRAP),
  // Word 0 of ISR, TMR and IRR was passed through in the measurement for writes too, the others were not.
  at(0x810, HW, GP),
  { first: 0x811, last: 0x817, read: HW, write: GP_INFERRED },
  at(0x818, HW, GP),
  { first: 0x819, last: 0x81f, read: HW, write: GP_INFERRED },
  at(0x820, HW, GP),
  { first: 0x821, last: 0x827, read: HW, write: GP_INFERRED },
  at(0x828, HW, measured("UAA(t)", VALUE_NOT_ZERO)),
  at(0x830, HW, measured("HW / INC_IPI", TARGET_NOT_RUNNING, RESERVED_BITS)),
  at(0x831, GP, GP),
  at(0x832, HW, cell("UAA(t)", "inferred", LVTT_COMMENT, [TSC_DEADLINE])),
  { first: 0x833, last: 0x837, read: HW, write: TRAP },
  at(0x838, HW, TRAP),
  at(0x839, measured("UAA(f)", TIMER_RUNNING), GP),
  at(0x83e, HW, TRAP),
  at(0x83f, GP_INFERRED, measured("HW / INC_IPI", TARGET_NOT_RUNNING, RESERVED_BITS)),
  { first: 0x840, last: 0x853, read: UNKNOWN, write: UNKNOWN },
];

/** Accesses that the posted table shows intercepted before or after its patch, and what the guest saw. */
function measuredGuest(msr: number, access: Access): string | null {
  if (!registerAt(msr).always) return null;
  if (access === "read") return MEASURED_READS.get(msr) ?? null;
  if (NEVER_INTERCEPTED_WRITES.has(msr)) return null;
  return ACCEPTED_WRITES.has(msr) ? "ok" : "#GP";
}

const MEASURED_READS: ReadonlyMap<number, string> = new Map([
  ...[0x809, 0x80b, 0x80c, 0x80e, 0x831, 0x83f].map((msr) => [msr, "#GP"] as const),
  // Words 1 to 7 of ISR, TMR and IRR, and LVTT.
  ...[0x811, 0x819, 0x821].flatMap((first) =>
    Array.from({ length: 7 }, (_, word) => [first + word, "ok"] as const),
  ),
  [0x832, "ok"],
  [0x839, "0"],
]);
const NEVER_INTERCEPTED_WRITES: ReadonlySet<number> = new Set([0x808, 0x80b, 0x830]);
const ACCEPTED_WRITES: ReadonlySet<number> = new Set([
  0x80f, 0x828, 0x832, 0x833, 0x834, 0x835, 0x836, 0x837, 0x838, 0x83e, 0x83f,
]);

export const zen4: Profile = {
  name: "zen4",
  title: "AMD Zen4, as measured",
  conditions:
    "CPL 0, x2APIC mode, timer stopped, ESR and EOI written with 0, valid vectors, edge-triggered EOI, no CMCI",
  cell: cellLookup(ENTRIES, GP_INFERRED),
  measuredGuest,
};
