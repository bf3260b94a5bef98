import assert from "node:assert/strict";
import { test } from "node:test";
import { createSourceCache } from "../../src/c/text/files.ts";
import { Program } from "../../src/c/program.ts";
import { DEFAULT_LIMITS } from "../../src/c/source.ts";
import type { CConfig, Definition } from "../../src/c/source.ts";
import { spell } from "../../src/c/text/token.ts";
import { configOf, programOf } from "./source.ts";
import type { SourceFiles } from "./source.ts";

type Finder = (program: Program, name: string) => Definition | null;

const FINDERS: Readonly<Record<string, Finder>> = {
  function: (program, name) => program.findFunction(name, "a.c"),
  object: (program, name) => program.findObject(name, "a.c"),
  typedef: (program, name) => program.findTypedef(name, "a.c"),
  enumerator: (program, name) => program.findEnumerator(name, "a.c"),
  struct: (program, name) => program.findTag("struct", name, "a.c"),
  union: (program, name) => program.findTag("union", name, "a.c"),
  enum: (program, name) => program.findTag("enum", name, "a.c"),
};

function find(program: Program, wanted: string): Definition | null {
  const [kind = "", name = ""] = wanted.split(" ");
  return FINDERS[kind]?.(program, name) ?? null;
}

interface Case {
  readonly text: string;
  /** `kind name` of all that must be found in the text, and what it is found to be. */
  readonly finds: readonly string[];
  readonly misses?: readonly string[];
}

const DECLARATIONS: Case[] = [
  { text: "int f(void) { return 1; }", finds: ["function f"], misses: ["object f", "function return"] },
  {
    text: "static inline struct a *f(int (*g)(int), char h[2]) { }",
    finds: ["function f"],
    misses: ["function g", "object h", "struct a"],
  },
  { text: "static __always_inline bool __must_check f(u32 a) { }", finds: ["function f"] },
  {
    text: "__printf(1, 2) void f(const char *fmt, ...) { }",
    finds: ["function f"],
    misses: ["function __printf"],
  },
  { text: "static __printf(1, 2) void f(const char *fmt, ...) { }", finds: ["function f"] },
  { text: "void f(int a) __must_hold(&lock) __releases(x) { }", finds: ["function f"] },
  { text: "bool __attribute__((weak)) f(void) { }", finds: ["function f"] },
  { text: "__attribute__((noinline)) int f(void) { }", finds: ["function f"] },
  { text: "int (*f(int a))(int) { }", finds: ["function f"] },
  { text: "u32 f(void);", finds: ["function f"] },
  { text: "extern int f(void), g(int);", finds: ["function f", "function g"] },
  { text: "int a;", finds: ["object a"] },
  {
    text: "int a, *b, c[3], (*d)(int), e = 5, g[] = {1, 2};",
    finds: ["object a", "object b", "object c", "object d", "object e", "object g"],
  },
  {
    text: "static const u32 t[] = { [A] = 1, [B ... C] = f(2), };",
    finds: ["object t"],
    misses: ["object A", "function f"],
  },
  { text: "static unsigned short __read_mostly a = 3, b __ro_after_init;", finds: ["object a", "object b"] },
  {
    text: "static const struct row { u32 i; bool b; } rows[] = { { .i = 1 }, };",
    finds: ["struct row", "object rows"],
  },
  {
    text: "struct a { int x; struct b { int y; } z; enum c { D, E = 2, } w; };",
    finds: ["struct a", "struct b", "enum c", "enumerator D", "enumerator E"],
    misses: ["object x"],
  },
  { text: "struct __attribute__((packed)) a { int x; } __aligned(8);", finds: ["struct a"] },
  {
    text: "struct __packed a { struct __packed b { int x; } y; struct __attribute__((packed)) c { int z; } w; };",
    finds: ["struct a", "struct b", "struct c"],
    misses: ["struct __packed"],
  },
  { text: "union u { int x; };", finds: ["union u"], misses: ["struct u"] },
  { text: "struct a;", finds: [], misses: ["struct a"] },
  { text: "struct a *p;", finds: ["object p"], misses: ["struct a"] },
  { text: "enum { A, B = (1, 2), C };", finds: ["enumerator A", "enumerator B", "enumerator C"] },
  { text: "typedef unsigned int u32;", finds: ["typedef u32"], misses: ["object u32"] },
  { text: "typedef struct { int a; } t, *tp;", finds: ["typedef t", "typedef tp"] },
  { text: "typedef int (*fn)(int a); typedef int arr[3];", finds: ["typedef fn", "typedef arr"] },
  { text: "__typeof__(1) a; typeof(a) b;", finds: ["object a", "object b"] },
  { text: `asm(".globl x"); static_assert(1 == 1); int a;`, finds: ["object a"] },
  {
    text: "int f(void)\n#ifdef X\n{ return 1;\n#else\n{ return 2;\n#endif\n}\nint a;",
    finds: ["function f", "object a"],
  },
  { text: `char *s = "} { ; /*"; int c = '{'; int a;`, finds: ["object s", "object c", "object a"] },
  {
    text: "#define DEF(n) int n##_count; int get_##n(void) { return n##_count; }\nDEF(x)\nDEF(y)\nint a;",
    finds: ["object x_count", "function get_y", "object a"],
  },
  { text: "#define TABLE(n, bits) struct list n[1 << (bits)]\nstatic TABLE(t, 8);", finds: ["object t"] },
  {
    text: "#define LIST X(A) X(B)\n#define X(n) E_##n,\nenum e { LIST };\n#undef X",
    finds: ["enum e", "enumerator E_A", "enumerator E_B"],
  },
  {
    text: "NOT_KNOWN(x)\nint a;\nEXPORT(a);",
    finds: ["object a"],
    misses: ["function NOT_KNOWN", "object x"],
  },
  { text: "};;} int a;", finds: ["object a"] },
];

