import assert from "node:assert/strict";
import { test } from "node:test";
import { apm } from "../../src/model/apm.ts";
import type { Profile } from "../../src/model/profile.ts";
import { profileDiff, profileReport } from "../../src/model/profile-report.ts";
import { PROFILES } from "../../src/model/profiles.ts";
import { zen4 } from "../../src/model/zen4.ts";

test("a profile's report holds every MSR of the range once", () => {
  for (const profile of PROFILES) {
    const msrs = profileReport(profile).rows.flatMap((row) => row.msrs);
    assert.deepEqual(
      msrs,
      Array.from({ length: 256 }, (_, index) => `0x${(0x800 + index).toString(16)}`),
    );
  }
});

test("words of a register share a row as long as their cells are equal", () => {
  const rows = profileReport(zen4).rows.map(({ label, register }) => `${label} ${register}`);
  for (const row of ["0x810 APIC_ISR", "0x811..0x817 APIC_ISR1..7", "0x854..0x8FF (no register)"]) {
    assert.ok(rows.includes(row), row);
  }
});

test("zen4 against the manual: what is documented and the CPU does not do", () => {
  const { rows } = profileDiff(zen4, apm);
  const differing = (access: "read" | "write") =>
    rows
      .filter((row) => row[access].differs)
      .map((row) => `${row.label} ${row[access].one.code} ${row[access].other.code}`);
  assert.deepEqual(differing("read"), ["0x80B #GP-direct HW", "0x80C #GP-direct HW", "0x80E #GP-direct HW"]);
  assert.deepEqual(differing("write"), [
    "0x802 #GP-direct UAA(t)",
    "0x803 #GP-direct UAA(f)",
    "0x809 #GP-direct UAA(f)",
    "0x80A #GP-direct UAA(f)",
    "0x80C #GP-direct UAA(t)",
    "0x80D #GP-direct UAA(t)",
    "0x80E #GP-direct UAA(t)",
    "0x810 #GP-direct UAA(f)",
    "0x811..0x817 #GP-direct UAA(f)",
    "0x818 #GP-direct UAA(f)",
    "0x819..0x81F #GP-direct UAA(f)",
    "0x820 #GP-direct UAA(f)",
    "0x821..0x827 #GP-direct UAA(f)",
    "0x839 #GP-direct UAA(f)",
  ]);
});

test("a profile does not differ from itself", () => {
  assert.deepEqual(profileDiff(zen4, zen4).rows, []);
});

test("words of which the write alone differs stand apart", () => {
  const word = 0x813;
  const other = zen4.cell(0x80f, "write");
  const cell: Profile["cell"] = (msr, access) =>
    msr === word && access === "write" ? other : zen4.cell(msr, access);
  const labels = profileReport({ ...zen4, cell }).rows.map(({ label }) => label);
  assert.deepEqual(labels.filter((label) => label.startsWith("0x81")).slice(0, 4), [
    "0x810",
    "0x811..0x812",
    "0x813",
    "0x814..0x817",
  ]);
});
