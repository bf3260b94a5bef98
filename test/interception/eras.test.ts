import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { OLD_SET, both, range } from "./derived/types.ts";
import { ERAS, fixtureTree, realTree } from "./kernels.ts";
import type { Era, Tree } from "./kernels.ts";

interface Expected {
  readonly active: AccessSet;
  readonly deactivated?: AccessSet;
  readonly notX2avic?: AccessSet;
  readonly activate?: string;
}

const NOTHING: AccessSet = { read: [], write: [] };

/** What each era passes through, by hand. */
const EXPECTED: Readonly<Record<Era, Expected>> = {
  "rfc-2022": { active: both(range(0x800, 0x8ff)) },
  // Offsets below 0x100 land in the range as they are; the others lie beyond it.
  "6.0-rc": { active: both([0x820, 0x830, 0x880, 0x890, 0x8a0, 0x8b0, 0x8c0, 0x8d0, 0x8e0, 0x8f0]) },
  "6.1": { active: both(OLD_SET) },
  "6.17": { active: both(OLD_SET) },
  "6.18": { active: both(OLD_SET) },
  "7.2": {
    active: {
      read: [
        ...[0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f],
        ...range(0x810, 0x828),
        0x830,
        ...range(0x832, 0x838),
        0x83e,
      ],
      write: [0x808, 0x80b, 0x830, 0x83f],
    },
  },
};

function check(tree: Tree, expected: Expected): void {
  const result = evaluateKernel(tree);
  assert.ok(result.ok, result.ok ? "" : `${result.reason} (${result.place?.file}:${result.place?.line})`);
  const { sets, conditions, outside, openAnswers } = result.behaviour;
  assert.deepEqual(sets.active, expected.active);
  assert.deepEqual(sets.deactivated, expected.deactivated ?? NOTHING);
  assert.deepEqual(sets["not-x2avic"], expected.notX2avic ?? NOTHING);
  assert.deepEqual(conditions, []);
  assert.deepEqual(outside, []);
  assert.deepEqual(openAnswers, []);
}

describe("passthrough sets of each era", () => {
  for (const era of ERAS) {
    it(`kernels like ${era}`, () => {
      check(fixtureTree(era), EXPECTED[era]);
    });
  }
});

describe("passthrough sets of real kernels", () => {
  for (const version of ["6.1", "6.12"]) {
    it(`Linux ${version}`, (t) => {
      const tree = realTree(version);
      if (!tree) return t.skip(`no kernel ${version} under .cache`);
      check(tree, { active: both(OLD_SET) });
    });
  }
});
