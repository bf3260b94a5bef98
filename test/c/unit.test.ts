import assert from "node:assert/strict";
import { test } from "node:test";
import { Program } from "../../src/c/program.ts";
import { DEFAULT_LIMITS } from "../../src/c/source.ts";
import type { CConfig } from "../../src/c/source.ts";
import { configOf, preprocess, programOf } from "./source.ts";
import type { SourceFiles } from "./source.ts";

interface Case {
  readonly name: string;
  readonly files: SourceFiles;
  readonly config?: Partial<CConfig>;
  readonly gives: string;
}

const GUARDED = (body: string): string => `#ifndef H\n#define H\n${body}\n#endif\n`;

const INCLUDES: Case[] = [
  {
    name: "a guarded header's macros",
    files: { "a.c": `#include "h.h"\nN\n`, "h.h": GUARDED("#define N 1") },
    gives: "1",
  },
  {
    name: "a header from the include directories",
    files: { "a.c": "#include <linux/h.h>\nN\n", "include/linux/h.h": GUARDED("#define N 1") },
    gives: "1",
  },
  {
    name: "a header beside the file before that of the directories",
    files: { "a.c": `#include "h.h"\nN\n`, "h.h": "#define N 1\n", "include/h.h": "#define N 2\n" },
    gives: "1",
  },
  { name: "a missing header", files: { "a.c": "#include <gone.h>\nN\n" }, gives: "N" },
  {
    name: "what is defined before the include and after it",
    files: { "a.c": `N\n#include "h.h"\nN\n#undef N\nN\n`, "h.h": GUARDED("#define N 1") },
    gives: "N 1 N",
  },
  {
    name: "a guarded header once",
    files: {
      "a.c": `#include "h.h"\n#undef N\n#define N 2\n#include "h.h"\nN\n`,
      "h.h": GUARDED("#define N 1"),
    },
    gives: "2",
  },
  {
    name: "#pragma once",
    files: {
      "a.c": `#include "h.h"\n#undef N\n#define N 2\n#include "h.h"\nN\n`,
      "h.h": "#pragma once\n#define N 1\n",
    },
    gives: "2",
  },
  {
    name: "the header read last where two define a name",
    files: {
      "a.c": `#include "h.h"\n#include "i.h"\nN\n`,
      "h.h": GUARDED("#define N 1"),
      "i.h": "#pragma once\n#define N 2\n",
    },
    gives: "2",
  },
  {
    name: "the first reading of a header that two include",
    files: {
      "a.c": `#include "h.h"\n#include "i.h"\nN\n`,
      "h.h": GUARDED("#define N 1"),
      "i.h": `#pragma once\n#undef N\n#define N 2\n#include "h.h"\n`,
    },
    gives: "2",
  },
  {
    name: "an #undef in a header",
    files: { "a.c": `#define N 1\n#include "h.h"\nN\n`, "h.h": GUARDED("#undef N") },
    gives: "N",
  },
  {
    name: "a list for X-macros, twice",
    files: {
      "a.c": `#define X(n) n,\n#include "x.h"\n#define X(n) #n,\n#include "x.h"\n`,
      "x.h": "X(a)\nX(b)\n#undef X\n",
    },
    gives: `a , b , "a" , "b" ,`,
  },
  {
    name: "a header that is guarded and goes on with directives",
    files: {
      "a.c": `#include "t.h"\nN M\n`,
      "t.h": `${GUARDED("#define N 1")}#undef M\n#define M 2\n#include <gone.h>\n`,
    },
    gives: "1 2",
  },
  {
    name: "a header named by a macro",
    files: {
      "a.c": `#define WHERE <h.h>\n#include WHERE\n#define S "i.h"\n#include S\nN M\n`,
      "include/h.h": "#define N 1\n",
      "i.h": "#define M 2\n",
    },
    gives: "1 2",
  },
  {
    name: "#include_next",
    files: {
      "a.c": "#include <h.h>\nN M\n",
      "include/h.h": "#pragma once\n#include_next <h.h>\n#define N 1\n",
      "uapi/h.h": "#pragma once\n#define M 2\n",
    },
    config: { includeRoots: ["include", "uapi"] },
    gives: "1 2",
  },
  {
    name: "headers that include each other",
    files: {
      "a.c": `#include "h.h"\nN M\n`,
      "h.h": `#pragma once\n#include "i.h"\n#define N 1\n`,
      "i.h": `#pragma once\n#include "h.h"\n#define M N\n`,
    },
    gives: "1 1",
  },
  {
    name: "headers out of scope as missing",
    files: {
      "a.c": `#include <far/h.h>\n#include <near/h.h>\nN M\n`,
      "include/far/h.h": "#define N 1\n",
      "include/near/h.h": "#define M 2\n",
    },
    config: { headerScope: ["include/near/"] },
    gives: "N 2",
  },
  {
    name: "common headers before everything",
    files: { "a.c": "N\n#define N 2\nN\n", "include/c.h": GUARDED("#define N 1") },
    config: { commonHeaders: ["include/c.h", "include/gone.h"] },
    gives: "1 2",
  },
  {
    name: "a condition on a header's macro",
    files: { "a.c": `#include "h.h"\n#if N > 1\nyes\n#endif\n`, "h.h": GUARDED("#define N 2") },
    gives: "yes",
  },
  {
    name: "`..` that stays inside",
    files: { "src/a.c": "", "a.c": `#include "src/../h.h"\nN\n`, "h.h": "#define N 1\n" },
    gives: "1",
  },
];

