import assert from "node:assert/strict";
import { test } from "node:test";
import { preprocess, programOf } from "./source.ts";

interface Case {
  readonly name: string;
  readonly text: readonly string[];
  readonly gives: string;
}

const CASES: Case[] = [
  { name: "an object-like macro", text: ["#define N 3", "x[N]"], gives: "x [ 3 ]" },
  { name: "an argument as text", text: ["#define HALF(x) x / 2", "HALF(a + b)"], gives: "a + b / 2" },
  { name: "a function-like macro without parentheses", text: ["#define f(x) x", "f = f(1)"], gives: "f = 1" },
  {
    name: "an invocation over several lines",
    text: ["#define f(a, b) b a", "f(1,", " 2", ") 3"],
    gives: "2 1 3",
  },
  { name: "commas in inner parentheses", text: ["#define f(a) [a]", "f((1, 2))"], gives: "[ ( 1 , 2 ) ]" },
  { name: "an empty argument", text: ["#define f(a, b) <a|b>", "f(, 2) f(1,)"], gives: "< | 2 > < 1 | >" },
  {
    name: "a macro that names itself",
    text: ["#define a a b", "#define f(x) f(x+1)", "a f(2)"],
    gives: "a b f ( 2 + 1 )",
  },
  { name: "two macros that name each other", text: ["#define a b", "#define b a", "a b"], gives: "a b" },
  {
    name: "an invocation that takes its parentheses from behind",
    text: ["#define id(x) x", "#define call id", "call (1) id(id)(2)"],
    gives: "1 id ( 2 )",
  },
  {
    name: "a replacement that ends in another macro's name",
    text: ["#define twice(a) a*again", "#define again(a) twice(a)", "twice(2)(9)"],
    gives: "2 * 9 * again",
  },
  {
    name: "stringified text",
    text: ["#define s(x) #x", `s( a  +\t"b\\n" 'c' )`],
    gives: String.raw`"a + \"b\\n\" 'c'"`,
  },
  {
    name: "a stringified macro, before and after replacement",
    text: ["#define N 3", "#define s(x) #x", "#define t(x) s(x)", "s(N) t(N)"],
    gives: `"N" "3"`,
  },
  { name: "pasted names", text: ["#define MSR(n) MSR_ ## n ## _END", "MSR(APIC)"], gives: "MSR_APIC_END" },
  {
    name: "pasted arguments are not replaced first",
    text: ["#define x 1", "#define p(a, b) a##b", "p(x, 2) p(, x) p(x,)"],
    gives: "x2 1 1",
  },
  {
    name: "a pasted name is a macro's",
    text: ["#define ab 7", "#define p(a, b) a##b", "p(a, b)"],
    gives: "7",
  },
  {
    name: "## that makes ##",
    text: [
      "#define hh # ## #",
      "#define s(x) #x",
      "#define in(x) s(x)",
      "#define join(c, d) in(c hh d)",
      "join(x, y)",
    ],
    gives: `"x ## y"`,
  },
  {
    name: "a paste of numbers and punctuators",
    text: ["#define p(a, b) a##b", "p(1, 2) p(<, <=) p(., 5) p(-, >)"],
    gives: "12 <<= .5 ->",
  },
  {
    name: "variable arguments",
    text: ["#define f(a, ...) a:__VA_ARGS__;", "f(1, 2, 3) f(1)"],
    gives: "1 : 2 , 3 ; 1 : ;",
  },
  {
    name: "named variable arguments",
    text: ["#define f(a, rest...) g(a, ## rest)", "f(1, 2, 3) f(1)"],
    gives: "g ( 1 , 2 , 3 ) g ( 1 )",
  },
  {
    name: "GNU's comma, empty is not omitted",
    text: ["#define f(a, ...) g(a, ## __VA_ARGS__)", "f(1,) f(1)"],
    gives: "g ( 1 , ) g ( 1 )",
  },
  {
    name: "__VA_OPT__",
    text: ["#define f(a, ...) g(a __VA_OPT__(, [__VA_ARGS__]))", "f(1, 2) f(1) f(1,)"],
    gives: "g ( 1 , [ 2 ] ) g ( 1 ) g ( 1 )",
  },
  {
    name: "redefinition in order",
    text: ["#define N 1", "N", "#define N 2", "N", "#undef N", "N"],
    gives: "1 2 N",
  },
  {
    name: "a list of X",
    text: ["#define LIST X(a) X(b)", "#define X(n) E_##n,", "LIST", "#undef X", "#define X(n) #n,", "LIST"],
    gives: `E_a , E_b , "a" , "b" ,`,
  },
  {
    name: "a statement macro over lines",
    text: ["#define put(a) do { \\", "\tx = a; \\", "} while (0)", "put(1);"],
    gives: "do { x = 1 ; } while ( 0 ) ;",
  },
  { name: "a definition with comments", text: ["#define /* a */ N /* b", "c */ 3 // d", "N"], gives: "3" },
  { name: "a # that is no operator", text: ["#define N # x", "N"], gives: "# x" },
  {
    name: "__LINE__ at the place of use",
    text: ["#define HERE __LINE__", "", "HERE __LINE__"],
    gives: "3 3",
  },
  { name: "__FILE__", text: ["__FILE__"], gives: `"a.c"` },
  { name: "__COUNTER__", text: ["__COUNTER__ __COUNTER__"], gives: "0 1" },
  {
    name: "a directive between a macro and its parenthesis",
    text: ["#define f(x) x", "f", "#define g", "(1)"],
    gives: "f ( 1 )",
  },
  {
    name: "a directive within arguments",
    text: ["#define f(x) x", "#define n 1", "f(n", "#undef n", "#define n 2", "n)"],
    gives: "2 2",
  },
];

