import assert from "node:assert/strict";
import { test } from "node:test";
import { apm } from "../../src/model/apm.ts";
import { profileDiff, profileReport } from "../../src/model/profile-report.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { renderProfile, renderProfileDiff } from "../../src/reply/profile.ts";

test("a profile names the evidence of each cell and its source", () => {
  const lines = renderProfile(profileReport(zen4)).split("\n");
  for (const line of [
    "| 0x802        | APIC_ID       | HW            | measured [2]  | #GP-direct    | measured [2]  |",
    "| 0x811..0x817 | APIC_ISR1..7  | HW            | measured [2]  | #GP-direct    | inferred [1]  |",
    "| 0x842        | APIC_SEOI     | unknown       | unknown [4]   | unknown       | unknown [4]   |",
    "  WRMSR of APIC_EOI: UAA(t) when the interrupt is level-triggered (documented)",
    "  RDMSR of APIC_TMCCT: UAA(f):count when the timer is running (inferred)",
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.ok(lines.some((line) => line.startsWith("  [2] measured on Zen4 by Naveen N Rao")));
});

test("no column of a profile overflows", () => {
  for (const profile of [zen4, apm]) {
    const grid = renderProfile(profileReport(profile))
      .split("\n")
      .filter((line) => /^[|+]/.test(line));
    for (const line of grid) assert.equal(line.length, 96, line);
  }
});

test("the difference of two profiles", () => {
  const lines = renderProfileDiff(profileDiff(zen4, apm)).split("\n");
  assert.ok(
    lines.includes(
      "| MSR          | Register      | zen4 RDMSR    | apm RDMSR     | zen4 WRMSR    | apm WRMSR     |",
    ),
  );
  assert.ok(
    lines.includes(
      "| 0x80B        | APIC_EOI      | #GP-direct    | * HW          | HW            | HW            |",
    ),
  );
  assert.equal(renderProfileDiff(profileDiff(zen4, zen4)), "zen4 and zen4 do not differ.\n");
});