for (const { text, finds, misses = [] } of DECLARATIONS) {
  test(`finds what is declared by ${JSON.stringify(text)}`, () => {
    for (const newline of ["\n", "\r\n"]) {
      const program = programOf({ "a.c": text.replaceAll("\n", newline) });
      for (const wanted of finds) assert.equal(find(program, wanted)?.name, wanted.split(" ")[1], wanted);
      for (const wanted of misses) assert.equal(find(program, wanted), null, wanted);
    }
  });
}

interface Found {
  readonly name: string;
  readonly files: SourceFiles;
  readonly config?: Partial<CConfig>;
  readonly wanted: string;
  /** file:line, then the text; null if nothing must be found. */
  readonly is: string | null;
}

const LOOKUPS: Found[] = [
  {
    name: "a definition after its declaration",
    files: { "a.c": "int f(void);\nint f(void) { return N; }\n" },
    wanted: "function f",
    is: "a.c:2 int f(void) { return N; }",
  },
  {
    name: "the initialiser of a table declared before",
    files: { "a.c": "static const int t[2];\nstatic const int t[2] = { 1 };\nstatic const int t[2];\n" },
    wanted: "object t",
    is: "a.c:2 static const int t[2] = { 1 };",
  },
  {
    name: "macros as they are at the definition",
    files: { "a.c": "#define N 1\nint f(void) { return N; }\n#undef N\n#define N 2\n" },
    wanted: "function f",
    is: "a.c:2 int f(void) { return 1; }",
  },
  {
    name: "macros that change within a body",
    files: { "a.c": "#define N 1\nint f(void) {\n a(N);\n#undef N\n#define N 2\n b(N); }\n" },
    wanted: "function f",
    is: "a.c:2 int f(void) { a(1); b(2); }",
  },
  {
    name: "an inline function of a header",
    files: { "a.c": `#include "h.h"\n`, "h.h": "#pragma once\n\nstatic inline int f(void) { return 1; }\n" },
    wanted: "function f",
    is: "h.h:3 static inline int f(void) { return 1; }",
  },
  {
    name: "an inline function with a macro defined before its header",
    files: {
      "a.c": `#define N 7\n#include "h.h"\n#undef N\n`,
      "h.h": "#pragma once\nstatic inline int f(void) { return N; }\n",
    },
    wanted: "function f",
    is: "h.h:2 static inline int f(void) { return 7; }",
  },
  {
    name: "its own static function before another file's",
    files: { "a.c": "static int f(void) { return 1; }\n", "b.c": "int f(void) { return 2; }\n" },
    wanted: "function f",
    is: "a.c:1 static int f(void) { return 1; }",
  },
  {
    name: "a function moved to another file",
    files: { "a.c": "int f(void);\n", "b.c": "\nint f(void) { return 2; }\n" },
    wanted: "function f",
    is: "b.c:2 int f(void) { return 2; }",
  },
  {
    name: "a function of a search directory",
    files: { "a.c": "int f(void);\n", "lib/b.c": "int f(void) { return 2; }\n" },
    wanted: "function f",
    is: "lib/b.c:1 int f(void) { return 2; }",
  },
  {
    name: "the unit's directory before the search directories",
    files: {
      "a.c": "int f(void);\n",
      "lib/b.c": "int f(void) { return 2; }\n",
      "z.c": "int f(void) { return 3; }\n",
    },
    wanted: "function f",
    is: "z.c:1 int f(void) { return 3; }",
  },
  {
    name: "no static function of another file",
    files: { "a.c": "int f(void);\n", "b.c": "static int f(void) { return 2; }\n" },
    wanted: "function f",
    is: "a.c:1 int f(void);",
  },
  {
    name: "a table of another file",
    files: { "a.c": "extern const int t[];\n", "b.c": "#define N 4\nconst int t[] = { N };\n" },
    wanted: "object t",
    is: "b.c:2 const int t[] = { 4 };",
  },
  {
    name: "a variable that a macro makes in another file",
    files: { "a.c": "extern int k;\n", "b.c": "#define DEF(n) int n = 1\nDEF(k);\n" },
    wanted: "object k",
    is: "b.c:2 int k = 1;",
  },
  {
    name: "what a list for X-macros makes in an enum",
    files: {
      "a.c": `enum e {\n#define X(n) E_##n,\n#include "x.h"\n LAST };\n`,
      "x.h": "X(A)\nX(B)\n#undef X\n",
    },
    wanted: "enumerator E_B",
    is: "a.c:1 enum e { E_A, E_B, LAST };",
  },
  {
    name: "what a list for X-macros makes at file scope",
    files: { "a.c": `#define X(n) int v_##n;\n#include "x.h"\n`, "x.h": "X(A)\nX(B)\n#undef X\n" },
    wanted: "object v_B",
    is: "x.h:1 int v_B;",
  },
  {
    name: "one of the functions a macro makes in a header",
    files: {
      "a.c": `#include "h.h"\n`,
      "h.h":
        "#pragma once\n#define ONE(r, n, v) static inline r get_##n(void) { return v; }\n#define BOTH(r, n) ONE(r, n##_a, 1) ONE(r, n##_b, 2)\nBOTH(int, x)\n",
    },
    wanted: "function get_x_b",
    is: "h.h:4 static inline int get_x_b(void) { return 2; }",
  },
  {
    name: "a declaration behind an invocation that stays",
    files: { "a.c": "KEPT(x)\nstatic int f(void) { return 1; }\n" },
    wanted: "function f",
    is: "a.c:1 static int f(void) { return 1; }",
  },
  {
    name: "a struct under a condition",
    files: { "a.c": "struct s {\n#ifdef CONFIG_X\n int x;\n#else\n int y;\n#endif\n};\n" },
    config: { defines: { CONFIG_X: "y" } },
    wanted: "struct s",
    is: "a.c:1 struct s { int x; };",
  },
  {
    name: "nothing for a name that is nowhere",
    files: { "a.c": "int a;\n" },
    wanted: "function f",
    is: null,
  },
];

