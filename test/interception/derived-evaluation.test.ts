import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KernelBehaviour } from "../../src/interception/behaviour.ts";
import { createCache } from "../../src/interception/cache.ts";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import type { Access, AccessSet } from "../../src/x2apic.ts";
import { DERIVED_PATCHES, applyEdits } from "./derived-patches.ts";
import type { DerivedPatch } from "./derived-patches.ts";
import type { OpenSet } from "./derived/types.ts";
import { changedTree, realTree } from "./kernels.ts";
import type { Tree } from "./kernels.ts";

const cache = createCache();
const bases = new Map<string, KernelBehaviour>();

function behaviourOf(tree: Tree): KernelBehaviour {
  const result = evaluateKernel(tree, cache);
  assert.ok(result.ok, result.ok ? "" : `${result.reason} at ${result.place?.file}:${result.place?.line}`);
  return result.behaviour;
}

function baseOf(version: string, tree: Tree): KernelBehaviour {
  const known = bases.get(version) ?? behaviourOf(tree);
  bases.set(version, known);
  return known;
}

function changed(
  base: readonly number[],
  opened: readonly number[] = [],
  closed: readonly number[] = [],
): number[] {
  const kept = base.filter((msr) => !closed.includes(msr));
  assert.equal(kept.length, base.length - closed.length, "what closes was open");
  assert.deepEqual(
    kept.filter((msr) => opened.includes(msr)),
    [],
    "what opens was closed",
  );
  return [...kept, ...opened].sort((a, b) => a - b);
}

function changedSet(
  base: AccessSet,
  opened: Partial<OpenSet> = {},
  closed: Partial<OpenSet> = {},
): AccessSet {
  return {
    read: changed(base.read, opened.read, closed.read),
    write: changed(base.write, opened.write, closed.write),
  };
}

function asSet(open: Partial<OpenSet> = {}): AccessSet {
  return { read: open.read ?? [], write: open.write ?? [] };
}

function answersOf({ answers }: KernelBehaviour): Map<string, string> {
  return new Map(answers.map((answer) => [`${answer.access} ${answer.msr.toString(16)}`, answer.guest]));
}

function checkAnswers(patch: DerivedPatch, base: KernelBehaviour, now: KernelBehaviour): void {
  const open = patch.expected.documented ?? {};
  const expected = answersOf(base);
  for (const { msr, access, guest } of patch.expected.answers ?? []) {
    assert.notEqual(expected.get(`${access} ${msr.toString(16)}`), guest, "the answer changes");
    expected.set(`${access} ${msr.toString(16)}`, guest);
  }
  for (const access of ["read", "write"] as Access[]) {
    for (const msr of open[access] ?? []) expected.delete(`${access} ${msr.toString(16)}`);
    assert.deepEqual(
      now.openAnswers.filter((answer) => answer.access === access).map((answer) => answer.msr),
      open[access] ?? [],
    );
  }
  assert.deepEqual([...answersOf(now)].sort(), [...expected].sort());
}

function checkCondition(patch: DerivedPatch, base: KernelBehaviour, now: KernelBehaviour): void {
  const { condition } = patch.expected;
  if (!condition) return assert.deepEqual(now.conditions, []);
  assert.equal(now.conditions.length, 2);
  assert.ok(
    now.conditions.every((way) => way.when.includes(condition.text)),
    now.conditions[0]?.when,
  );
  const other = now.conditions.map((way) => way.sets.active);
  const expected = changedSet(base.sets.active, condition.opened, condition.closed);
  assert.ok(
    other.some((set) => JSON.stringify(set) === JSON.stringify(expected)),
    JSON.stringify(other),
  );
}

function check(patch: DerivedPatch, tree: Tree): void {
  const base = baseOf(patch.tree, tree);
  const after = changedTree(tree, applyEdits(patch.edits, tree.read));
  const { expected } = patch;
  if (expected.undetermined) {
    const result = evaluateKernel(after, cache);
    assert.ok(!result.ok, "no set is told");
    return assert.match(`${result.reason} ${result.place?.file}`, expected.undetermined);
  }
  const now = behaviourOf(after);
  assert.deepEqual(now.sets.active, changedSet(base.sets.active, expected.opened, expected.closed));
  assert.deepEqual(now.sets.deactivated, asSet(expected.deactivated));
  assert.deepEqual(now.sets["not-x2avic"], asSet(expected.notX2avic));
  const outside = now.outside.filter((access) => access.scenario === "active");
  for (const access of ["read", "write"] as Access[]) {
    assert.deepEqual(
      outside.filter((open) => open.access === access).map((open) => open.msr),
      asSet(expected.outside)[access],
    );
  }
  checkCondition(patch, base, now);
  checkAnswers(patch, base, now);
}

describe("what derived patches change", () => {
  for (const patch of DERIVED_PATCHES) {
    it(`${patch.name} (${patch.tree})`, (t) => {
      const tree = realTree(patch.tree);
      if (!tree) return t.skip(`no kernel ${patch.tree} under .cache`);
      check(patch, tree);
    });
  }
});
