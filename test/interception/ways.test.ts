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
  it("takes a side that was never walked as not there", () => {
    assert.deepEqual(reduced([path({ a: true }, 1)]), [{ when: "", result: 1 }]);
  });
});
