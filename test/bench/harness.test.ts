import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { compareResults } from "../../bench/harness/compare.ts";
import { fillPage, PAGE } from "../../bench/harness/docs.ts";
import { NAMES } from "../../bench/harness/names.ts";
import { Reporter, type GoalWanted } from "../../bench/harness/report.ts";
import { makeResults, taken, type Results } from "../../bench/harness/results.ts";
import { exponent, quantile } from "../../bench/harness/stats.ts";
import { packagePath } from "../../src/package-root.ts";

function resultsOf(...goals: GoalWanted[]): Results {
  const report = new Reporter("scan", "Scan", () => undefined);
  for (const goal of goals) report.goal(goal);
  return makeResults([taken(report, false)]);
}

describe("two runs compared", () => {
  const atMost = (values: number[]) => resultsOf({ name: "time", values, bound: 6, kind: "at most" });
  const atLeast = (values: number[]) => resultsOf({ name: "speed", values, bound: 5, kind: "at least" });
  const cases: [string, Results, Results, boolean][] = [
    ["slower, apart from all that was seen before", atMost([1, 1.1, 1.2]), atMost([2, 2.1, 2.2]), true],
    ["slower, within what was seen before", atMost([1, 1.1, 2.1]), atMost([2, 2.1, 2.2]), false],
    ["faster", atMost([2, 2.1]), atMost([1, 1.1]), false],
    ["less of what should be much", atLeast([20, 21]), atLeast([10, 11]), true],
    ["slower by less than noise", atMost([1]), atMost([1.05]), false],
  ];
  for (const [name, before, after, worse] of cases) {
    test(name, () =>
      assert.deepEqual(
        compareResults(before, after).map((change) => change.worse),
        [worse],
      ),
    );
  }
});

describe("goals", () => {
  const met = (goal: GoalWanted) => resultsOf(goal).reports[0]?.goals[0]?.met;
  test("the median counts", () => {
    assert.equal(met({ name: "a", values: [1, 2, 9], bound: 2, kind: "at most" }), true);
    assert.equal(met({ name: "a", values: [1, 3, 9], bound: 2, kind: "at most" }), false);
    assert.equal(met({ name: "a", values: [1, 3, 9], bound: 3, kind: "at least" }), true);
  });
  test("what could not be measured is not met", () => {
    assert.equal(met({ name: "a", values: [], bound: 2, kind: "at most" }), false);
    assert.equal(met({ name: "a", values: [Number.NaN], bound: 2, kind: "at least" }), false);
  });
});

test("a page gets the figures of what was measured and keeps the rest", () => {
  const page =
    "# A\n\n<!-- bench scan -->\n\nold\n\n<!-- end -->\n\n<!-- bench web -->\n\nkept\n\n<!-- end -->\n";
  const filled = fillPage(page, resultsOf({ name: "time", values: [1], bound: 2, kind: "at most" }));
  assert.match(filled, /<!-- bench scan -->\n\n\| goal \| found \| bound +\| +\|\n/);
  assert.match(filled, /\| time \| 1 x {3}\| at most 2 x \| met \|/);
  assert.doesNotMatch(filled, /old/);
  assert.match(filled, /<!-- bench web -->\n\nkept\n\n<!-- end -->\n$/);
});

test("every benchmark is there and has its place on the page, once", () => {
  const places = [...readFileSync(PAGE, "utf8").matchAll(/<!-- bench (\S+) -->/g)].map(([, name]) => name);
  assert.deepEqual(places.toSorted(), ["machine", ...NAMES].toSorted());
  for (const name of NAMES) assert.ok(existsSync(packagePath("bench", `${name}.ts`)), name);
});

test("growth: 1 is linear, 2 is quadratic", () => {
  const of = (cost: (size: number) => number) =>
    exponent([10, 100, 1000].map((size) => [size, cost(size)] as const));
  assert.ok(Math.abs(of((size) => 3 * size) - 1) < 1e-9);
  assert.ok(Math.abs(of((size) => size ** 2) - 2) < 1e-9);
});

test("a quantile is a value that was seen", () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at);
  assert.deepEqual([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99)], [50, 99, 7]);
});
