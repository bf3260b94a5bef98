/** What a traced machine tells, and that it computes the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Machine, Program, TracedMachine, type Tracer } from "../../src/c/index.ts";

const CODE = `
int outside(int x);
static int known(int x) { return 7; }
static void nothing(void) { }
static int twice(unsigned int msr)
{
	if (msr > 0x800)
		return 2 * msr;
	switch (msr) {
	case 1:
		nothing();
		return known(msr);
	}
	return outside(msr);
}
int all(void)
{
	int i, sum = 0;
	for (i = 0; i < 2; i++)
		sum += twice(i);
	return sum + twice(0x801);
}
`;
const tree = { read: (path: string) => (path === "a.c" ? CODE : undefined), list: () => [] };
const config = { defines: {}, includeRoots: [] };

test("calls, values and branches in their order, with what is assumed and what is not known", () => {
  const lines: string[] = [];
  let depth = 0;
  const say = (text: string) => void lines.push(`${"  ".repeat(depth)}${text}`);
  const tracer: Tracer = {
    entered: ({ name, args, place, kind }) => {
      say(`${kind} ${name}(${args.join(", ")}) at ${place.line}`);
      depth++;
    },
    left: (value) => {
      depth--;
      if (value !== null) say(`= ${value}`);
    },
    branched: ({ line }, taken) => say(`${line}: ${taken}`),
  };
  const options = { overrides: new Map([["known", () => 7]]) };
  const machine = new TracedMachine(new Program(tree, config), options, tracer);
  const outcome = machine.call("all", [], "a.c");
  assert.deepEqual(lines, [
    "code all() at 0",
    "  19: true",
    "  code twice(0) at 20",
    "    7: false",
    "    9: no case of its own",
    "    unknown outside(0) at 14",
    "    = ?outside(0)",
    "  = ?outside(0)",
    "  19: true",
    "  code twice(1) at 20",
    "    7: false",
    "    9: a case",
    "    code nothing() at 11",
    "    assumed known(1) at 12",
    "    = 7",
    "  = 7",
    "  19: false",
    "  code twice(0x801) at 21",
    "    7: true",
    "  = 0x1002",
    "= ?(outside(0) + 7) + 0x1002",
  ]);
  const plain = new Machine(new Program(tree, config), options);
  assert.deepEqual(plain.call("all", [], "a.c"), outcome);
  assert.deepEqual([machine.deepest, machine.steps], [3, plain.steps]);
});