for (const { name, text, gives } of CASES) {
  for (const newline of ["\n", "\r\n"]) {
    test(`replaces ${name}, newline ${JSON.stringify(newline)}`, () => {
      assert.equal(preprocess(text.join(newline) + newline), gives);
    });
  }
}

const CONDITIONS: { condition: string; holds: boolean }[] = [
  { condition: "1", holds: true },
  { condition: "0", holds: false },
  { condition: "UNKNOWN", holds: false },
  { condition: "N == 3", holds: true },
  { condition: "defined(N) && !defined UNKNOWN", holds: true },
  { condition: "defined UNKNOWN || SQUARE(2) == 4", holds: true },
  { condition: "0xffffffffffffffff == -1", holds: true },
  { condition: "-1 > 0u", holds: true },
  { condition: "-1 < 0", holds: true },
  { condition: "(1ULL << 63) > 0", holds: true },
  { condition: "1 << 63 < 0", holds: true },
  { condition: "9223372036854775807 + 1 < 0", holds: true },
  { condition: "18446744073709551615u + 1 == 0", holds: true },
  { condition: "-7 / 2 == -3 && -7 % 2 == -1", holds: true },
  { condition: "-1 / 2u == 0x7fffffffffffffff", holds: true },
  { condition: "(2 || 1 / 0) && !(0 && 1 / 0)", holds: true },
  { condition: "1 ? 2 : 1 / 0", holds: true },
  { condition: "(0 ? -1 : 1u) > 0", holds: true },
  { condition: "(1 ? -1 : 0u) > 0", holds: true },
  { condition: "'a' == 97 && '\\n' == 10 && '\\x41' == 65 && '\\101' == 65", holds: true },
  { condition: "'\\377' < 0", holds: true },
  { condition: "'ab' == 24930", holds: true },
  { condition: "1 + 2 * 3 == 7 && (1 | 2 ^ 3 & 4) == 3", holds: true },
  { condition: "0b101 == 5 && 010 == 8", holds: true },
  { condition: "~0 == -1 && !0 && - -1 == +1", holds: true },
  { condition: "__has_attribute(__fallthrough__)", holds: true },
  { condition: `__has_include("b.h") && !__has_include(<c.h>)`, holds: true },
];

