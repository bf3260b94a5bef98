/** C that never ends, never fits, or wants to see the host. */
import { CALL, codeInBody, codeOnTop, patchOf } from "./patches.ts";
import type { Vector } from "./vector.ts";

const repeat = (text: string, count: number) => text.repeat(Math.ceil(count));
const f = (body: string) => `int f(void)\n{\n${body}\n}\n`;
const levels = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join("");

/** No value: in each of the forms that saying so has. */
const REFUSED = /^(?:stopped|poison|unknown)/;

/** Class, name, code, and what stops it or the value it has. */
type Code = readonly [number, string, string, RegExp];

const LOOPS: readonly Code[] = [
  [27, "for (;;)", f("for (;;) ;"), /^stopped/],
  [27, "while (1) with work", f("unsigned i = 0; while (1) i++; return i;"), /^stopped/],
  [27, "goto itself", f("again: goto again;"), /^stopped/],
  [27, "recursion", f("return f() + 1;"), /^stopped/],
  [
    27,
    "two functions that call each other",
    `int g(void);\n${f("return g();")}int g(void) { return f(); }`,
    /^stopped/,
  ],
  [
    27,
    "a loop that counts to 2^62",
    f("unsigned long i; for (i = 0; i < 1UL << 62; i++) ; return 0;"),
    /^stopped/,
  ],
  [
    27,
    "a switch that is always busy",
    f("int s = 0; for (;;) switch (s) { case 0: s = 1; break; default: s = 0; }"),
    /^stopped/,
  ],
  [
    27,
    "Ackermann's function",
    `int a(int m, int n) { return m ? a(m - 1, n ? a(m, n - 1) : 1) : n + 1; }\n${f("return a(4, 3);")}`,
    /^stopped/,
  ],
  [28, "an array of 2^31 elements", `int big[0x7fffffff];\n${f("return big[5];")}`, REFUSED],
  [28, "an array of arrays of 2^48 bytes", `char big[1 << 24][1 << 24];\n${f("return big[5][5];")}`, REFUSED],
  [
    28,
    "a range of initializers",
    `static int big[] = { [0 ... 0x7ffffffe] = 1 };\n${f("return big[5];")}`,
    /^stopped/,
  ],
  [28, "a negative array", `int none[-1];\n${f("return none[0];")}`, REFUSED],
  [28, "a structure that holds itself", `struct s { struct s s; } x;\n${f("return sizeof(x);")}`, REFUSED],
  [
    28,
    "an array on the stack in a loop",
    f("int i; for (i = 0; i < 100000; i++) { char x[1 << 20]; x[0] = i; } return 1;"),
    /^(?:stopped|1$)/,
  ],
  [
    28,
    "an array as long as an argument is",
    `int g(int n) { int x[n]; return sizeof(x); }\n${f("return g(1 << 30);")}`,
    REFUSED,
  ],
  [31, "a division by zero", f("int z = 0; return 1 / z;"), REFUSED],
  [31, "the least number by -1", f("int m = -2147483647 - 1, n = -1; return m / n;"), REFUSED],
  [31, "a shift by the width", f("int n = 32; return 1 << n;"), REFUSED],
  [31, "a negative shift", f("int n = -1; return 1 << n;"), REFUSED],
  [31, "an overflow", f("int m = 2147483647; return m + 1;"), /^(?:stopped|poison|unknown|-2147483648$)/],
  [31, "a read behind the end", f("int x[2] = { 1, 2 }; return x[2];"), REFUSED],
  [31, "a null pointer", f("int *p = 0; return *p;"), REFUSED],
  [31, "a variable without a value", f("int x; return x + 1;"), REFUSED],
  [
    31,
    "an address of a dead variable",
    `int *g(void) { int x = 1; return &x; }\n${f("return *g();")}`,
    REFUSED,
  ],
  [31, "an address made of a number", f("return *(int *)0xdeadbeef;"), REFUSED],
  [
    32,
    "an include of the host",
    `#include "/etc/passwd"\n#include "../../../../etc/passwd"\n${f('return __has_include("/etc/passwd");')}`,
    /./,
  ],
  [32, "assembly", f('int x = 0; asm volatile("syscall" : "=a"(x)); return x;'), REFUSED],
  [32, "a call of the host", f('extern int system(const char *); return system("touch /tmp/pwn");'), REFUSED],
  [
    32,
    "names of JavaScript",
    `int constructor, __proto__, toString;\nstruct hasOwnProperty { int valueOf; };\n${f("struct hasOwnProperty x = { 7 }; __proto__ = 1; constructor = 2; return x.valueOf + __proto__ + constructor;")}`,
    /^10$/,
  ],
];

