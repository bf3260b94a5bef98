import assert from "node:assert/strict";
import { test } from "node:test";
import { callF, shown, type Source } from "./evaluate.ts";

/** What is said about C, the text with a function `f`, and what f() gives. */
type Case = readonly [name: string, text: string, expected: string];

function check(topic: string, cases: readonly Case[]): void {
  for (const [name, text, expected] of cases) {
    for (const ending of ["\n", "\r\n"]) {
      test(`${topic}: ${name}${ending === "\n" ? "" : " (CRLF)"}`, () => {
        const source: Source = { text: text.replaceAll("\n", ending) };
        assert.equal(shown(callF(source)), expected);
      });
    }
  }
}

check("types", [
  ["u8 wraps", "int f(void) { u8 x = 255; x++; return x; }", "0"],
  ["s8 wraps", "int f(void) { s8 x = 127; x++; return x; }", "-128"],
  ["int wraps", "int f(void) { int x = 0x7fffffff; return x + 1; }", "-2147483648"],
  ["unsigned wraps", "unsigned f(void) { return 0u - 1; }", "4294967295"],
  ["u64 wraps", "u64 f(void) { return 0ull - 1; }", "18446744073709551615n"],
  ["64-bit masks are exact", "u64 f(void) { return 1ULL << 63 | 1; }", "9223372036854775809n"],
  ["an int shift is an int shift", "u64 f(void) { return 1 << 31; }", "18446744071562067968n"],
  ["promotion of u8 to int", "int f(void) { u8 x = 200; return ~x < 0; }", "1"],
  ["unsigned wins over int", "int f(void) { return -1 < 0u; }", "0"],
  ["long holds unsigned", "int f(void) { return -1L < 0u; }", "1"],
  ["u16 product is an int", "int f(void) { u16 a = 65535; return a * a; }", "-131071"],
  ["bool takes any non-zero", "int f(void) { bool b = 256; return b; }", "1"],
  ["cast to bool", "int f(void) { return (bool)0x100000000ull; }", "1"],
  ["casts cut", "int f(void) { return (u8)0x1ff + (s8)0x80; }", "127"],
  ["sign extends", "u64 f(void) { s32 x = -2; return (u64)x; }", "18446744073709551614n"],
  [
    "sizes",
    "u64 f(void) { return sizeof(char) + sizeof(short) * 10 + sizeof(long) * 100 + sizeof(void *) * 1000; }",
    "8821n",
  ],
  ["sizeof does not evaluate", "int f(void) { int x = 1; (void)sizeof(x++); return x; }", "1"],
  ["sizeof gives size_t", "int f(void) { return _Generic(sizeof(int), unsigned long: 1, default: 2); }", "1"],
  ["alignment", "int f(void) { return _Alignof(u64) + __alignof__(short); }", "10"],
  ["typeof", "u64 f(void) { u8 a = 3; __typeof__(a) b = 300; typeof(u64) c = b; return c; }", "44n"],
  ["__auto_type", "u64 f(void) { __auto_type x = 5ull; return x << 60; }", "5764607523034234880n"],
  ["enums count on", "enum { A = 5, B, C = -1, D }; int f(void) { return B * 10 + D; }", "60"],
  ["a named enum", "enum e { X = 3 }; int f(void) { enum e v = X; return v; }", "3"],
  ["a local enum", "int f(void) { enum { L = 9, M }; return M; }", "10"],
  ["hex, octal, binary, suffixes", "u64 f(void) { return 0x10 + 010 + 0b10 + 1UL + 2ll; }", "29n"],
  ["0x80000000 is unsigned", "int f(void) { return 0x80000000 > 0; }", "1"],
  ["2147483648 is long", "int f(void) { return sizeof(2147483648); }", "8"],
  ["character constants are int", "int f(void) { return sizeof('a') + '\\n' + '\\x41' + '\\101'; }", "144"],
  ["128 bits", "u64 f(void) { unsigned __int128 x = 1; x <<= 100; return x >> 90; }", "1024n"],
]);

test("types: char is unsigned as the kernel builds it, signed without __CHAR_UNSIGNED__", () => {
  const text = "int f(void) { char c = 200; return c; }";
  assert.equal(shown(callF({ text })), "200");
  assert.equal(shown(callF({ text, charSigned: true })), "-56");
});