for (const { name, files, config = {}, wanted, is } of LOOKUPS) {
  test(`finds ${name}`, () => {
    const found = find(programOf(files, config), wanted);
    assert.equal(found && `${found.file}:${found.line} ${spell(found.tokens)}`, is);
    assert.equal(found?.problem ?? null, null);
  });
}

test("tells definitions from declarations, and from which unit they are seen", () => {
  const files = { "a.c": "int f(void);\nextern int a;\nint b;\n", "lib/b.c": "int f(void) { return 2; }\n" };
  const program = programOf(files);
  assert.deepEqual(
    [program.findFunction("f", "a.c")?.unit, program.findFunction("f", "a.c")?.isComplete],
    ["lib/b.c", true],
  );
  assert.equal(program.findObject("a", "a.c")?.isComplete, false);
  assert.equal(program.findObject("b", "a.c")?.isComplete, true);
});

test("replaces macros of an expression as at the end of the unit", () => {
  const program = programOf({ "a.c": "#define N 1\n#undef N\n#define N (2 + M)\n#define M 3\n" });
  assert.equal(spell(program.expandExpression("N << 1", "a.c").tokens), "(2 + 3) << 1");
  assert.equal(program.isMacro("N", "a.c"), true);
  assert.equal(program.isMacro("X", "a.c"), false);
  assert.equal(spell(program.expandExpression("N", "gone.c").tokens), "N");
});