/** Class, name, full size, code of that size, and its verdict. */
type Grown = readonly [number, string, number, (size: number) => string, RegExp];

const GROWN: readonly Grown[] = [
  [
    29,
    "a billion laughs",
    30,
    (n) => `#define B0 1\n${levels(n, (at) => `#define B${at + 1} B${at} + B${at}\n`)}${f(`return B${n};`)}`,
    /^stopped/,
  ],
  [
    29,
    "a billion laughs by an argument",
    30,
    (n) =>
      `#define B0(x) x\n${levels(n, (at) => `#define B${at + 1}(x) B${at}(x) + B${at}(x)\n`)}${f(`return B${n}(1);`)}`,
    /^stopped/,
  ],
  [
    29,
    "a chain of 20,000 macros",
    20_000,
    (n) => `#define M0 7\n${levels(n, (at) => `#define M${at + 1} M${at}\n`)}${f(`return M${n};`)}`,
    /^(?:7$|stopped)/,
  ],
  [
    29,
    "20,000 calls of a macro in each other",
    20_000,
    (n) => `#define I(x) x\n${f(`return ${repeat("I(", n)}7${repeat(")", n)};`)}`,
    /^(?:7$|stopped)/,
  ],
  [
    29,
    "a macro with 20,000 parameters",
    20_000,
    (n) => `#define P(${levels(n, (at) => `p${at},`)}last) last\n${f(`return P(${repeat("1,", n)}7);`)}`,
    /^(?:7$|stopped)/,
  ],
  [
    29,
    "100,000 pastings",
    100_000,
    (n) => `#define P ${repeat("a##", n)}a\n${f("return 0;")}int P;\n`,
    /^(?:0$|stopped)/,
  ],
  [
    29,
    "a macro that asks for itself",
    1000,
    (n) => `#define S(x) x S(x)\n${f(`return ${repeat("S(", n)}1${repeat(")", n)};`)}`,
    /^stopped/,
  ],
  [30, "200,000 parentheses", 200_000, (n) => f(`return ${repeat("(", n)}7${repeat(")", n)};`), /^stopped/],
  [30, "200,000 blocks", 200_000, (n) => f(`${repeat("{", n)}${repeat("}", n)} return 7;`), /^stopped/],
  [30, "50,000 times if", 50_000, (n) => f(`${repeat("if (1) ", n)} return 7; return 0;`), /^(?:7$|stopped)/],
  [
    30,
    "50,000 times else if",
    50_000,
    (n) => f(`${repeat("if (0) return 1; else ", n)} return 7;`),
    /^(?:7$|stopped|unknown)/,
  ],
  [30, "100,000 signs", 100_000, (n) => f(`return ${repeat("- ", n)}7;`), /^(?:-?7$|stopped)/],
  [
    30,
    "100,000 stars",
    100_000,
    (n) => `int ${repeat("*", n)}p;\n${f("return sizeof(p);")}`,
    /^(?:8n?$|stopped|poison)/,
  ],
  [30, "a sum of 100,000", 100_000, (n) => f(`return 0${repeat("+1", n)};`), /^(?:100000$|stopped)/],
  [
    30,
    "100,000 conditional operators",
    100_000,
    (n) => f(`return ${repeat("1?", n)}7${repeat(":0", n)};`),
    /^(?:7$|stopped)/,
  ],
  [30, "50,000 casts", 50_000, (n) => f(`return ${repeat("(int)", n)}7;`), /^(?:7$|stopped)/],
  [
    30,
    "20,000 structures in each other",
    20_000,
    (n) => `${repeat("struct {", n)}int x;${repeat("} y;", n)}\n${f("return 7;")}`,
    /^(?:7$|stopped)/,
  ],
  [30, "100,000 brackets", 100_000, (n) => f(`int x[1]; return x${repeat("[0]", n)};`), /^stopped/],
  [
    30,
    "200,000 times #if",
    200_000,
    (n) => `${repeat("#if 1\n", n)}${f("return 7;")}${repeat("#endif\n", n)}`,
    /^(?:7$|stopped|unknown)/,
  ],
  [
    30,
    "an #if of 100,000 parentheses",
    100_000,
    (n) => `#if ${repeat("(", n)}1${repeat(")", n)}\n${f("return 7;")}#endif\n`,
    /^(?:7$|stopped|unknown)/,
  ],
  [
    28,
    "100,000 declarations",
    100_000,
    (n) => `${levels(n / 10, (at) => `int v${at};\n`)}${f("return v0;")}`,
    /./,
  ],
  [
    28,
    "an enumeration of 50,000",
    50_000,
    (n) => `enum e { ${levels(n, (at) => `E${at},`)} };\n${f("return E3;")}`,
    /^(?:3$|stopped|unknown)/,
  ],
  [
    28,
    "a switch of 20,000 cases",
    20_000,
    (n) => f(`switch (3) {${levels(n, (at) => `case ${at}: return ${at};`)} } return -1;`),
    /^(?:3$|stopped)/,
  ],
  [
    28,
    "a string of 800 KB",
    800_000,
    (n) => `static const char s[] = "${repeat("x", n)}";\n${f("return s[3];")}`,
    /^(?:120$|stopped|poison)/,
  ],
  [28, "a name of 800 KB", 800_000, (n) => f(`int ${repeat("x", n)} = 7; return 7;`), /^(?:7$|stopped)/],
  [28, "a number of 500,000 digits", 500_000, (n) => f(`return ${repeat("9", n)};`), REFUSED],
  [
    28,
    "400,000 spliced lines",
    400_000,
    (n) => `int ${repeat("\\\n", n)} y;\n${f("return 7;")}`,
    /^(?:7$|stopped)/,
  ],
];