check("data", [
  [
    "a struct",
    "struct s { int a; u8 b; }; int f(void) { struct s x = { 1, 2 }; x.a += x.b; return x.a; }",
    "3",
  ],
  [
    "a struct is a value",
    "struct s { int a; }; int f(void) { struct s x = { 1 }, y = x; y.a = 5; return x.a; }",
    "1",
  ],
  [
    "a struct by value to a function",
    "struct s { int a[2]; }; static int g(struct s v) { v.a[0] = 9; return v.a[1]; } int f(void) { struct s x = { { 1, 2 } }; return g(x) * 10 + x.a[0]; }",
    "21",
  ],
  [
    "a struct from a function",
    "struct s { int a; }; static struct s g(void) { struct s x = { 7 }; return x; } int f(void) { return g().a; }",
    "7",
  ],
  [
    "little endian unions",
    "union u { u32 w; u8 b[4]; }; int f(void) { union u x = { .w = 0x01020304 }; return x.b[0]; }",
    "4",
  ],
  [
    "bit-fields",
    "struct s { u32 a : 3, b : 5; }; int f(void) { struct s x = { 9, 33 }; return x.a * 100 + x.b; }",
    "101",
  ],
  [
    "the value before a step is a bit-field's, too",
    "u64 f(void) { struct { u64 x : 47; } s = { 0x7fffffffffff }; return s.x++ * 255; }",
    "140737488355073n",
  ],
  [
    "64 bits hold what an unsigned bit-field of 47 holds: the sign stays",
    "u64 f(void) { struct { u64 x : 47; } s = { 0x7fffffffff01 }; long y = -5; return s.x % y; }",
    `${0x7fffffffff01n % 5n}n`,
  ],
  ["signed bit-fields", "struct s { int a : 3; }; int f(void) { struct s x = { 7 }; return x.a; }", "-1"],
  [
    "anonymous members",
    "struct s { union { u32 w; struct { u16 lo, hi; }; }; }; int f(void) { struct s x; x.w = 0x50003; return x.lo + x.hi; }",
    "8",
  ],
  [
    "offsetof",
    "struct s { u8 a; struct { u64 b[3]; } c; }; int f(void) { return offsetof(struct s, c.b[1]); }",
    "16",
  ],
  [
    "packed",
    "struct s { u8 a; u32 b; } __attribute__((packed)); int f(void) { return sizeof(struct s); }",
    "5",
  ],
  [
    "aligned",
    "struct s { u8 a; } __attribute__((aligned(16))); int f(void) { return sizeof(struct s); }",
    "16",
  ],
  [
    "nested arrays",
    "int f(void) { int a[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } }; return a[1][2] * 10 + a[0][1]; }",
    "62",
  ],
  ["braces left out", "int f(void) { int a[2][2] = { 1, 2, 3 }; return a[1][0] * 10 + a[1][1]; }", "30"],
  [
    "designators",
    "int f(void) { int a[] = { [2] = 5, 6, [0] = 1 }; return sizeof(a) / 4 * 100 + a[3] * 10 + a[0]; }",
    "461",
  ],
  [
    "ranges",
    "static const u8 t[] = { [1 ... 3] = 7 }; int f(void) { return t[0] * 10 + t[1] + t[3] + sizeof(t); }",
    "18",
  ],
  ["trailing zeros", "static const u32 t[8] = { 1 }; int f(void) { return t[7]; }", "0"],
  [
    "a sentinel",
    "static const u32 t[] = { 5, 6, 7, 0xffffffff }; int f(void) { int i; for (i = 0; t[i] != 0xffffffff; i++); return i; }",
    "3",
  ],
  [
    "a struct table",
    "static const struct e { u32 index; bool always; } t[4] = { { .index = 1, .always = true }, { .index = 9 } }; int f(void) { return t[1].index + t[0].always + t[3].index; }",
    "10",
  ],
  [
    "nested designators",
    "struct s { struct { int x, y; } p[2]; }; int f(void) { struct s v = { .p[1].y = 4, .p[0] = { 2, 3 } }; return v.p[1].y * 10 + v.p[0].y; }",
    "43",
  ],
  [
    "compound literals",
    "struct s { int a, b; }; static int g(const struct s *p) { return p->a - p->b; } int f(void) { return g(&(struct s){ .a = 5, .b = 3 }) + ((int[]){ 4, 5 })[1]; }",
    "7",
  ],
  [
    "strings",
    'int f(void) { const char *s = "ab" "c"; char t[] = "xyz"; return sizeof(t) * 1000 + s[2] + t[3]; }',
    "4099",
  ],
  ["a table in the function", "int f(void) { static const u16 t[] = { 3, 4 }; return t[1]; }", "4"],
  ["flexible arrays", "struct s { int n; u8 d[]; }; int f(void) { return sizeof(struct s); }", "4"],
  [
    "const ops tables",
    "struct ops { int (*get)(int); }; static int twice(int x) { return 2 * x; } static const struct ops o = { .get = twice }; int f(void) { return o.get(21); }",
    "42",
  ],
]);