for (const { name, files, config = {}, gives } of INCLUDES) {
  for (const newline of ["\n", "\r\n"]) {
    test(`reads ${name}, newline ${JSON.stringify(newline)}`, () => {
      const ends = Object.entries(files).map(([path, text]) => [path, text.replaceAll("\n", newline)]);
      const own = Object.fromEntries(ends) as SourceFiles;
      assert.equal(preprocess(own["a.c"] ?? "", own, config), gives);
    });
  }
}

const OUTSIDE = [
  `"/etc/passwd"`,
  "<../../../etc/passwd>",
  `"../a.h"`,
  `"x/../../a.h"`,
  `"a\0.h"`,
  `"..\\a.h"`,
  `"//etc/passwd"`,
];

for (const header of OUTSIDE) {
  test(`never leaves the tree: #include ${JSON.stringify(header)}`, () => {
    const asked: string[] = [];
    const read = (path: string): string | undefined => {
      asked.push(path);
      return path === "a.c" ? `#include ${header}\nx\n` : undefined;
    };
    const { tokens } = new Program({ read, list: () => [] }, configOf()).expandUnit("a.c");
    assert.deepEqual(
      tokens.map(({ text }) => text),
      ["x"],
    );
    assert.ok(asked.every((path) => !path.startsWith("/") && !path.includes("..")));
  });
}

const PROBLEMS: { name: string; text: string; code: string; line: number }[] = [
  { name: "#if without #endif", text: "a\n#if 1\nb\n", code: "unbalanced-condition", line: 2 },
  { name: "#endif without #if", text: "a\n#endif\n", code: "unbalanced-condition", line: 2 },
  { name: "#else without #if", text: "#else\n", code: "unbalanced-condition", line: 1 },
  { name: "a second #else", text: "#if 1\n#else\n#else\n#endif\n", code: "unbalanced-condition", line: 3 },
  { name: "#error", text: "#error broken\n", code: "error-directive", line: 1 },
  { name: "an unknown directive", text: "x\n#bogus\n", code: "bad-directive", line: 2 },
  { name: "#define without a name", text: "#define\n", code: "bad-directive", line: 1 },
  { name: "#ifdef without a name", text: "#ifdef 1\n#endif\n", code: "bad-directive", line: 1 },
  { name: "#include without a header", text: "#include x\n", code: "bad-directive", line: 1 },
  { name: "division by zero", text: "#if 1 / 0\n#endif\n", code: "bad-condition", line: 1 },
  { name: "an empty condition", text: "#if\n#endif\n", code: "bad-condition", line: 1 },
  { name: "a condition that goes on", text: "#if 1 2\n#endif\n", code: "bad-condition", line: 1 },
  { name: "an unknown function in a condition", text: "#if f(1)\n#endif\n", code: "bad-condition", line: 1 },
  { name: "a string in a condition", text: `#if "a"\n#endif\n`, code: "bad-condition", line: 1 },
  {
    name: "a number out of range",
    text: "#if 0x10000000000000000\n#endif\n",
    code: "bad-condition",
    line: 1,
  },
  { name: "an octal 8", text: "#if 08\n#endif\n", code: "bad-condition", line: 1 },
  { name: "deep parentheses", text: `#if ${"(".repeat(90_000)}1\n#endif\n`, code: "nesting-limit", line: 1 },
  {
    name: "many unary operators",
    text: `#if ${"!".repeat(90_000)}1\n#endif\n`,
    code: "nesting-limit",
    line: 1,
  },
  { name: "many branches", text: `#if ${"1?".repeat(90_000)}1\n#endif\n`, code: "nesting-limit", line: 1 },
  { name: "deep #if", text: "#if 1\n".repeat(5000), code: "nesting-limit", line: 61 },
  { name: "a file that includes itself", text: `#include "a.c"\n`, code: "include-depth", line: 1 },
  {
    name: "a file that includes itself twice",
    text: `#include "a.c"\n#include "a.c"\n`,
    code: "include-depth",
    line: 1,
  },
  {
    name: "a macro bomb in a condition",
    text: `#define a(x) x x x x\n#if a(a(a(a(a(a(a(a(a(a(a(a(1))))))))))))\n#endif\n`,
    code: "token-limit",
    line: 2,
  },
];

for (const { name, text, code, line } of PROBLEMS) {
  test(`tells of ${name}`, () => {
    const [problem] = programOf({ "a.c": text }).problems("a.c");
    assert.deepEqual([problem?.code, problem?.file, problem?.line], [code, "a.c", line]);
  });
}

test("leaves a file that is too long alone, and says so", () => {
  const limits = { ...DEFAULT_LIMITS, fileBytes: 10 };
  const program = programOf({ "a.c": `#include "h.h"\n`, "h.h": "" }, {}, { limits });
  assert.equal(program.findFunction("f", "a.c"), null);
  assert.deepEqual(
    program.problems("a.c").map(({ code, file }) => [code, file]),
    [["file-limit", "a.c"]],
  );
});

test("survives a condition on 90,000 terms", () => {
  assert.equal(preprocess(`#if ${"1+".repeat(90_000)}1 == 90001\nyes\n#endif\n`), "yes");
});

test("survives any bytes", () => {
  const bytes = Array.from({ length: 512 }, (_, at) => String.fromCharCode((at * 7) & 255)).join("");
  for (const text of [
    bytes,
    `#if ${bytes}`,
    `#define f(${bytes}`,
    `#include ${bytes}`,
    `f(${bytes}`,
    `struct {${bytes}`,
  ]) {
    const program = programOf({ "a.c": text });
    program.expandUnit("a.c");
    assert.equal(program.findFunction("nothing", "a.c"), null);
  }
});
