/** Versions of a unit that follow each other: each is seen as if it were alone, whatever they share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Machine } from "../../src/c/index.ts";
import { createSourceCache } from "../../src/c/text/files.ts";
import type { SourceCache } from "../../src/c/text/files.ts";
import { DEFAULT_LIMITS } from "../../src/c/source.ts";
import { spell } from "../../src/c/text/token.ts";
import { configOf, treeOf } from "./source.ts";
import { Program } from "../../src/c/program.ts";

/** The same for all: only then is anything shared. */
const CONFIG = configOf();

interface Version {
  readonly name: string;
  /** The unit before and after. */
  readonly versions: readonly [string, string];
  readonly header: string;
  /** What f() gives in each. */
  readonly values: readonly [number, number];
}

const VERSIONS: readonly Version[] = [
  {
    name: "a function of the unit that a header's calls",
    versions: [
      `#include "h.h"\nint g(void) { return 1; }\n`,
      `#include "h.h"\n\nint g(void) { return 2; }\n`,
    ],
    header: "int g(void);\nstatic inline int f(void) { return g(); }\n",
    values: [1, 2],
  },
  {
    name: "a macro before the header",
    versions: [`#define N 1\n#include "h.h"\n`, `#define N 2\n#include "h.h"\n`],
    header: "static inline int f(void) { return N; }\n",
    values: [1, 2],
  },
  {
    name: "a macro before the header, on another line",
    versions: [`#define N __LINE__\n#include "h.h"\n`, `\n\n#define N __LINE__\n#include "h.h"\n`],
    header: "\n\nstatic inline int f(void) { return N; }\n",
    values: [4, 4],
  },
  {
    name: "a macro more behind the header",
    versions: [`#include "h.h"\n`, `#include "h.h"\n#define N 2\nint x = N;\n`],
    header: "#ifndef N\n#define N 1\n#endif\nstatic inline int f(void) { return N; }\n",
    values: [1, 1],
  },
  {
    name: "a typedef of a name that the header's function uses as a variable",
    versions: [`#include "h.h"\nint t = 7;\n`, `#include "h.h"\ntypedef char t;\n`],
    header: "static inline int f(void) { return sizeof(int[sizeof(t)]); }\n",
    values: [16, 4],
  },
  {
    name: "a typedef that decides what a cast is",
    versions: [`#include "h.h"\nenum { t = 3 };\n`, `#include "h.h"\ntypedef int t;\n`],
    header: "static inline int f(void) { int u = 5; return (t) - u; }\n",
    values: [-2, -5],
  },
  {
    name: "a structure that the unit defines and the header uses",
    versions: [`#include "h.h"\nstruct s { int a; };\n`, `#include "h.h"\nstruct s { int a, b; };\n`],
    header: "struct s;\nstatic inline int f(void) { return sizeof(struct s); }\n",
    values: [4, 8],
  },
  {
    name: "a declaration that the unit's macro makes of the header's name",
    versions: [`#include "h.h"\nMAKE(g, 1)\n`, `#include "h.h"\nMAKE(h, 1)\nMAKE(g, 2)\n`],
    header: "#define MAKE(name, n) int name(void) { return n; }\nstatic inline int f(void) { return g(); }\n",
    values: [1, 2],
  },
];

function valueOf(unit: string, header: string, cache: SourceCache): unknown {
  const files = { "a.c": unit, "h.h": `#pragma once\n${header}` };
  const outcome = new Machine(new Program(treeOf(files), CONFIG, { cache })).call("f", [], "a.c");
  return "value" in outcome ? Number(outcome.value) : outcome.stopped.reason;
}

for (const { name, versions, header, values } of VERSIONS) {
  test(name, () => {
    const alone = versions.map((unit) => valueOf(unit, header, createSourceCache()));
    const cache = createSourceCache();
    const [first, second] = versions;
    const shared = [first, second, first, second].map((unit) => valueOf(unit, header, cache));
    assert.deepEqual(alone, values);
    assert.deepEqual(shared, [...values, ...values]);
  });
}

test("a version that uses up what a program may cost leaves nothing to the next", () => {
  const header = "#pragma once\n#define TWO(a) int a##_1(void) { return 1; } int a##_2(void);\nTWO(made)\n";
  const bomb = "#define a(x) x x x x x x x x\n#define b(x) a(a(a(a(x))))\nint f(void) { b(b(1)) }\n";
  const cache = createSourceCache();
  const limits = { ...DEFAULT_LIMITS, tokens: 20_000, totalTokens: 20_000 };
  const of = (unit: string) => {
    const files = { "a.c": `#include "h.h"\n${unit}`, "h.h": header };
    return new Program(treeOf(files), CONFIG, { cache, limits });
  };
  const spent = of(bomb);
  assert.equal(spent.findFunction("f", "a.c")?.problem?.code, "token-limit");
  assert.equal(spent.findFunction("made_1", "a.c"), null);
  // no other macros: the same headers in the same shape
  const next = of(bomb.replace("b(b(1))", "return 1;"));
  assert.equal(spell(next.findFunction("made_1", "a.c")?.tokens ?? []), "int made_1(void) { return 1; }");
});
