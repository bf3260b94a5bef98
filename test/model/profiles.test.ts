/** What the profiles say beyond a code for each access: in which state something else happens, and who says so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { apm } from "../../src/model/apm.ts";
import type { Profile } from "../../src/model/profile.ts";
import { X2APIC_MSRS } from "../../src/model/registers.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { ACCESSES, msrHex } from "../../src/x2apic.ts";

const TARGET = "a target is not running or the IPI is of a kind hardware does not deliver";
const RESERVED = "a reserved bit is written as 1";
const NOT_ZERO = "the value written is not 0";

function variantsOf(profile: Profile): string[] {
  return X2APIC_MSRS.flatMap((msr) =>
    ACCESSES.flatMap((access) =>
      profile
        .cell(msr, access)
        .variants.map(({ when, code, evidence, guest }) =>
          [msrHex(msr), access, code, evidence, ...(guest === undefined ? [] : [guest]), when].join(" "),
        ),
    ),
  );
}

function sourcesOf(profile: Profile): string[] {
  const cells = X2APIC_MSRS.flatMap((msr) => ACCESSES.map((access) => profile.cell(msr, access)));
  return [...new Set(cells.map(({ evidence, source }) => `${evidence}: ${source}`))];
}

test("zen4: other outcomes in other states", () => {
  assert.deepEqual(variantsOf(zen4), [
    `0x808 write #GP-direct inferred ${RESERVED}`,
    "0x80b write UAA(t) documented the interrupt is level-triggered",
    `0x80b write #GP-direct inferred ${NOT_ZERO}`,
    `0x828 write #GP-direct inferred ${NOT_ZERO}`,
    `0x830 write INC_IPI measured ${TARGET}`,
    `0x830 write #GP-direct inferred ${RESERVED}`,
    "0x832 write #GP-direct documented bit 18, TSC-deadline, is set",
    "0x839 read UAA(f) inferred count the timer is running",
    `0x83f write INC_IPI measured ${TARGET}`,
    `0x83f write #GP-direct inferred ${RESERVED}`,
  ]);
});

test("apm: other outcomes in other states", () => {
  assert.deepEqual(variantsOf(apm), [
    "0x80b write UAA(t) documented the interrupt is level-triggered",
    `0x830 write INC_IPI documented ${TARGET}`,
    "0x839 read UAA(f) documented count the timer is running",
    `0x83f write INC_IPI documented ${TARGET}`,
  ]);
});

test("every cell says who says so", () => {
  const manual = "APM vol. 2 rev 3.44, 15.29.10";
  for (const source of [
    'measured: measured on Zen4 by Naveen N Rao, table of 8 May 2026 in reply to "[PATCH v2 3/5] KVM: SVM: Only disable x2AVIC WRMSR interception for MSRs that are accelerated"',
    `inferred: inferred: ${manual}, lets the x2APIC access checks come before the AVIC permission, as every measured register shows`,
    "inferred: inferred from the LVT entries measured beside it; bit 18 from the comment on APIC_LVTT at the list of passed-through MSRs in arch/x86/kvm/svm",
  ])
    assert.ok(sourcesOf(zen4).includes(source), source);
  const table = "AMD64 Architecture Programmer's Manual vol. 2, rev 3.44, table 15-22";
  for (const source of [
    `documented: ${table}`,
    `inferred: no x2AVIC entry in ${table}; inferred from the access checks of 15.29.10`,
  ])
    assert.ok(sourcesOf(apm).includes(source), source);
});

test("the profiles' names, and under which conditions they hold", () => {
  assert.deepEqual(
    [zen4.name, zen4.title, zen4.conditions],
    [
      "zen4",
      "AMD Zen4, as measured",
      "CPL 0, x2APIC mode, timer stopped, ESR and EOI written with 0, valid vectors, edge-triggered EOI, no CMCI",
    ],
  );
  assert.deepEqual(
    [apm.name, apm.title, apm.conditions],
    [
      "apm",
      "AMD64 Architecture Programmer's Manual, as documented",
      "the permission of the AVIC alone, without the x2APIC access checks that come before it",
    ],
  );
  assert.equal(apm.measuredGuest(0x802, "read"), null);
});
