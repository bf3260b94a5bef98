import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KEPT_NAMES } from "../../src/c/builtins/builtins.ts";
import { FALLBACK_MACROS } from "../../src/c/builtins/fallback-macros.ts";
import { Machine } from "../../src/c/evaluate/machine.ts";
import { Program } from "../../src/c/program.ts";

const CONFIG = {
  defines: {},
  includeRoots: [],
  keptNames: KEPT_NAMES,
  fallbackMacros: FALLBACK_MACROS,
};

/** bits.h in the two forms that kernels have had, without the headers it includes. */
const FORMS = {
  "the parts of uapi's bits.h":
    "#define GENMASK_ULL(h, l) (GENMASK_INPUT_CHECK(h, l) + __GENMASK_ULL(h, l))\n",
  "the greatest value of a type":
    "#define GENMASK_TYPE(t, h, l) ((t)(GENMASK_INPUT_CHECK(h, l) + (type_max(t) << (l) & " +
    "type_max(t) >> (BITS_PER_TYPE(t) - 1 - (h)))))\n" +
    "#define GENMASK_ULL(h, l) GENMASK_TYPE(unsigned long long, h, l)\n",
};

describe("macros that stand in for headers", () => {
  for (const [name, text] of Object.entries(FORMS)) {
    it(`makes GENMASK_ULL of ${name}`, () => {
      const unit = `#define GENMASK_INPUT_CHECK(h, l) BUILD_BUG_ON_ZERO((l) > (h))\n${text}`;
      const tree = { read: (path: string) => (path === "a.c" ? unit : undefined), list: () => [] };
      const machine = new Machine(new Program(tree, CONFIG));
      assert.deepEqual(machine.evaluate("GENMASK_ULL(31, 20)", "a.c"), { value: 0xfff00000n });
      assert.deepEqual(machine.evaluate("GENMASK_ULL(63, 0)", "a.c"), { value: 2n ** 64n - 1n });
    });
  }
});