test("asks the tree for no file twice and knows what it read", () => {
  const asked: string[] = [];
  const files: Record<string, string> = {
    "a.c": `#include "h.h"\n#include <gone.h>\nint f(void);\n`,
    "h.h": "#pragma once\n",
    "b.c": "int f(void) { }\n",
  };
  const tree = {
    read: (path: string) => {
      asked.push(path);
      return files[path];
    },
    list: () => Object.keys(files),
  };
  const program = new Program(tree, configOf(), { searchDirs: ["lib"] });
  assert.deepEqual(program.filesRead(), []);
  program.findFunction("f", "a.c");
  program.findFunction("g", "a.c");
  assert.equal(new Set(asked).size, asked.length);
  assert.deepEqual(program.filesRead(), ["a.c", "b.c", "h.h"]);
});

test("lets what the tree throws pass, and goes on when asked again", () => {
  const loaded = new Map([["a.c", `#include "h.h"\nint f(void) { return N; }\n`]]);
  const tree = {
    read: (path: string) => {
      if (path === "h.h" && !loaded.has(path)) throw new RangeError(path);
      return loaded.get(path);
    },
    list: () => [],
  };
  const program = new Program(tree, configOf(), { searchDirs: ["lib"] });
  assert.throws(() => program.findFunction("f", "a.c"), RangeError);
  loaded.set("h.h", "#pragma once\n#define N 9\n");
  assert.equal(spell(program.findFunction("f", "a.c")?.tokens ?? []), "int f(void) { return 9; }");
});

test("shares what did not change between trees", () => {
  const cache = createSourceCache();
  const files = {
    "a.c": `#include "h.h"\nint f(void) { return N; }\n`,
    "b.c": "int g(void) { return 1; }\n",
    "h.h": "#pragma once\n#define N 1\n",
  };
  const config: CConfig = { defines: {}, includeRoots: [] };
  const first = programOf(files, config, { cache });
  const patched = programOf({ ...files, "h.h": "#pragma once\n#define N 2\n" }, config, { cache });
  assert.equal(spell(first.findFunction("f", "a.c")?.tokens ?? []), "int f(void) { return 1; }");
  assert.equal(spell(patched.findFunction("f", "a.c")?.tokens ?? []), "int f(void) { return 2; }");
  const again = programOf(files, config, { cache });
  assert.equal(spell(again.findFunction("f", "a.c")?.tokens ?? []), "int f(void) { return 1; }");
});

const REFUSED: { name: string; text: string; code: string }[] = [
  { name: "a body without an end", text: "int f(void) { if (x) {\n", code: "unbalanced" },
  {
    name: "a macro bomb",
    text: `#define a(x) x x x x x x x x\n#define b(x) a(a(a(a(x))))\nint f(void) { b(b(b(1))) }\n`,
    code: "token-limit",
  },
  { name: "a malformed macro", text: "#define m(x x\nint f(void) { return m(1); }\n", code: "bad-macro" },
];

for (const { name, text, code } of REFUSED) {
  test(`hands out the problem of ${name}`, () => {
    assert.equal(programOf({ "a.c": text }).findFunction("f", "a.c")?.problem?.code, code);
  });
}

test("stops when many definitions together cost too much", () => {
  const text = `#define m x x x x x x x x\n${Array.from({ length: 50 }, (_, at) => `int f${at}(void) { m }\n`).join("")}`;
  const program = programOf({ "a.c": text }, {}, { limits: { ...DEFAULT_LIMITS, totalTokens: 500 } });
  assert.equal(program.findFunction("f0", "a.c")?.problem, null);
  const codes = Array.from({ length: 50 }, (_, at) => program.findFunction(`f${at}`, "a.c")?.problem?.code);
  assert.equal(codes.at(-1), "token-limit");
});

test("asks macros only for names they could make", () => {
  const files = {
    "a.c":
      "#define MAKE(n) int get_##n##_value(void) { return 0; }\n#define LIST(f) f(one) f(two)\nLIST(MAKE)\nint a;\n",
  };
  const program = programOf(files);
  assert.equal(program.findFunction("get_two_value", "a.c")?.isComplete, true);
  assert.equal(program.findFunction("get_three_value", "a.c"), null);
});

const BRANCHED: { name: string; text: string }[] = [
  { name: "an #else", text: "#ifdef X\nint g(void) {\n#else\nint f(void) {\n#endif\n return 0; }\n" },
  {
    name: "branches that disagree",
    text: "int g(void) {\n#ifdef X\n if (x) {\n#endif\n}\nint f(void) { }\n",
  },
  { name: "an open literal", text: "#if 0\ndon't {\n#endif\nint f(void) { }\n" },
];

for (const { name, text } of BRANCHED) {
  test(`finds a function of another file behind ${name}`, () => {
    const program = programOf({ "a.c": "int f(void);\n", "b.c": text });
    assert.equal(program.findFunction("f", "a.c")?.unit, "b.c");
  });
}