test("data: a table in another file of the tree", () => {
  const text =
    '#include "t.h"\nint f(void) { int i, s = 0; for (i = 0; i < N; i++) s += table[i]; return s; }';
  const files = {
    "t.h": "#define N 3\nextern const int table[N];\n",
    "b.c": '#include "t.h"\nconst int table[N] = { 1, 20, 300 };\n',
  };
  assert.equal(shown(callF({ text, files })), "321");
});

check("control", [
  ["for", "int f(void) { int s = 0; for (int i = 0; i < 5; i++) s += i; return s; }", "10"],
  ["while and break", "int f(void) { int i = 0; while (1) if (++i == 7) break; return i; }", "7"],
  ["do", "int f(void) { int i = 9; do i++; while (i < 5); return i; }", "10"],
  [
    "continue",
    "int f(void) { int s = 0; for (int i = 0; i < 6; i++) { if (i & 1) continue; s += i; } return s; }",
    "6",
  ],
  ["goto", "int f(void) { int i = 0; again: i++; if (i < 4) goto again; return i; }", "4"],
  [
    "switch falls through",
    "int f(void) { int x = 2, r = 0; switch (x) { case 1: r = 1; case 2: r += 10; case 3: r += 100; break; default: r = 9; } return r; }",
    "110",
  ],
  [
    "case ranges",
    "int f(void) { switch (0x83f) { case 0x800 ... 0x8ff: return 1; default: return 2; } }",
    "1",
  ],
  [
    "default in the middle",
    "int f(void) { int r = 0; switch (5) { case 1: r = 1; break; default: r = 2; case 3: r += 10; } return r; }",
    "12",
  ],
  [
    "Duff's device",
    "int f(void) { int n = 7, c = 0, k = (n + 3) / 4; switch (n % 4) { case 0: do { c++; case 3: c++; case 2: c++; case 1: c++; } while (--k > 0); } return c; }",
    "7",
  ],
  ["ternary", "int f(void) { int x = 3; return x > 2 ? 10 : 20; }", "10"],
  ["GNU ?:", "int f(void) { int x = 3; return x++ ?: 9; }", "3"],
  ["short circuit", "int f(void) { int x = 0; (void)(0 && x++); (void)(1 || x++); return x; }", "0"],
  ["comma", "int f(void) { int x = (1, 2); return x; }", "2"],
  [
    "compound assignment",
    "int f(void) { u8 x = 250; x += 10; x <<= 4; x |= 3; x ^= 1; x %= 50; return x; }",
    "16",
  ],
  ["shadowing", "int f(void) { int x = 1; { int x = 5; x++; } for (int x = 9; x < 9;); return x; }", "1"],
  ["early return", "int f(void) { for (;;) { if (1) return 4; } }", "4"],
  [
    "recursion",
    "int f(void); static int g(int n) { return n < 2 ? 1 : n * g(n - 1); } int f(void) { return g(5); }",
    "120",
  ],
  ["statement expressions", "int f(void) { int x = ({ int y = 3; y * 2; }); return x; }", "6"],
  ["return inside a statement expression", "int f(void) { int x = ({ return 8; 1; }); return x; }", "8"],
  [
    "a long else-if chain",
    `int f(void) { int x = 299; ${Array.from({ length: 300 }, (_, i) => `if (x == ${i}) return ${i} + 1; else`).join(" ")} return 0; }`,
    "300",
  ],
]);

