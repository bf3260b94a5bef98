import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sameSet, union } from "../../src/interception/sets.ts";

const set = (read: number[], write: number[] = []) => ({ read, write });

describe("sets of accesses", () => {
  it("unites by access, ascending, each MSR once", () => {
    const sets = [set([0x810, 0x80f], [0x830]), set([0x802, 0x810], [0x80b, 0x8ff])];
    assert.deepEqual(union(sets), set([0x802, 0x80f, 0x810], [0x80b, 0x830, 0x8ff]));
    assert.deepEqual(union([]), set([]));
  });

  for (const [a, b, same] of [
    [set([]), set([]), true],
    [set([1, 2], [3]), set([1, 2], [3]), true],
    [set([1, 2], [3]), set([1, 4], [3]), false],
    [set([1, 2], [3]), set([1], [3]), false],
    [set([1], [3]), set([1, 2], [3]), false],
    [set([1], [3]), set([1], [4]), false],
    [set([1], [3]), set([2], [3]), false],
    [set([1], []), set([], [1]), false],
  ] as const) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${same ? "the same" : "different"}`, () => {
      assert.equal(sameSet(a, b), same);
    });
  }
});
