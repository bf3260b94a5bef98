import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { definedFunctions } from "../../src/interception/call-graph.ts";

/** `line name(parameters): names | calls` of each function. */
function told(text: string): string[] {
  return definedFunctions("f.c", text).map(({ line, name, parameters, names, calls }) =>
    [`${line} ${name}(${parameters.join(" ")})`, [...names].join(" "), [...calls].join(" ")].join(" | "),
  );
}

describe("functions that a file defines", () => {
  for (const { name, text, functions } of [
    { name: "nothing", text: "", functions: [] },
    {
      name: "parameters, names and calls",
      text: "\nvoid f(struct kvm_vcpu *vcpu, u32 msr)\n{\n\tint i = 3;\n\tg(vcpu, h(msr));\n}\n",
      functions: ["2 f(struct kvm_vcpu vcpu u32 msr) | int i g vcpu h msr | g h"],
    },
    {
      name: "one after the other",
      text: "static int f(void) { return 1; }\nint g(void) { return f(); }",
      functions: ["1 f(void) | return | ", "2 g(void) | return f | f"],
    },
    {
      name: "blocks within a body",
      text: "void f(int a) { if (a) { g(); } else { h(); } }\nvoid i(int b) {}",
      functions: ["1 f(int a) | if a g else h | if g h", "2 i(int b) |  | "],
    },
    {
      name: "parentheses within the parameters",
      text: "void f(void (*call)(int), int b) { call(b); }",
      functions: ["1 f(void call int int b) | call b | call"],
    },
    {
      name: "braces that belong to no function",
      text: "struct s { int (*f)(int); };\nint a[] = { 1 };\nenum { A };\nint f(void) { }\nint b[] = { g(1) };",
      functions: ["4 f(void) |  | "],
    },
    { name: "a name at the end", text: "void f(void) { MACRO }", functions: ["1 f(void) | MACRO | "] },
    { name: "declarations", text: "int f(int a);\nextern int g(void);", functions: [] },
    { name: "no name before the parentheses", text: "int (*f)(int) { }\n", functions: [] },
    { name: "parentheses alone", text: "(a) { b(); }", functions: [] },
    { name: "no opening parenthesis", text: "int f) { b(); }", functions: [] },
    {
      name: "braces in strings and comments",
      text: "void f(void) { g(\"}\", '}'); /* } */ h(); }",
      functions: ["1 f(void) | g h | g h"],
    },
    {
      name: "a brace that is never closed",
      text: "void f(int a) { if (a) { g();\nvoid h(void) {",
      functions: ["1 f(int a) | if a g void h | if g h"],
    },
  ]) {
    it(name, () => assert.deepEqual(told(text), functions));
  }

  it("names the file", () => {
    assert.deepEqual(
      definedFunctions("d/e.c", "void f(void) { }").map(({ file }) => file),
      ["d/e.c"],
    );
  });
});