for (const { condition, holds } of CONDITIONS) {
  test(`#if ${condition}`, () => {
    const text = `#define N 3\n#define SQUARE(x) ((x) * (x))\n#if ${condition}\nyes\n#else\nno\n#endif\n`;
    assert.equal(preprocess(text, { "b.h": "" }), holds ? "yes" : "no");
  });
}

const BRANCHES: { name: string; text: string[]; gives: string }[] = [
  {
    name: "#elif after a taken branch",
    text: ["#if 1", "a", "#elif 1", "b", "#else", "c", "#endif"],
    gives: "a",
  },
  { name: "#elif", text: ["#if 0", "a", "#elif 1", "b", "#elif 1", "c", "#endif"], gives: "b" },
  { name: "#else", text: ["#ifdef X", "a", "#else", "c", "#endif"], gives: "c" },
  {
    name: "nested conditions",
    text: ["#if 0", "#if 1", "a", "#else", "b", "#endif", "#else", "c", "#endif"],
    gives: "c",
  },
  { name: "a dead #error", text: ["#if 0", "#error don't", "#bogus", "#endif", "a"], gives: "a" },
  { name: "a dead #elif that is malformed", text: ["#if 1", "a", "#elif (", "#endif"], gives: "a" },
  { name: "blanks around #", text: ["  #  ifndef X", "a", "\t#\tendif"], gives: "a" },
  { name: "a # in a comment", text: ["/*", "#if 0", "*/ a"], gives: "a" },
  { name: "a # in a string", text: [`"\\`, `#if 0"`, "a"], gives: `"#if 0" a` },
];

for (const { name, text, gives } of BRANCHES) {
  test(`follows ${name}`, () => assert.equal(preprocess(text.join("\n") + "\n"), gives));
}

const OPTIONS = { defines: { CONFIG_A: "y", CONFIG_M: "m", CONFIG_N: "n", CONFIG_TEN: "10", VALUE: "1" } };
const KERNEL_OPTIONS: { text: string; gives: string }[] = [
  {
    text: "IS_ENABLED(CONFIG_A) IS_ENABLED(CONFIG_M) IS_ENABLED(CONFIG_N) IS_ENABLED(CONFIG_X)",
    gives: "1 1 0 0",
  },
  { text: "IS_BUILTIN(CONFIG_A) IS_BUILTIN(CONFIG_M) IS_BUILTIN(CONFIG_X)", gives: "1 0 0" },
  { text: "IS_MODULE(CONFIG_A) IS_MODULE(CONFIG_M) IS_MODULE(CONFIG_X)", gives: "0 1 0" },
  { text: "IS_REACHABLE(CONFIG_A) IS_REACHABLE(CONFIG_M)", gives: "1 0" },
  {
    text: "CONFIG_A CONFIG_M CONFIG_M_MODULE CONFIG_N CONFIG_TEN VALUE",
    gives: "1 CONFIG_M 1 CONFIG_N 10 1",
  },
  {
    text: "#if IS_ENABLED(CONFIG_M) && !defined(CONFIG_M) && defined(CONFIG_M_MODULE)\nyes\n#endif",
    gives: "yes",
  },
  { text: "#ifdef CONFIG_N\nyes\n#endif", gives: "" },
  { text: "#define ON CONFIG_A\nIS_ENABLED(ON)", gives: "1" },
];

for (const { text, gives } of KERNEL_OPTIONS) {
  test(`kernel options: ${text.replaceAll("\n", "; ")}`, () =>
    assert.equal(preprocess(text + "\n", {}, OPTIONS), gives));
}

