import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Machine, Program } from "../../src/c/index.ts";

const TEXT = `enum reg {
	FIRST = MISSING_MACRO,
	SECOND,
	THIRD = 7,
	FOURTH,
	ALIAS = SECOND,
};
struct ops {
	void (*cache)(enum reg reg);
	bool flag;
};
extern struct ops ops;
int sum(void) { return THIRD + FOURTH; }
int other(void) { return ops.flag ? 1 : 1; }
int unknown(void) { return SECOND ? 1 : 2; }
`;

function call(name: string) {
  const tree = { read: (path: string) => (path === "a.c" ? TEXT : undefined), list: () => [] };
  const config = { defines: {}, includeRoots: [] };
  return new Machine(new Program(tree, config), { decide: () => true }).call(name, [], "a.c");
}

describe("an enumerator that rests on a missing macro", () => {
  it("leaves those with a value of their own known", () => {
    assert.deepEqual(call("sum"), { value: 15 });
  });
  it("does no harm where the type alone is used", () => {
    assert.deepEqual(call("other"), { value: 1 });
  });
  it("is not guessed", () => {
    let asked = 0;
    const tree = { read: (path: string) => (path === "a.c" ? TEXT : undefined), list: () => [] };
    const program = new Program(tree, { defines: {}, includeRoots: [] });
    const outcome = new Machine(program, { decide: () => ++asked > 0 }).call("unknown", [], "a.c");
    assert.ok("stopped" in outcome || asked === 1);
  });
});
