import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Machine } from "../../src/c/evaluate/machine.ts";
import { Program } from "../../src/c/program.ts";
import { Unknown } from "../../src/c/evaluate/value.ts";

/** Bits 24 to 31 are set for certain; an error in the code leaves the others open. */
const PARTLY = "int s = 40;\n\tunsigned long long m = (1 << s) | 0xff000000u;\n";

function valueOf(expression: string) {
  const text = `int f(void)\n{\n\t${PARTLY}\treturn ${expression};\n}\n`;
  const tree = { read: (path: string) => (path === "a.c" ? text : undefined), list: () => [] };
  return new Machine(new Program(tree, { defines: {}, includeRoots: [] })).call("f", [], "a.c");
}

describe("a value of which some bits are certain", () => {
  const known = [
    { expression: "!(m & (1 << 31))", value: 0 },
    { expression: "!!(m & (1 << 31))", value: 1 },
    { expression: "(m & (1 << 31)) ? 5 : 6", value: 5 },
    { expression: "m && 1", value: 1 },
    { expression: "0 || !m", value: 0 },
    { expression: "(m & 0xff000000u) == 0xff000000u", value: 1 },
    { expression: "!(m & 0x10000000)", value: 0 },
  ];
  for (const { expression, value } of known) {
    it(`tells ${expression}`, () => {
      assert.deepEqual(valueOf(expression), { value });
    });
  }
  for (const expression of [
    "!(m & 1)",
    "!(m & (1 << s))",
    "m & (1 << s)",
    "m == 0xff000000u",
    "(m >> 8) & 1",
  ]) {
    it(`does not tell ${expression}`, () => {
      const outcome = valueOf(expression);
      assert.ok("stopped" in outcome || (outcome.value instanceof Unknown && outcome.value.poison));
    });
  }
});
