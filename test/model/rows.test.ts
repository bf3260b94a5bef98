import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { usualAnswers } from "../../src/model/answers.ts";
import type { KvmAnswer } from "../../src/model/answers.ts";
import { apm } from "../../src/model/apm.ts";
import { outcome } from "../../src/model/outcome.ts";
import { X2APIC_MSRS } from "../../src/model/registers.ts";
import { buildRows } from "../../src/model/rows.ts";
import type { Row, RowCell, RowsInput } from "../../src/model/rows.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { ACCESSES } from "../../src/x2apic.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, NOTHING, OLD_SET, POSTED, range } from "./posted.ts";

const ANSWERS = usualAnswers("posted");

function rowsOf(old: AccessSet, now: AccessSet, more: Partial<RowsInput> = {}): Row[] {
  return buildRows({ old, new: now, oldAnswers: ANSWERS, newAnswers: ANSWERS, profile: zen4, ...more });
}

function starred(cell: RowCell): string {
  return cell.changed ? `* ${cell.new}` : cell.new;
}

function withAnswer(answers: readonly KvmAnswer[], changed: KvmAnswer): KvmAnswer[] {
  return answers.map((answer) =>
    answer.msr === changed.msr && answer.access === changed.access ? changed : answer,
  );
}

test("the two sets of the posted table give its 29 rows", () => {
  const rows = rowsOf(OLD_SET, NEW_SET);
  assert.equal(OLD_SET.read.length, 24);
  assert.equal(NEW_SET.read.length, 40);
  assert.equal(rows.length, 29);
  assert.deepEqual(
    rows.map(({ label, register, read, write }) => [
      label,
      register,
      read.old,
      starred(read),
      write.old,
      starred(write),
    ]),
    POSTED,
  );
});

test("a star stands exactly where the intercept bit changed: 10 reads, 22 writes", () => {
  const rows = rowsOf(OLD_SET, NEW_SET);
  for (const access of ACCESSES) {
    const stars = rows.filter((row) => row[access].changed);
    assert.equal(stars.length, access === "read" ? 10 : 22);
    for (const row of rows) {
      for (const msr of row.msrs.map(Number)) {
        assert.equal(
          row[access].changed,
          OLD_SET[access].includes(msr) !== NEW_SET[access].includes(msr),
          `${row.label} ${access}`,
        );
      }
    }
  }
});

test("every cell of the posted table counts as measured", () => {
  for (const row of rowsOf(OLD_SET, NEW_SET)) {
    assert.deepEqual([row.read.evidence, row.write.evidence], ["measured", "measured"], row.label);
  }
});

test("with nothing passed through the 29 rows remain", () => {
  const rows = rowsOf(NOTHING, NOTHING);
  assert.equal(rows.length, 29);
  assert.ok(rows.every(({ read, write }) => !read.changed && !write.changed));
});

test("a group splits where its cells differ", () => {
  const now = { read: range(0x811, 0x813), write: [] };
  const labels = rowsOf(NOTHING, now)
    .filter(({ register }) => register.startsWith("APIC_ISR"))
    .map(({ label, register }) => [label, register]);
  assert.deepEqual(labels, [
    ["0x810", "APIC_ISR"],
    ["0x811..0x813", "APIC_ISR1..3"],
    ["0x814..0x817", "APIC_ISR4..7"],
  ]);
});

test("a group splits where different patches changed it", () => {
  const now = { read: range(0x819, 0x81f), write: [] };
  const changedBy = (msr: number) => (msr === 0x81c ? [3, 2] : [2]);
  const rows = rowsOf(NOTHING, now, { changedBy }).filter(({ read }) => read.changed);
  assert.deepEqual(
    rows.map(({ label, register, read }) => [label, register, read.by]),
    [
      ["0x819..0x81B", "APIC_TMR1..3", [2]],
      ["0x81C", "APIC_TMR4", [2, 3]],
      ["0x81D..0x81F", "APIC_TMR5..7", [2]],
    ],
  );
});

test("a group splits where the evidence differs", () => {
  const documented = { msr: 0x814, access: "write", guest: "#GP", from: "documented" } as const;
  const newAnswers = withAnswer(ANSWERS, documented);
  const isr = rowsOf(NOTHING, NOTHING, { newAnswers }).filter(({ register }) => /ISR[1-7]/.test(register));
  assert.deepEqual(
    isr.map(({ label, write }) => [label, write.evidence]),
    [
      ["0x811..0x813", "measured"],
      ["0x814", "documented"],
      ["0x815..0x817", "measured"],
    ],
  );
});

