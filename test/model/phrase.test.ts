/** How sentences name registers, for lists of MSRs in any order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { msrsPhrase, registersPhrase } from "../../src/model/phrase.ts";
import { range } from "./posted.ts";

for (const [msrs, numbers, names] of [
  [[0x808], "0x808", "APIC_TPR"],
  [[0x803, 0x802], "0x802, 0x803", "APIC_ID and APIC_LVR"],
  [[0x80f, 0x80b, 0x80f], "0x80B, 0x80F", "APIC_EOI and APIC_SPIV"],
  [range(0x833, 0x835), "0x833..0x835", "APIC_LVTTHMR..APIC_LVT0"],
  [[0x811, 0x812], "0x811..0x812", "APIC_ISR1..2"],
  [[0x80f, 0x810], "0x80F, 0x810", "APIC_SPIV and APIC_ISR"],
  [[0x817, 0x818], "0x817, 0x818", "APIC_ISR7 and APIC_TMR"],
  [range(0x807, 0x809), "0x807..0x809", "0x807..0x809"],
  [range(0x838, 0x83a), "0x838..0x83A", "0x838..0x83A"],
  [range(0x8f0, 0x8ff), "0x8F0..0x8FF", "0x8F0..0x8FF"],
  [range(0x840, 0x842), "0x840..0x842", "APIC_EFEAT..APIC_SEOI"],
  [[0x841], "0x841", "APIC_ECTRL"],
  [range(0x848, 0x84f), "0x848..0x84F", "APIC_IER0..7"],
  [range(0x850, 0x853), "0x850..0x853", "APIC_EILVT0..3"],
  [[0x847], "0x847", "0x847"],
  [[0x854], "0x854", "0x854"],
] as const) {
  test(`${numbers}: ${names}`, () => {
    assert.equal(msrsPhrase(msrs), numbers);
    assert.equal(registersPhrase(msrs), names);
  });
}
