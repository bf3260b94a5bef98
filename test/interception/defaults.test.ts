import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defaultAnswer } from "../../src/interception/defaults.ts";
import { programOf } from "../../src/interception/evaluate.ts";
import { AVIC, treeOf } from "./tiny.ts";

function answer(text: string, source: string): boolean {
  const program = programOf(treeOf({ [AVIC]: source }), []);
  return defaultAnswer(program, { text, place: { file: AVIC, line: 1 } } as Parameters<
    typeof defaultAnswer
  >[1]);
}

describe("which way a condition goes by default", () => {
  for (const [text, source, expected] of [
    ["on", "static bool on = true;", true],
    ["on", "static bool on = false;", false],
    ["on == 2", "static int on = 1 + 1;", true],
    ["on", "static bool on;", false],
    ["!on", "static bool on;", true],
    ["b", "static int a = 1, b = 0;", false],
    ["a", "static int a = 1, b = 0;", true],
    ["a && b", "static int a = 1;\nstatic int b = 1;", true],
    ["a && b", "static int a = 1;\nstatic int b = 0;", false],
    ["a", "static int b = 0;\nstatic int a = 1;", true],
    ["wide", "static u64 wide = 1ull << 40;", true],
    ["wide & 1", "static u64 wide = 1ull << 40;", false],
    ["wide & 1ull", "static u64 wide = 1ull << 40;", false],
    ["a_2", "static int a_2 = 0;", false],
    ["_a", "static int _a = 0;", false],
    ["ON", "static int ON = 0;", false],
    ["kind == TWO", "enum k { ONE, TWO };\nstatic enum k kind = TWO;", true],
    ["kind == TWO", "enum k { ONE, TWO };\nstatic enum k kind = ONE;", false],
    ["unheard_of", "", true],
    ["cpu_can(3)", "", true],
    ["cpu_can(a)", "static int a = 0;", true],
    ["a", "static int a = cpu_can(3);", true],
  ] as const) {
    it(`${text} with ${JSON.stringify(source)}: ${expected}`, () => {
      assert.equal(answer(text, source), expected);
    });
  }
});
