import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Machine, Program, Unknown } from "../../src/c/index.ts";

const TEXT = `static unsigned int table[] = { 1, 2, 4 };
static unsigned int blank[3];
static unsigned int single = 5;
int in_table(void) { return table[2]; }
int written(void) { table[0] = 9; return table[0] + table[1]; }
int in_function(void) { static unsigned int own[2] = { 3 }; return own[0] + own[1]; }
int in_blank(void) { return blank[0]; }
int in_single(void) { return single; }
`;

function call(name: string, text = TEXT) {
  const tree = { read: (path: string) => (path === "a.c" ? text : undefined), list: () => [] };
  const program = new Program(tree, { defines: {}, includeRoots: [] });
  return [new Machine(program), new Machine(program)].map((machine) => machine.call(name, [], "a.c"));
}

describe("variables that nobody wrote const before", () => {
  const known = { in_table: 4, written: 11, in_function: 3 };
  for (const [name, value] of Object.entries(known)) {
    it(`takes a table as it is initialised: ${name}`, () => {
      assert.deepEqual(call(name), [{ value }, { value }]);
    });
  }
  it("leaves a table alone that another machine has written to", () => {
    call("written");
    assert.deepEqual(call("in_table"), [{ value: 4 }, { value: 4 }]);
  });
  for (const name of ["in_blank", "in_single"]) {
    it(`does not know what the running kernel may have changed: ${name}`, () => {
      const [outcome] = call(name);
      assert.ok(outcome && "value" in outcome && outcome.value instanceof Unknown);
    });
  }
});

describe("a table that is there but cannot be read", () => {
  const big = `static const int t[] = { ${"1, ".repeat(120_000)} };\nint f(void) { return t[1] ? 2 : 3; }\n`;
  const broken = "static const int t[] = { 1, 2 3 };\nint f(void) { return t[1] ? 2 : 3; }\n";
  for (const [name, text, reason] of [
    ["too long", big, /t: a declaration of more than 300000 bytes/],
    ["malformed", broken, /t: expected/],
  ] as const) {
    it(`is a reason, never a question that somebody might answer: ${name}`, () => {
      const [outcome] = call("f", text);
      assert.ok(outcome && "stopped" in outcome);
      assert.equal(outcome.stopped.code, "syntax");
      assert.match(outcome.stopped.reason, reason);
    });
  }
});
