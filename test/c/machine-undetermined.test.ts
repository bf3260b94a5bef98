import assert from "node:assert/strict";
import { test } from "node:test";
import { Machine, Unknown, type Value } from "../../src/c/index.ts";
import { callF, machineOf, programOf, shown } from "./evaluate.ts";

type Case = readonly [name: string, text: string, expected: string];

function check(topic: string, cases: readonly Case[]): void {
  for (const [name, text, expected] of cases) {
    test(`${topic}: ${name}`, () => assert.equal(shown(callF(text)), expected));
  }
}

check("what C leaves undefined has no value", [
  ["shift by the width", "u32 f(void) { int n = 32; return 1u << n; }", "poison shift"],
  ["shift by a constant beyond the width", "int f(void) { return 1 << 40; }", "poison shift"],
  ["shift by a negative count", "int f(void) { int n = -1; return 1 >> n; }", "poison shift"],
  ["64-bit shift by 64", "u64 f(void) { int n = 64; return 1ull << n; }", "poison shift"],
  ["division by zero", "int f(void) { int z = 0; return 1 / z; }", "poison division"],
  ["remainder by zero", "u64 f(void) { u64 z = 0; return 1 % z; }", "poison division"],
  ["INT_MIN / -1", "int f(void) { int a = INT_MIN, b = -1; return a / b; }", "poison overflow"],
  [
    "read beyond an array",
    "int f(void) { int a[2] = { 1, 2 }, i = 2; return a[i]; }",
    "poison out-of-bounds",
  ],
  [
    "read before an array",
    "int f(void) { int a[2] = { 1, 2 }, i = -1; return a[i]; }",
    "poison out-of-bounds",
  ],
  ["read of a null pointer", "int f(void) { int *p = NULL; return *p; }", "poison invalid-pointer"],
  ["read of an uninitialised variable", "int f(void) { int x; return x + 1; }", "poison uninitialised"],
  [
    "read of an uninitialised element",
    "int f(void) { int a[3]; a[0] = 1; return a[1]; }",
    "poison uninitialised",
  ],
  [
    "a local after its life",
    "static int *g(void) { int x = 1; return &x; } int f(void) { return *g(); }",
    "poison invalid-pointer",
  ],
  [
    "the size of a type nobody defines",
    "struct gone; u64 f(void) { return sizeof(struct gone); }",
    "poison missing-type",
  ],
]);

check("what is undefined stops where it decides", [
  ["a condition on a shift", "int f(void) { int n = 33; if (1 << n) return 1; return 2; }", "stopped shift"],
  [
    "a loop on an uninitialised value",
    "int f(void) { int n; while (n) n--; return 1; }",
    "stopped uninitialised",
  ],
  [
    "a switch on a division by zero",
    "int f(void) { int z = 0; switch (5 / z) { case 1: return 1; } return 2; }",
    "stopped division",
  ],
  ["a write beyond an array", "int f(void) { int a[2]; a[2] = 1; return 0; }", "stopped out-of-bounds"],
  ["a write through null", "int f(void) { int *p = 0; *p = 1; return 0; }", "stopped invalid-pointer"],
  [
    "a write to a const object",
    "static const int c = 1; int f(void) { *(int *)&c = 2; return c; }",
    "stopped invalid-pointer",
  ],
  ["a call through null", "int f(void) { int (*p)(void) = NULL; return p(); }", "stopped invalid-pointer"],
  ["BUG_ON", "int f(void) { BUG_ON(1 + 1 == 2); return 0; }", "stopped assertion"],
  [
    "a function that cannot be parsed",
    "int g(void) { return 1 +; } int f(void) { return g(); }",
    "stopped syntax",
  ],
]);

check("unknown values from outside", [
  ["a variable that may change", "static int enable = 1; int f(void) { return enable; }", "unknown enable"],
  [
    "a module parameter",
    "static bool on = true;\nmodule_param(on, bool, 0444);\nint f(void) { return on; }",
    "unknown on",
  ],
  ["an extern variable", "extern int level; int f(void) { return level + 1; }", "unknown level + 1"],
  ["a name nobody declares", "int f(void) { return strange; }", "unknown strange"],
  ["a function nobody defines", "int f(void) { return helper(3); }", "unknown helper(3)"],
  [
    "a declared function",
    "long helper(int x); long f(void) { return helper(3) * 2; }",
    "unknown helper(3) * 2",
  ],
  [
    "inline assembly",
    'int f(void) { int x; asm volatile("rdtsc" : "=a" (x)); return x; }',
    "unknown asm at a.c:1",
  ],
  [
    "what a function wrote that nobody knows",
    "int f(void) { int x = 1; helper(&x); return x; }",
    "unknown x after helper()",
  ],
  ["an unknown condition", "extern int c; int f(void) { if (c) return 1; return 2; }", "stopped condition"],
  ["a function static", "int f(void) { static int n = 3; return n; }", "unknown n"],
]);

