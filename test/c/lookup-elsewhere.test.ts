import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Program } from "../../src/c/program.ts";

const FILES: Readonly<Record<string, string>> = {
  "d/a.c": '#include "d.h"\nint a(void) { return b(1); }\n',
  "d/d.h": "#define BUILD(name) static inline int name(void) { return 0; }\nBUILD(made)\n\nint b(int x);\n",
  "d/b.c": '#include "d.h"\nint b(int x)\n{\n\treturn x;\n}\n',
};

const TREE = {
  read: (path: string) => FILES[path],
  list: (dir: string) => (dir === "d" ? ["a.c", "b.c", "d.h"] : []),
};

describe("a function of another file", () => {
  it("is found though its prototype follows an invocation without a semicolon", () => {
    const program = new Program(TREE, { defines: {}, includeRoots: [] }, { searchDirs: ["d"] });
    const found = program.findFunction("b", "d/a.c");
    assert.deepEqual([found?.file, found?.line, found?.isComplete], ["d/b.c", 2, true]);
  });
  it("is found as the macro makes it", () => {
    const program = new Program(TREE, { defines: {}, includeRoots: [] }, { searchDirs: ["d"] });
    assert.equal(program.findFunction("made", "d/a.c")?.file, "d/d.h");
  });
});