test("a changed cell names no patch where nobody asks for patches", () => {
  const changed = rowsOf(NOTHING, NEW_SET).filter(({ read }) => read.changed);
  assert.ok(changed.every(({ read }) => read.by.length === 0));
});

test("an unchanged cell names no patch", () => {
  const [row] = rowsOf(NOTHING, NOTHING, { changedBy: () => [1] });
  assert.deepEqual(row?.read.by, []);
});

test("any other MSR gets a row when it is passed through", () => {
  const rows = rowsOf(NOTHING, { read: [0x82f, 0x840], write: range(0x8f0, 0x8ff) });
  const more = rows.filter(({ label }) => POSTED.every(([posted]) => posted !== label));
  assert.deepEqual(
    more.map(({ label, register, read, write }) => [label, register, read.new, write.new]),
    [
      ["0x82F", "APIC_LVTCMCI", "#GP-direct", "MSR_INT:#GP"],
      ["0x840", "APIC_EFEAT", "unknown", "MSR_INT:#GP"],
      ["0x8F0..0x8FF", "(no register)", "MSR_INT:#GP", "#GP-direct"],
    ],
  );
  assert.equal(more[1]?.read.evidence, "unknown");
  assert.deepEqual(more[0]?.msrs, ["0x82f"]);
});

test("an answer of KVM that changes under equal sets is a change, where it is visible", () => {
  const dfr = { msr: 0x80e, access: "read", guest: "ok", from: "evaluated" } as const;
  const oldAnswers = withAnswer(ANSWERS, dfr);
  const visible = rowsOf(NOTHING, NOTHING, { oldAnswers }).find(({ label }) => label === "0x80E");
  assert.deepEqual(
    [visible?.read.old, visible?.read.new, visible?.read.changed, visible?.read.evidence],
    ["MSR_INT:ok", "MSR_INT:#GP", true, "inferred"],
  );
  const hidden = rowsOf(OLD_SET, OLD_SET, { oldAnswers }).find(({ label }) => label === "0x80E");
  assert.deepEqual([hidden?.read.old, hidden?.read.changed], ["#GP-direct", false]);
});

test("a further MSR whose answer changes gets a row", () => {
  const answer = { msr: 0x843, access: "write", guest: "ok", from: "evaluated" } as const;
  const rows = rowsOf(NOTHING, NOTHING, { newAnswers: withAnswer(ANSWERS, answer) });
  assert.equal(rows.length, 30);
  assert.equal(rows.at(-1)?.label, "0x843");
});

test("the evidence of a pair is the weaker one", () => {
  const fallback = usualAnswers("documented");
  const row = rowsOf(OLD_SET, NEW_SET, { newAnswers: fallback }).find(({ label }) => label === "0x802");
  assert.deepEqual([row?.read.evidence, row?.write.evidence], ["measured", "documented"]);
});

const accesses = fc.uniqueArray(fc.constantFrom(...X2APIC_MSRS), { maxLength: 256 });
const accessSets = fc.record({ read: accesses, write: accesses });
const profiles = fc.constantFrom(zen4, apm);

test("a table turned round has the same rows with old and new exchanged", () => {
  fc.assert(
    fc.property(accessSets, accessSets, profiles, (one, other, profile) => {
      const turn = ({ old, new: now, ...rest }: RowCell) => {
        return { ...rest, old: now, new: old };
      };
      const there = rowsOf(one, other, { profile });
      const back = rowsOf(other, one, { profile });
      assert.deepEqual(
        there,
        back.map((row) => {
          return { ...row, read: turn(row.read), write: turn(row.write) };
        }),
      );
    }),
  );
});

test("rows ascend, hold an MSR at most once, and show for each the outcome it has", () => {
  fc.assert(
    fc.property(accessSets, accessSets, profiles, (old, now, profile) => {
      const rows = rowsOf(old, now, { profile });
      const msrs = rows.flatMap((row) => row.msrs.map(Number));
      assert.deepEqual(
        msrs,
        [...new Set(msrs)].sort((a, b) => a - b),
      );
      for (const row of rows) {
        for (const msr of row.msrs.map(Number)) {
          for (const access of ACCESSES) {
            const answer = ANSWERS.find((known) => known.msr === msr && known.access === access);
            assert.ok(answer);
            const code = (set: AccessSet) =>
              outcome({ msr, access, passed: set[access].includes(msr), profile, answer }).code;
            assert.deepEqual([row[access].old, row[access].new], [code(old), code(now)]);
          }
        }
      }
      for (const msr of [...old.read, ...old.write, ...now.read, ...now.write]) {
        assert.ok(msrs.includes(msr));
      }
    }),
    { numRuns: 50 },
  );
});