check("an unknown that decides nothing is harmless", [
  ["and 0", "extern int x; int f(void) { return x & 0; }", "0"],
  ["times 0", "extern int x; int f(void) { return 0 * x + 5; }", "5"],
  ["short circuit", "extern int x; int f(void) { return 0 && x; }", "0"],
  ["or 1", "extern int x; int f(void) { return 1 || x; }", "1"],
  ["known bits of a word", "extern u32 w; int f(void) { return (w & ~8) & 8; }", "0"],
  ["a bit that was set", "extern u32 w; int f(void) { return (w | 0x10) >> 4 & 1; }", "1"],
  [
    "a bit of an uninitialised word",
    "int f(void) { unsigned long w; __set_bit(3, &w); return test_bit(3, &w); }",
    "1",
  ],
  ["a narrow value is small", "extern u8 b; int f(void) { return b < 256; }", "1"],
  ["a truth value is 0 or 1", "extern bool b; int f(void) { return b > 1; }", "0"],
  ["a call", "int f(void) { helper(1); trace_thing(2); return 3; }", "3"],
  ["a poisoned value that is overwritten", "int f(void) { int x = 1 << 33; x = 4; return x; }", "4"],
  ["code that is not reached", "int f(void) { if (0) { this is no C at all; } return 1; }", "1"],
  ["x equals x", "extern int x; int f(void) { return x == x; }", "1"],
]);

test("a variable's value can be assumed", () => {
  const text = "static bool on; static u64 mask; u64 f(void) { return on ? mask : 0; }";
  const globals = new Map<string, Value>([
    ["on", 1],
    ["mask", 0x8000000000000000n],
  ]);
  assert.equal(shown(callF(text, [], { globals })), "9223372036854775808n");
});

test("a stop tells where and through which calls", () => {
  const text =
    "static int deep(int z)\n{\n\tif (1 / z)\n\t\treturn 1;\n\treturn 0;\n}\nint f(void)\n{\n\treturn deep(0);\n}\n";
  const outcome = callF(text);
  assert.ok("stopped" in outcome);
  assert.deepEqual(outcome.stopped.place, { file: "a.c", line: 3 });
  assert.deepEqual(outcome.stopped.stack, [
    { function: "deep", file: "a.c", line: 3 },
    { function: "f", file: "a.c", line: 9 },
  ]);
});

test("an unknown value tells where it comes from", () => {
  const outcome = callF("int f(void)\n{\n\tint n = 40;\n\treturn 1 << n;\n}\n");
  assert.ok("value" in outcome && outcome.value instanceof Unknown);
  assert.equal(outcome.value.place.line, 4);
  assert.match(outcome.value.reason, /width/);
});

const LIMITS: readonly Case[] = [
  ["an endless loop", "int f(void) { for (;;); }", "stopped step-limit"],
  ["an endless goto", "int f(void) { a: goto a; }", "stopped step-limit"],
  ["endless recursion", "int f(void) { return f(); }", "stopped depth-limit"],
  ["a huge array", "int f(void) { int a[1 << 30]; return 0; }", "stopped memory-limit"],
  [
    "a huge initialiser",
    "static const int t[] = { [0 ... 0x7ffffffe] = 1 }; int f(void) { return t[5]; }",
    "stopped memory-limit",
  ],
  ["arrays of arrays", "int f(void) { char a[1 << 20][1 << 20]; return a[0][0]; }", "stopped memory-limit"],
  ["a huge memset", "int f(void) { char a[4]; memset(a, 0, 1ull << 40); return 0; }", "stopped step-limit"],
  [
    "a bitmap of absurd size",
    "int f(void) { unsigned long m = 0; return find_next_bit(&m, ~0ul, 0); }",
    "stopped out-of-bounds",
  ],
  [
    "100k parentheses",
    `int f(void) { return ${"(".repeat(100_000)}1${")".repeat(100_000)}; }`,
    "stopped syntax",
  ],
  [
    "20k nested ifs",
    `int f(void) { ${"if (1) {".repeat(20_000)}${"}".repeat(20_000)} return 1; }`,
    "stopped syntax",
  ],
  ["20k unary operators", `int f(void) { return ${"-".repeat(1)}${"~".repeat(20_000)}1; }`, "stopped syntax"],
  ["a sum of 20k operands", `int f(void) { return ${"1 + ".repeat(20_000)}1; }`, "stopped syntax"],
  [
    "a struct that contains itself",
    "struct s { struct s x; }; u64 f(void) { return sizeof(struct s); }",
    "poison missing-type",
  ],
  ["a typedef of itself", "typedef loop loop; u64 f(void) { return sizeof(loop); }", "poison missing-type"],
  ["a negative array", "int f(void) { int a[-1]; return 0; }", "stopped unsupported"],
];

for (const [name, text, expected] of LIMITS) {
  test(`limits: ${name}`, () =>
    assert.equal(shown(callF(text, [], { limits: { steps: 100_000 } })), expected));
}

test("limits: what one machine has used is not there for the next one of the program", () => {
  const program = programOf({ text: "int f(int n) { int i; for (i = 0; i < n; i++) ; return i; }" });
  const call = (rounds: number) =>
    shown(new Machine(program, { limits: { steps: 1000, totalSteps: 1500 } }).call("f", [rounds], "a.c"));
  assert.deepEqual([400, 600, 200, 100].map(call), [
    "400",
    "stopped step-limit",
    "stopped step-limit",
    "stopped step-limit",
  ]);
});

test("limits: an array in a loop is one array at a time", () => {
  const text =
    "int f(void) { int s = 0; for (int i = 0; i < 1000; i++) { char a[100000]; a[5] = 1; s += a[5]; } return s; }";
  assert.equal(shown(callF(text)), "1000");
});

test("errors of the source tree pass through untouched", () => {
  class NotLoaded extends Error {}
  const broken = machineOf({ text: "int f(void) { return g(); }", files: {} });
  Object.defineProperty(broken.program, "findFunction", {
    value: () => {
      throw new NotLoaded("b.c");
    },
  });
  assert.throws(() => broken.call("f", [], "a.c"), NotLoaded);
});
