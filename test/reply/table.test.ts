import assert from "node:assert/strict";
import { test } from "node:test";
import { usualAnswers } from "../../src/model/answers.ts";
import { apm } from "../../src/model/apm.ts";
import { buildRows } from "../../src/model/rows.ts";
import type { Row } from "../../src/model/rows.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { renderEvidence, renderLegend, renderTable } from "../../src/reply/table.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, NOTHING, OLD_SET, POSTED } from "../model/posted.ts";

function rowsOf(old: AccessSet, now: AccessSet, profile = zen4): Row[] {
  const answers = usualAnswers("posted");
  return buildRows({ old, new: now, oldAnswers: answers, newAnswers: answers, profile });
}

const POSTED_ROWS = rowsOf(OLD_SET, NEW_SET);
const BORDER = `+${"-".repeat(14)}${`+${"-".repeat(15)}`.repeat(5)}+`;

test("the posted table, line by line", () => {
  const lines = renderTable(POSTED_ROWS).split("\n");
  assert.equal(lines.pop(), "");
  assert.deepEqual(lines.slice(0, 3), [
    BORDER,
    "| MSR          | Register      | Current RDMSR | New RDMSR     | Current WRMSR | New WRMSR     |",
    BORDER,
  ]);
  assert.equal(lines.pop(), BORDER);
  assert.deepEqual(
    lines
      .slice(3)
      .filter((line) => line !== BORDER)
      .map((line) => line.slice(1, -1).split("|")),
    POSTED.map((cells) => cells.map((cell, column) => ` ${cell}`.padEnd(column === 0 ? 14 : 15))),
  );
});

test("some lines of it as bytes", () => {
  const lines = renderTable(POSTED_ROWS).split("\n");
  for (const line of [
    "| 0x809        | APIC_ARBPRI   | UAA(f):#GP    | * MSR_INT:#GP | #GP-direct    | * MSR_INT:#GP |",
    "| 0x811..0x817 | APIC_ISR1..7  | MSR_INT:ok    | * HW          | MSR_INT:#GP   | MSR_INT:#GP   |",
    "| 0x830        | APIC_ICR      | HW            | HW            | HW / INC_IPI  | HW / INC_IPI  |",
    "| 0x83F        | APIC_SELF_IPI | MSR_INT:#GP   | MSR_INT:#GP   | MSR_INT:ok    | * HW / INC_IPI|",
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

test("every line is ASCII, equally long and without trailing blanks", () => {
  const everything = Array.from({ length: 256 }, (_, index) => 0x800 + index);
  const rows = rowsOf(NOTHING, { read: everything, write: everything });
  for (const line of renderTable(rows).trimEnd().split("\n")) {
    assert.match(line, /^[\x20-\x7e]{96}$/);
    assert.equal(line, line.trimEnd());
  }
});

test("a value too long for its column is not cut", () => {
  const [row] = POSTED_ROWS;
  assert.ok(row);
  const long = "MSR_INT:0x123456789abcdef0";
  const text = renderTable([{ ...row, read: { ...row.read, old: long } }]);
  assert.ok(text.includes(`| ${long}|`));
});

test("the legend has the codes that occur and no other", () => {
  const codes = (rows: Row[]) =>
    renderLegend(rows)
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split(" ")[0]);
  assert.deepEqual(codes(POSTED_ROWS), [
    "HW",
    "#GP-direct",
    "UAA(f):X",
    "UAA(t)",
    "MSR_INT:X",
    "INC_IPI",
    "*",
  ]);
  assert.deepEqual(codes(rowsOf(NOTHING, NOTHING)), ["MSR_INT:X"]);
  assert.deepEqual(codes(rowsOf(NOTHING, { read: [0x840], write: [] })), ["MSR_INT:X", "unknown", "*"]);
});

test("a table that was measured throughout says so", () => {
  assert.equal(renderEvidence(POSTED_ROWS, "zen4"), "Evidence (profile zen4): every cell measured.\n");
  assert.equal(renderEvidence([], "zen4"), "");
});

test("what is not measured is named under the table", () => {
  const rows = rowsOf(OLD_SET, { read: [...OLD_SET.read, 0x840], write: [...OLD_SET.write, 0x811, 0x832] });
  assert.equal(
    renderEvidence(rows, "zen4"),
    "Evidence (profile zen4): WRMSR of APIC_ISR1 and APIC_LVTT inferred; " +
      "WRMSR of APIC_EFEAT documented, not measured; RDMSR of APIC_EFEAT unknown; " +
      "every other cell measured.\n",
  );
});

test("a profile from the manual claims no measurement", () => {
  const text = renderEvidence(rowsOf(OLD_SET, OLD_SET, apm), "apm");
  assert.match(text, /^Evidence \(profile apm\): RDMSR of APIC_ICR2 and WRMSR of APIC_ICR2 inferred; /);
  assert.doesNotMatch(text, /cell measured/);
});
