import assert from "node:assert/strict";
import { test } from "node:test";
import { usualAnswers } from "../../src/model/answers.ts";
import { buildRows, type Row } from "../../src/model/rows.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { renderDifference } from "../../src/reply/difference.ts";
import { differingRows, readTable, type ShownRow } from "../../src/reply/shown.ts";
import { renderTable } from "../../src/reply/table.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, NOTHING, OLD_SET } from "../model/posted.ts";

function rowsOf(old: AccessSet, now: AccessSet): Row[] {
  const answers = usualAnswers("posted");
  return buildRows({ old, new: now, oldAnswers: answers, newAnswers: answers, profile: zen4 });
}

function shown({ label, register, read, write }: Row): ShownRow {
  const cells = ({ old, new: now }: Row["read"]) => ({ old, new: now });
  return { label, register, read: cells(read), write: cells(write) };
}

const POSTED = rowsOf(OLD_SET, NEW_SET);

for (const [name, end] of [
  ["LF", "\n"],
  ["CRLF", "\r\n"],
] as const) {
  test(`a table that was rendered is read back cell by cell, ${name}`, () => {
    const quoted = `> | 0x802        | quoted |\n`;
    const text = `Hello\n${quoted}\n${renderTable(POSTED)}\n| 0x999 | after | a | b | c | d |\n`;
    assert.deepEqual(readTable(text.replaceAll("\n", end)), POSTED.map(shown));
  });
}

test("a text without a table, and one that is cut, give what is there", () => {
  assert.deepEqual(readTable("no table\n"), []);
  const lines = renderTable(POSTED).split("\n");
  assert.deepEqual(readTable(lines.slice(0, 5).join("\n")), POSTED.slice(0, 2).map(shown));
  assert.deepEqual(readTable("| MSR | Register |\n+---+\n| 0x802 | x |\n"), []);
});

test("equal tables do not differ, whatever patch changed them", () => {
  const by = POSTED.map((row) => ({ ...row, write: { ...row.write, by: [9] } }));
  assert.deepEqual(differingRows(POSTED, by), []);
});

test("the rows that differ, words of one register together", () => {
  const opened = { read: NEW_SET.read, write: [...NEW_SET.write, 0x811, 0x812] };
  const rows = differingRows(POSTED, rowsOf(OLD_SET, opened));
  assert.deepEqual(
    rows.map(({ label, register, former, now }) => [label, register, former?.write.new, now?.write.new]),
    [["0x811..0x812", "APIC_ISR1..2", "MSR_INT:#GP", "#GP-direct"]],
  );
  assert.equal(
    renderDifference(rows, { former: "v2", now: "v3" }),
    `+--------------+---------------+---------------+---------------+---------------+---------------+
| MSR          | Register      | v2 RDMSR      | v3 RDMSR      | v2 WRMSR      | v3 WRMSR      |
+--------------+---------------+---------------+---------------+---------------+---------------+
| 0x811..0x812 | APIC_ISR1..2  | HW            | HW            | MSR_INT:#GP   | * #GP-direct  |
+--------------+---------------+---------------+---------------+---------------+---------------+
`,
  );
});

test("another base shows in a table of its own", () => {
  const rows = differingRows(rowsOf(OLD_SET, NEW_SET), rowsOf(NOTHING, NEW_SET));
  const text = renderDifference(rows, { former: "v1", now: "v2" });
  assert.match(text, /^Before the series, on the base:\n\+/);
  assert.match(text, /\| 0x808 +\| APIC_TPR +\| HW +\| \* MSR_INT:ok +\| HW +\| \* MSR_INT:ok +\|/);
});

test("a row that only one table has", () => {
  const rows = differingRows(
    POSTED,
    rowsOf(OLD_SET, { read: [...NEW_SET.read, 0x840], write: NEW_SET.write }),
  );
  assert.match(
    renderDifference(rows, { former: "v1", now: "v2" }),
    /\| 0x840 +\| APIC_EFEAT +\| \(no row\) +\| \* unknown +\|/,
  );
});