const UNTERMINATED: readonly [string, string][] = [
  ["comment", "/* "],
  ["string", '"'],
  ["character", "'"],
  ["#if", "#if 1\n"],
  ["macro", "#define M(x"],
  ["call of a macro", "#define M(x) x\nM("],
  ["block", "{"],
  ["parenthesis", "int g("],
  ["initializer", "int x = {"],
  ["line", "int x\\"],
  ["structure", "struct s {"],
  ["attribute", "__attribute__(("],
];
const unterminated: readonly Vector[] = UNTERMINATED.flatMap(([name, text]) => [
  {
    class: 30,
    name: `a ${name} without an end, before the function`,
    entrance: "c" as const,
    text: () => `${text}\n${f("return 7;")}`,
    verdict: /^(?!THROWN)/,
  },
  {
    class: 30,
    name: `a ${name} without an end, behind the function`,
    entrance: "c" as const,
    text: () => `${f("return 7;")}${text}`,
    verdict: /^(?:7$|stopped)/,
  },
]);

const BYTES: readonly Code[] = [
  [
    30,
    "every byte there is",
    `${Array.from({ length: 256 }, (_, at) => String.fromCharCode(at)).join("")}\n${f("return 7;")}`,
    /^(?!THROWN)/,
  ],
  [30, "broken UTF-8 in a name", f("int \xc3\x28 = 1; return 7;"), REFUSED],
  [30, "nothing", "", REFUSED],
  [30, "NUL within the code", f("return\0 7;"), /^(?:stopped|7$|unknown|poison)/],
];

const PATCHES: readonly (readonly [number, string, () => string, RegExp])[] = [
  [
    27,
    "an endless loop where the sets are made",
    () => codeInBody("for (;;)\n\t\ti++;"),
    /^3 undetermined: .*avic\.c:\d+/,
  ],
  [
    31,
    "an MSR outside the range is shown, not wrapped",
    () => patchOf((text) => text.replace(/APIC_TASKPRI\b/, "0xfff0")),
    /^(?:0 (?:un)?changed|3 undetermined: )/,
  ],
  [
    32,
    "an include of the host in avic.c",
    () => codeOnTop('#include "/etc/passwd"\n#include "/dev/zero"'),
    /^0 unchanged$/,
  ],
  [
    29,
    "a macro bomb in avic.c",
    () =>
      codeOnTop(`#define B0 1\n${levels(30, (at) => `#define B${at + 1} B${at} + B${at}\n`)}`).replace(
        CALL,
        `if (B30 && intercept)`,
      ),
    /^(?:3 undetermined|0 unchanged)/,
  ],
];

const code = ([group, name, text, verdict]: Code): Vector => ({
  class: group,
  name,
  entrance: "c",
  text: () => text,
  verdict,
});

export const CODE_VECTORS: readonly Vector[] = [
  ...[...LOOPS, ...BYTES].map(code),
  ...GROWN.map(([group, name, size, text, verdict]) => ({
    class: group,
    name,
    entrance: "c" as const,
    ...(size > 1000 ? { text, size } : { text: () => text(size) }),
    verdict,
  })),
  ...unterminated,
  ...PATCHES.map(([group, name, text, verdict]) => ({
    class: group,
    name,
    entrance: "review" as const,
    text,
    verdict,
  })),
];
