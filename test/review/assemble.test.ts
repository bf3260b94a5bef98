import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelBehaviour } from "../../src/interception/behaviour.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { assemble, patchEffects } from "../../src/review/assemble.ts";
import { NEW_SET, NOTHING, OLD_SET } from "../model/posted.ts";
import { behaviour, NEW, OLD, READS_CHANGED } from "./behaviour.ts";

function review(base: KernelBehaviour, ...after: KernelBehaviour[]) {
  const steps = after.map((tree, at) => ({ index: at + 1, subject: `patch ${at + 1}`, after: tree }));
  const evaluated = { base, steps, profile: zen4 };
  const effects = patchEffects(evaluated);
  return {
    ...assemble(evaluated, effects),
    changing: effects.filter((one) => one.changesSets).map(({ index }) => index),
  };
}

test("patch 2 changes ten reads, patch 3 twenty-two writes, and every cell knows its patch", () => {
  const { verdict, rows, changing } = review(OLD, OLD, READS_CHANGED, NEW, NEW, NEW);
  assert.equal(verdict, "changed");
  assert.deepEqual(changing, [2, 3]);
  const reads = rows.filter(({ read }) => read.changed);
  const writes = rows.filter(({ write }) => write.changed);
  assert.equal(reads.length, 10);
  assert.equal(writes.length, 22);
  assert.ok(reads.every(({ read }) => read.by.join() === "2"));
  assert.ok(writes.every(({ write }) => write.by.join() === "3"));
});

test("columns stand for the base and the series up to the last patch that changes something", () => {
  const { sets, rows } = review(OLD, READS_CHANGED, READS_CHANGED);
  assert.equal(sets?.active.old.read.length, OLD_SET.read.length);
  assert.equal(sets?.active.new.read.length, NEW_SET.read.length);
  assert.deepEqual(sets?.active.new.write, sets?.active.old.write);
  assert.ok(rows.every(({ write }) => !write.changed));
});

test("what one patch does and another undoes is unchanged", () => {
  const { verdict, changing, findings } = review(OLD, NEW, OLD);
  assert.deepEqual({ verdict, changing, findings }, { verdict: "unchanged", changing: [1, 2], findings: [] });
});

test("an answer alone is a change; so is what stays open when deactivated, and what is open outside", () => {
  const answered = behaviour(OLD_SET, {
    answers: [{ msr: 0x832, access: "read", guest: "#GP", from: "evaluated", at: null, variants: [] }],
  });
  assert.equal(review(OLD, answered).verdict, "changed");
  const open = behaviour(OLD_SET, { sets: { ...OLD.sets, deactivated: OLD_SET } });
  const result = review(OLD, open);
  assert.equal(result.verdict, "changed");
  assert.ok(result.rows.every(({ read, write }) => !read.changed && !write.changed));
  assert.equal(result.findings[0]?.severity, "critical");
  const outside = behaviour(OLD_SET, { outside: [{ scenario: "active", msr: 0xc0000080, access: "write" }] });
  assert.equal(review(OLD, outside).verdict, "changed");
});

test("a condition that only one tree asks for has the usual sets on the other side", () => {
  const closed = { ...OLD.sets, active: NOTHING };
  const asking = behaviour(OLD_SET, { conditions: [{ when: "x == 0", at: null, sets: closed }] });
  const { conditions, verdict } = review(OLD, asking);
  assert.equal(verdict, "changed");
  assert.deepEqual(
    conditions.map(({ when }) => when),
    ["x == 0"],
  );
  assert.equal(conditions[0]?.sets.active.old.read.length, OLD_SET.read.length);
  assert.deepEqual(conditions[0]?.sets.active.new, NOTHING);
});
