/** The table posted on 8 May 2026, written out by hand, and the two sets it was made from. */
import type { AccessSet } from "../../src/x2apic.ts";

export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const OLD_MSRS = [
  ...[0x802, 0x803],
  ...range(0x808, 0x810),
  ...[0x818, 0x820, 0x828, 0x830, 0x831],
  ...range(0x833, 0x839),
  0x83e,
];

export const OLD_SET: AccessSet = { read: OLD_MSRS, write: OLD_MSRS };

export const NEW_SET: AccessSet = {
  read: [
    ...[0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f],
    ...range(0x810, 0x828),
    0x830,
    ...range(0x832, 0x838),
    0x83e,
  ],
  write: [0x808, 0x80b, 0x830, 0x83f],
};

export const NOTHING: AccessSet = { read: [], write: [] };

/** MSR, register, RDMSR before and after, WRMSR before and after. */
export const POSTED: readonly (readonly [string, string, string, string, string, string])[] = [
  ["0x802", "APIC_ID", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x803", "APIC_LVR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x808", "APIC_TPR", "HW", "HW", "HW", "HW"],
  ["0x809", "APIC_ARBPRI", "UAA(f):#GP", "* MSR_INT:#GP", "#GP-direct", "* MSR_INT:#GP"],
  ["0x80A", "APIC_PPR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x80B", "APIC_EOI", "#GP-direct", "* MSR_INT:#GP", "HW", "HW"],
  ["0x80C", "APIC_RRR", "#GP-direct", "* MSR_INT:#GP", "#GP-direct", "* MSR_INT:#GP"],
  ["0x80D", "APIC_LDR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x80E", "APIC_DFR", "#GP-direct", "* MSR_INT:#GP", "#GP-direct", "* MSR_INT:#GP"],
  ["0x80F", "APIC_SPIV", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x810", "APIC_ISR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x811..0x817", "APIC_ISR1..7", "MSR_INT:ok", "* HW", "MSR_INT:#GP", "MSR_INT:#GP"],
  ["0x818", "APIC_TMR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x819..0x81F", "APIC_TMR1..7", "MSR_INT:ok", "* HW", "MSR_INT:#GP", "MSR_INT:#GP"],
  ["0x820", "APIC_IRR", "HW", "HW", "#GP-direct", "* MSR_INT:#GP"],
  ["0x821..0x827", "APIC_IRR1..7", "MSR_INT:ok", "* HW", "MSR_INT:#GP", "MSR_INT:#GP"],
  ["0x828", "APIC_ESR", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x830", "APIC_ICR", "HW", "HW", "HW / INC_IPI", "HW / INC_IPI"],
  ["0x831", "APIC_ICR2", "#GP-direct", "* MSR_INT:#GP", "#GP-direct", "* MSR_INT:#GP"],
  ["0x832", "APIC_LVTT", "MSR_INT:ok", "* HW", "MSR_INT:ok", "MSR_INT:ok"],
  ["0x833", "APIC_LVTTHMR", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x834", "APIC_LVTPC", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x835", "APIC_LVT0", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x836", "APIC_LVT1", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x837", "APIC_LVTERR", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x838", "APIC_TMICT", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x839", "APIC_TMCCT", "UAA(f):0", "* MSR_INT:0", "#GP-direct", "* MSR_INT:#GP"],
  ["0x83E", "APIC_TDCR", "HW", "HW", "UAA(t)", "* MSR_INT:ok"],
  ["0x83F", "APIC_SELF_IPI", "MSR_INT:#GP", "MSR_INT:#GP", "MSR_INT:ok", "* HW / INC_IPI"],
];