check("pointers", [
  [
    "into arrays",
    "int f(void) { int a[4] = { 1, 2, 3, 4 }, *p = a + 1; p++; return *p + p[1] + (int)(p - a); }",
    "9",
  ],
  [
    "comparison",
    "int f(void) { int a[4], *p = a, *e = a + 4, n = 0; while (p < e) p++, n++; return n; }",
    "4",
  ],
  [
    "an array with its length",
    "static int sum(const u8 *p, int n) { int s = 0; while (n--) s += *p++; return s; } int f(void) { u8 a[] = { 1, 2, 3 }; return sum(a, ARRAY_SIZE(a)); }",
    "6",
  ],
  [
    "writing through",
    "static void set(int *p) { *p = 5; } int f(void) { int x = 1; set(&x); return x; }",
    "5",
  ],
  [
    "function pointers",
    "static int inc(int x) { return x + 1; } int f(void) { int (*p)(int) = &inc; return p(1) + (*p)(2); }",
    "5",
  ],
  [
    "bytes of a word",
    "int f(void) { u32 x = 0x11223344; u8 *p = (u8 *)&x; p[1] = 0; return x; }",
    "287440964",
  ],
  [
    "container_of",
    "struct o { int a; struct i { int b; } m; }; int f(void) { struct o x = { 4, { 5 } }; struct i *p = &x.m; return container_of(p, struct o, m)->a; }",
    "4",
  ],
  ["null", "int f(void) { int x, *p = NULL; return !p && &x != NULL; }", "1"],
  ["pointers to pointers", "int f(void) { int x = 1, *p = &x, **q = &p; **q = 7; return x; }", "7"],
  [
    "a function in another function's table",
    "typedef int (*fn)(int); static int a(int x) { return x; } static int b(int x) { return -x; } int f(void) { static const fn t[] = { a, b }; return t[1](3); }",
    "-3",
  ],
]);

check("macros", [
  ["an argument binds as text", "#define DOUBLE(x) x * 2\nint f(void) { return DOUBLE(1 + 2); }", "5"],
  ["pasting", "#define CAT(a, b) a##b\nint f(void) { int xy = 4; return CAT(x, y); }", "4"],
  [
    "X-macro lists",
    "#define LIST(X) X(1) X(2) X(3)\n#define ADD(n) s += n;\nint f(void) { int s = 0; LIST(ADD) return s; }",
    "6",
  ],
  [
    "statement macros",
    "#define SWAP(a, b) do { int t = a; a = b; b = t; } while (0)\nint f(void) { int x = 1, y = 2; SWAP(x, y); return x * 10 + y; }",
    "21",
  ],
  [
    "#if",
    "#define N 3\n#if N > 2 && defined(N)\nint f(void) { return 1; }\n#else\nint f(void) { return 2; }\n#endif",
    "1",
  ],
]);

check("gcc", [
  [
    "constant_p",
    "int f(void) { int x = 3; return __builtin_constant_p(3 + 4) * 10 + __builtin_constant_p(x); }",
    "10",
  ],
  ["choose_expr", "int f(void) { return sizeof(__builtin_choose_expr(1, (u8)1, 2ull)); }", "1"],
  [
    "types_compatible_p",
    "int f(void) { return __builtin_types_compatible_p(int, s32) * 10 + __builtin_types_compatible_p(long, long long); }",
    "10",
  ],
  [
    "counts",
    "int f(void) { return __builtin_clz(1) + __builtin_ctzll(1ull << 40) * 100 + __builtin_ffs(0) + __builtin_popcount(0xff); }",
    "4039",
  ],
  ["byte swap", "int f(void) { return __builtin_bswap32(0x01000000) + __builtin_bswap16(0x0200); }", "3"],
  [
    "overflow",
    "int f(void) { u8 r; int o = __builtin_add_overflow(200, 100, &r); return o * 1000 + r; }",
    "1044",
  ],
  ["_Generic", "int f(void) { u8 x = 1; return _Generic(x, int: 1, u8: 2, default: 3); }", "2"],
  [
    "_Static_assert",
    '_Static_assert(1, ""); int f(void) { _Static_assert(sizeof(int) == 4, ""); return 1; }',
    "1",
  ],
  ["expect", "int f(void) { return __builtin_expect(!!5, 0) ? 3 : 4; }", "3"],
  [
    "attributes anywhere",
    "static __attribute__((noinline)) int __attribute__((unused)) g(int x __attribute__((unused))) { return 3; } int f(void) { int __maybe_unused y = g(1); return y; }",
    "3",
  ],
  [
    "is it a constant expression?",
    "#define is_const(x) (sizeof(int) == sizeof(*(8 ? ((void *)((long)(x) * 0l)) : (int *)8)))\nint f(void) { int x = 1; return is_const(3) * 10 + is_const(x); }",
    "10",
  ],
]);