test("keeps names and falls back on definitions where files have none", () => {
  const changes = {
    keptNames: ["container_of"],
    fallbackMacros: ["min(a, b) ((a) < (b) ? (a) : (b))", "max(a, b) fallback"],
  };
  const text = "#define container_of(x) lost\n#define max(a, b) own\ncontainer_of(1) min(1, 2) max(1, 2)\n";
  assert.equal(preprocess(text, {}, changes), "container_of ( 1 ) ( ( 1 ) < ( 2 ) ? ( 1 ) : ( 2 ) ) own");
});

test("tells where a token is used and where it stands", () => {
  const text = "#define IN 5\n#define OUT(x) (x + IN)\n\nint a = OUT(b\n  + c);\n";
  const { tokens } = programOf({ "a.c": text }).expandUnit("a.c");
  const seen = tokens.map(
    ({ text, line, from }) => `${text}@${line}${from ? `<${from.macro}@${from.line}` : ""}`,
  );
  assert.deepEqual(seen, [
    "int@4",
    "a@4",
    "=@4",
    "(@4<OUT@2",
    "b@4",
    "+@5",
    "c@5",
    "+@4<OUT@2",
    "5@4<IN@1",
    ")@4<OUT@2",
    ";@5",
  ]);
});

const BROKEN: { name: string; text: string; code: string }[] = [
  { name: "arguments without an end", text: "#define f(x) x\nf(1\n", code: "bad-invocation" },
  { name: "too many arguments", text: "#define f(x) x\nf(1, 2)\n", code: "bad-invocation" },
  { name: "too few arguments", text: "#define f(x, y) x\nf(1)\n", code: "bad-invocation" },
  { name: "a paste that makes no token", text: "#define f(x, y) x ## y\nf(+, 1)\n", code: "bad-paste" },
  { name: "a paste that makes a comment", text: "#define f(x, y) x ## y\nf(/, *)\n", code: "bad-paste" },
  { name: "a macro without a parameter after #", text: "#define f(x) #y\nf(1)\n", code: "bad-macro" },
  { name: "## at the end", text: "#define f(x) x ##\nf(1)\n", code: "bad-macro" },
  { name: "open parameters", text: "#define f(x\nf(1)\n", code: "bad-macro" },
  { name: "the same parameter twice", text: "#define f(x, x) x\nf(1, 2)\n", code: "bad-macro" },
];

for (const { name, text, code } of BROKEN) {
  test(`names what is wrong with ${name}`, () => assert.equal(preprocess(text), `problem: ${code}`));
}

function bomb(levels: number, body: (name: string) => string): string {
  const lines = Array.from({ length: levels }, (_, at) => `#define b${at + 1} ${body(`b${at}`)}`);
  return ["#define b0 x", ...lines, `b${levels}`, ""].join("\n");
}

const BOMBS: { name: string; text: string; code: string }[] = [
  { name: "a billion laughs", text: bomb(40, (name) => `${name} ${name}`), code: "token-limit" },
  {
    name: "laughs in arguments",
    text: `#define f(x) x x\n${"f(".repeat(60)}1${")".repeat(60)}\n`,
    code: "token-limit",
  },
  {
    name: "strings that double",
    text: `${Array.from({ length: 60 }, (_, at) => `#define s${at}(x) s${at + 1}(#x)`).join("\n")}\ns0("\\\\")\n`,
    code: "token-limit",
  },
  {
    name: "names that double",
    text: `${Array.from({ length: 60 }, (_, at) => `#define p${at}(x) p${at + 1}(x##x)`).join("\n")}\np0(a)\n`,
    code: "token-limit",
  },
  {
    name: "arguments nested without measure",
    text: `#define f(x) x\n${"f(".repeat(300)}1${")".repeat(300)}\n`,
    code: "nesting-limit",
  },
];

for (const { name, text, code } of BOMBS) {
  test(`stops at ${name}`, () => assert.equal(preprocess(text), `problem: ${code}`));
}

test("takes long chains of macros", () => {
  const text = bomb(5000, (name) => name);
  assert.equal(preprocess(text), "x");
});
