/** C of few statements and much work: what a step does is bounded as the number of steps is. */
import { AVIC, CALL, LAPIC, patchOf } from "./patches.ts";
import type { Vector } from "./vector.ts";

const repeat = (text: string, count: number) => text.repeat(Math.ceil(count));
const each = (count: number, line: (at: number) => string) =>
  Array.from({ length: Math.ceil(count) }, (_, at) => line(at)).join("");
const f = (body: string, before = "") => `${before}\nint f(void)\n{\n${body}\n}\n`;
const forever = (statement: string, declarations = "", before = "") =>
  f(`${declarations} for (;;) { ${statement} }`, before);

const BIG = "struct s { int x[100000]; };";

/** Name, and code that would run for ever if it were let. */
const ENDLESS: readonly (readonly [string, string])[] = [
  ["a sum of 1,000", forever(`x = x${repeat("+x", 1000)};`, "unsigned x = 0;")],
  ["1,000 commas", forever(`${repeat("x++, ", 1000)} x;`, "int x = 1;")],
  ["a struct of 400 KB, half of it unknown", forever("b = a;", "struct s a, b; a.x[0] = 1;", BIG)],
  ["an argument of 400 KB", forever("g(a);", "struct s a;", `${BIG} int g(struct s a) { return 0; }`)],
  ["a result of 400 KB", forever("g();", "", `${BIG} struct s g(void) { struct s a; return a; }`)],
  ["a local of 400 KB", forever("struct s a = { 1 };", "", BIG)],
  ["an initialiser of 10,000 values", forever(`int a[] = { ${repeat("1,", 10_000)} };`)],
  [
    "a range of 1,000, a sum of 1,000 each",
    forever(`int a[1000] = { [0 ... 999] = x${repeat("+x", 1000)} };`, "int x = 1;"),
  ],
  ["memcpy() of 100 KB that nobody set", forever("memcpy(a, b, 100000);", "char a[100000], b[100000];")],
  [
    "memcmp() of 100 KB",
    forever("x = memcmp(a, b, 100000);", "char a[100000] = {1}, b[100000] = {1}; int x;"),
  ],
  ["strlen() of 50 KB", forever("strlen(s);", "", `static const char s[] = "${repeat("x", 50_000)}";`)],
  ["a bitmap of 64,000", forever("x = find_next_bit(m, 64000, 0);", "unsigned long m[1000] = {0}; int x;")],
  [
    "a switch of 8,000 ranges",
    forever(`switch (y) { ${each(8000, (at) => `case ${at * 9 + 9} ... ${at * 9 + 12}: `)} }`, "int y = 3;"),
  ],
  [
    "an array of 19,000 pointers and one that is none",
    f("int *p[20000]; int i, x; for (i = 0; i < 19000; i++) p[i] = &x; for (;;) x = (long)p[19999];"),
  ],
  [
    "5,000 locals in memory, made again and again",
    forever(
      each(5000, (at) => `int v${at} = 0; p = &v${at};`),
      "int *p;",
    ),
  ],
  [
    "the last of 2,000 fields without a value",
    forever("a.f1999 = a.f1998;", "struct s a;", `struct s { ${each(2000, (at) => `int f${at};`)} };`),
  ],
  [
    "bits that are partly known",
    forever("x = (x & 0xff) | (x << 3);", "extern long u; unsigned long x = u;"),
  ],
  ["a name that grows", forever("q = q->next;", "extern struct t *t; struct t *q = t;")],
  ["calls of calls of who knows what", forever("x = g(x);", "int x = 0;", "int g(int);")],
  ["bit-fields", forever("x.a = x.b; x.b++;", "struct { int a:3, b:5; } x = {0};")],
  [
    "a return out of an expression",
    forever("g();", "", "int g(void) { int x = ({ return 1; 2; }); return x; }"),
  ],
  ["128 bits", forever("x = x*x+x*x+x*x;", "unsigned __int128 x = 3;")],
  ["assembly that forgets 400 KB", forever('asm volatile("x" : "=m"(a));', "struct s a;", BIG)],
];

/** Name, full size, and code with so many names in it. */
const NAMES: readonly (readonly [string, number, (count: number) => string])[] = [
  ["10,000 locals", 10_000, (n) => f(`${each(n, (at) => `int v${at} = 0; v${at} = v0;`)} return 7;`)],
  [
    "8,000 typedefs and locals of them",
    8_000,
    (n) =>
      f(
        `${each(n, (at) => `t${at} v${at};`)} return 7;`,
        each(n, (at) => `typedef int t${at};\n`),
      ),
  ],
  [
    "8,000 variables",
    8_000,
    (n) =>
      f(
        `${each(n, (at) => `g${at} = 1;`)} return 7;`,
        each(n, (at) => `static int g${at};\n`),
      ),
  ],
  [
    "8,000 functions",
    8_000,
    (n) =>
      f(
        `${each(n, (at) => `g${at}();`)} return 7;`,
        each(n, (at) => `static int g${at}(void) { return 1; }\n`),
      ),
  ],
  ["16,000 functions that are nowhere", 16_000, (n) => f(`${each(n, (at) => `g${at}();`)} return 7;`)],
  [
    "10,000 blocks with a name each",
    10_000,
    (n) => f(`int x; ${each(n, () => `{ int i = 1; x = i; }`)} return 7;`),
  ],
];

/** Code of the sample kernel before which a loop without an end, or one that is long, is put. */
const PLACES: readonly (readonly [string, string, string])[] = [
  ["the sets are made", AVIC, CALL],
  ["reads are answered", LAPIC, "if (kvm_lapic_reg_read(apic, reg, 4, &low))"],
  ["writes are answered", LAPIC, "if (!apic_x2apic_mode(apic))"],
  ["a trap is told from a fault", AVIC, "switch (offset) {\n\tcase APIC_ID:"],
];
const LOOPS: readonly (readonly [string, string])[] = [
  ["a loop without an end", "for (;;) ;"],
  ["a loop of 100,000 steps", "{ int i; for (i = 0; i < 50000; i++) ; }"],
  ["a loop over what is not known", "{ extern struct t *t; struct t *q = t; while (q) q = q->next; }"],
  ["40 conditions that are not known", each(40, (at) => `if (nobody_knows${at}) nobody_knows${at} = 1;`)],
];

export const WORK_VECTORS: readonly Vector[] = [
  ...ENDLESS.map(([name, text]) => ({
    class: 27,
    name: `work without an end: ${name}`,
    entrance: "c" as const,
    text: () => text,
    verdict: /^stopped: (?:step|memory)-limit/,
  })),
  ...NAMES.map(([name, size, text]) => ({
    class: 28,
    name,
    entrance: "c" as const,
    text,
    size,
    verdict: /^7$/,
  })),
  ...PLACES.flatMap(([where, file, before]) =>
    LOOPS.map(([what, code]) => ({
      class: 27,
      name: `${what} where ${where}`,
      entrance: "review" as const,
      text: () => patchOf((text) => text.replaceAll(before, `${code}\n\t${before}`), file),
      verdict: /^3 undetermined: /,
    })),
  ),
];
