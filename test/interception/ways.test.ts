import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { reduceWays } from "../../src/interception/ways.ts";

function path(answers: Record<string, boolean>, result: number) {
  const conditions = Object.entries(answers).map(([text, value]) => ({ text, value }));
  return { conditions, result };
}

function reduced(paths: ReturnType<typeof path>[]) {
  return reduceWays(paths, (a, b) => a === b).map((way) => ({
    when: way.conditions.map(({ text, value }) => (value ? text : `!${text}`)).join(" "),
    result: way.result,
  }));
}

describe("ways that conditions lead to", () => {
  it("is one way without a condition", () => {
    assert.deepEqual(reduced([path({}, 1)]), [{ when: "", result: 1 }]);
  });
  it("forgets a question that decides nothing", () => {
    assert.deepEqual(reduced([path({ a: true }, 1), path({ a: false }, 1)]), [{ when: "", result: 1 }]);
  });
  it("keeps a question that decides", () => {
    assert.deepEqual(reduced([path({ a: true }, 1), path({ a: false }, 2)]), [
      { when: "a", result: 1 },
      { when: "!a", result: 2 },
    ]);
  });
  it("keeps the deciding one of two", () => {
    const paths = [
      path({ a: true, b: true }, 1),
      path({ a: true, b: false }, 2),
      path({ a: false, b: true }, 1),
      path({ a: false, b: false }, 2),
    ];
    assert.deepEqual(reduced(paths), [
      { when: "b", result: 1 },
      { when: "!b", result: 2 },
    ]);
  });
  it("keeps a question asked on one side only", () => {
    const paths = [path({ a: true, b: true }, 1), path({ a: true, b: false }, 2), path({ a: false }, 2)];
    assert.deepEqual(reduced(paths), [
      { when: "a b", result: 1 },
      { when: "a !b", result: 2 },
      { when: "!a", result: 2 },
    ]);
  });
  for (const value of [true, false]) {
    it(`takes a side that was never walked as not there: ${value} alone`, () => {
      assert.deepEqual(reduced([path({ a: value }, 1)]), [{ when: "", result: 1 }]);
    });
  }
  it("is no way where there is no path", () => {
    assert.deepEqual(reduced([]), []);
  });
  for (const { name, sides, ways } of [
    { name: "other questions", sides: ["b", "c"], ways: ["a b", "a !b", "!a c", "!a !c"] },
    { name: "the same question", sides: ["b", "b"], ways: ["b", "!b"] },
  ] as const) {
    it(`compares both sides: ${name}`, () => {
      const paths = [true, false].flatMap((a, side) =>
        [true, false].map((value) => path({ a, [sides[side] ?? ""]: value }, value ? 1 : 2)),
      );
      assert.deepEqual(
        reduced(paths).map(({ when }) => when),
        ways,
      );
    });
  }
  it("keeps the question where the second of two results differs", () => {
    const paths = [true, false].flatMap((a) => [true, false].map((b) => path({ a, b }, b ? 1 : a ? 2 : 3)));
    assert.deepEqual(
      reduced(paths).map(({ when, result }) => `${when}: ${result}`),
      ["a b: 1", "a !b: 2", "!a b: 1", "!a !b: 3"],
    );
  });
});
