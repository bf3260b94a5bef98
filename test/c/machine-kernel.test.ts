import assert from "node:assert/strict";
import { test } from "node:test";
import { callF, shown } from "./evaluate.ts";

/** A kernel word, a use of it, and what f() gives; without any kernel header in the tree. */
type Case = readonly [word: string, text: string, expected: string];

const MAP = "unsigned long m[2] = { 0xf0, 1 };";

const CASES: readonly Case[] = [
  ["ARRAY_SIZE", "static const u16 t[7]; int f(void) { return ARRAY_SIZE(t); }", "7"],
  ["BITS_PER_TYPE", "int f(void) { return BITS_PER_TYPE(u32) + BITS_PER_LONG; }", "96"],
  ["BIT", "u64 f(void) { return BIT(63) | BIT(0); }", "9223372036854775809n"],
  ["BIT_ULL", "u64 f(void) { return BIT_ULL(40); }", "1099511627776n"],
  ["GENMASK", "u64 f(void) { return GENMASK(7, 4) | GENMASK_ULL(63, 62); }", "13835058055282163952n"],
  [
    "for_each_set_bit",
    `int f(void) { ${MAP} int b, s = 0; for_each_set_bit(b, m, 128) s = s * 10 + b; return s; }`,
    "45734",
  ],
  [
    "for_each_set_bit over u64",
    "int f(void) { u64 m = 1ull << 63 | 4; int b, s = 0; for_each_set_bit(b, (unsigned long *)&m, 64) s = s * 100 + b; return s; }",
    "263",
  ],
  [
    "for_each_clear_bit",
    "int f(void) { unsigned long m = 0xfa; int b, s = 0; for_each_clear_bit(b, &m, 8) s = s * 10 + b; return s; }",
    "2",
  ],
  [
    "set_bit",
    "u64 f(void) { unsigned long m = 0; set_bit(63, &m); __set_bit(1, &m); return m; }",
    "9223372036854775810n",
  ],
  [
    "set_bit in the next word",
    "u64 f(void) { unsigned long m[2] = { 0 }; set_bit(65, m); return m[1]; }",
    "2n",
  ],
  [
    "set_bit beyond",
    "int f(void) { unsigned long m = 0; set_bit(64, &m); return 1; }",
    "stopped out-of-bounds",
  ],
  ["clear_bit", "u64 f(void) { unsigned long m = 7; clear_bit(0, &m); __clear_bit(2, &m); return m; }", "2n"],
  [
    "change_bit",
    "u64 f(void) { unsigned long m = 5; change_bit(0, &m); __change_bit(1, &m); return m; }",
    "6n",
  ],
  ["test_bit", "int f(void) { unsigned long m = 4; return test_bit(2, &m) * 10 + test_bit(3, &m); }", "10"],
  [
    "assign_bit",
    "u64 f(void) { unsigned long m = 1; assign_bit(0, &m, false); __assign_bit(4, &m, 2); return m; }",
    "16n",
  ],
  [
    "test_and_set_bit",
    "int f(void) { unsigned long m = 1; int a = test_and_set_bit(0, &m), b = __test_and_set_bit(1, &m); return a * 100 + b * 10 + m; }",
    "103",
  ],
  [
    "test_and_clear_bit",
    "int f(void) { unsigned long m = 3; int a = test_and_clear_bit(0, &m); return a * 10 + m; }",
    "12",
  ],
  [
    "test_and_change_bit",
    "int f(void) { unsigned long m = 3; int a = test_and_change_bit(2, &m); return a * 10 + m; }",
    "7",
  ],
  ["bitmap_set", "u64 f(void) { unsigned long m = 0; bitmap_set(&m, 3, 5); return m; }", "248n"],
  ["bitmap_clear", "u64 f(void) { unsigned long m = 0xff; bitmap_clear(&m, 0, 4); return m; }", "240n"],
  [
    "bitmap_zero and bitmap_fill",
    "u64 f(void) { unsigned long m[2]; bitmap_fill(m, 70); bitmap_zero(m, 3); return m[0] + m[1]; }",
    "18446744073709551615n",
  ],
  [
    "bitmap_empty, bitmap_full, bitmap_weight",
    `int f(void) { ${MAP} return bitmap_empty(m, 4) * 100 + bitmap_full(m, 8) * 10 + bitmap_weight(m, 128); }`,
    "105",
  ],
  [
    "bitmap_and, or, andnot",
    "u64 f(void) { unsigned long a = 12, b = 10, c; bitmap_and(&c, &a, &b, 4); bitmap_or(&a, &a, &b, 4); bitmap_andnot(&b, &a, &c, 4); return a * 100 + b; }",
    "1406n",
  ],
  [
    "find_first_bit and friends",
    `u64 f(void) { ${MAP} return find_first_bit(m, 128) + 100 * find_next_bit(m, 128, 8) + 100000 * find_first_zero_bit(m, 128) + find_next_zero_bit(m, 128, 4) + find_last_bit(m, 128); }`,
    "6476n",
  ],
  [
    "find_next_bit finds nothing",
    "u64 f(void) { unsigned long m = 0; return find_next_bit(&m, 64, 0); }",
    "64n",
  ],
  ["READ_ONCE and WRITE_ONCE", "int f(void) { int x = 1; WRITE_ONCE(x, READ_ONCE(x) + 4); return x; }", "5"],
  ["likely and unlikely", "int f(void) { if (unlikely(0) || likely(2)) return 3; return 4; }", "3"],
  [
    "WARN_ON gives its condition",
    "int f(void) { if (WARN_ON(5)) return WARN_ON_ONCE(0) + 1; return 9; }",
    "1",
  ],
  ["WARN with a message", 'int f(void) { return WARN(1, "bad %d\\n", nothing_like_it); }', "1"],
  ["BUG_ON that does not hold", "int f(void) { BUG_ON(0); return 1; }", "1"],
  ["BUG_ON on an unknown", "extern int x; int f(void) { BUG_ON(x); return 1; }", "1"],
  ["BUILD_BUG_ON", "int f(void) { BUILD_BUG_ON(sizeof(int) != 4); return 1 + BUILD_BUG_ON_ZERO(0); }", "1"],
  ["min and max", "int f(void) { return min(3, 4) * 10 + max(3, 4); }", "34"],
  ["min evaluates once", "int f(void) { int x = 1; int y = min(x++, 5); return x * 10 + y; }", "21"],
  ["min_t and max_t", "int f(void) { return min_t(u8, 300, 50) * 1000 + max_t(int, -1, 2); }", "44002"],
  [
    "clamp",
    "int f(void) { return clamp(9, 1, 5) * 10 + clamp_t(u8, 0, 2, 7) + min3(4, 3, 5) + max3(1, 2, 0); }",
    "57",
  ],
  ["swap", "int f(void) { int a = 1, b = 2; swap(a, b); return a * 10 + b; }", "21"],
  ["memset", "u32 f(void) { u32 x[2]; memset(x, 0xff, sizeof(x)); return x[1]; }", "4294967295"],
  [
    "memcpy",
    "int f(void) { u8 a[4] = { 1, 2, 3, 4 }, b[4]; memcpy(b, a + 1, 3); return b[0] * 100 + b[2]; }",
    "204",
  ],
  [
    "memmove overlaps",
    "int f(void) { u8 a[4] = { 1, 2, 3, 4 }; memmove(a + 1, a, 3); return a[1] * 100 + a[3]; }",
    "103",
  ],
  ["memcmp", 'int f(void) { return memcmp("abc", "abd", 3) < 0 && !memcmp("ab", "ab", 2); }', "1"],
  ["strcmp and strlen", 'int f(void) { return !strcmp("ab", "ab") * 10 + strlen("abc"); }', "13"],
  ["array_index_nospec", "int f(void) { int a[3] = { 1, 2, 3 }; return a[array_index_nospec(2, 3)]; }", "3"],
  [
    "hweight, ffs, fls",
    "int f(void) { return hweight64(7) + ffs(8) * 10 + fls(8) * 100 + __ffs(16) * 1000 + fls64(1ull << 40) * 10000; }",
    "414443",
  ],
  [
    "upper_32_bits",
    "u32 f(void) { return upper_32_bits(0x500000003ull) * 10 + lower_32_bits(0x500000003ull); }",
    "53",
  ],
  [
    "DIV_ROUND_UP, round_up, ALIGN",
    "int f(void) { return DIV_ROUND_UP(7, 2) + round_up(5, 8) * 10 + ALIGN(17, 16) * 100; }",
    "3284",
  ],
  [
    "atomics",
    "typedef struct { int counter; } atomic_t; int f(void) { atomic_t v = { 3 }; atomic_inc(&v); atomic_add(5, &v); return atomic_read(&v); }",
    "9",
  ],
  [
    "xchg and cmpxchg",
    "int f(void) { int x = 1, a = xchg(&x, 5), b = cmpxchg(&x, 5, 6), c = cmpxchg(&x, 5, 7); return a * 1000 + b * 100 + c * 10 + x; }",
    "1566",
  ],
  [
    "rcu",
    "int f(void) { int x = 4, *p; rcu_assign_pointer(p, &x); rcu_read_lock(); x = *rcu_dereference(p); rcu_read_unlock(); return x; }",
    "4",
  ],
  [
    "messages and locks leave no trace",
    'int f(void) { pr_info("x %d", gone); trace_kvm_exit(1); lockdep_assert_held(&gone); spin_lock(&gone); return 2; }',
    "2",
  ],
  ["KERN_ levels", 'int f(void) { printk(KERN_ERR "x" "y"); return 2; }', "2"],
  ["errno", "int f(void) { return -EINVAL - ENOENT; }", "-24"],
  ["fallthrough", "int f(void) { switch (1) { case 1: fallthrough; case 2: return 5; } return 0; }", "5"],
  [
    "EXPORT_SYMBOL and section names",
    "int f(void) { return 3; }\nEXPORT_SYMBOL_GPL(f);\nstatic int __ro_after_init x = 1;\nstatic int y __read_mostly = 2;\n",
    "3",
  ],
  [
    "__always_inline",
    "static __always_inline int g(void) { return 6; }\nint __init f(void) { return g(); }",
    "6",
  ],
  ["IS_ERR_VALUE", "int f(void) { int x; return IS_ERR_VALUE(&x) * 10 + IS_ERR_VALUE(-ENOENT); }", "1"],
  ["static_branch", "extern int key; int f(void) { return static_branch_unlikely(&key); }", "unknown key"],
  ["static_call", "int f(void) { return static_call(kvm_x86_do)(1); }", "unknown kvm_x86_do(1)"],
  [
    "a function of the file goes before a built-in",
    "static int hweight64(u64 x) { return 77; } int f(void) { return hweight64(0); }",
    "77",
  ],
  ["byte order", "u32 f(void) { return swab32(1); }", "16777216"],
  ["sizeof_field", "struct s { u64 a; u16 b; }; int f(void) { return sizeof_field(struct s, b); }", "2"],
];

for (const [word, text, expected] of CASES) {
  test(`kernel word: ${word}`, () => assert.equal(shown(callF(text)), expected));
}

test("the tree's own macro goes before the fallback", () => {
  const files = { "include/linux/bits.h": "#define BIT(n) (2UL << (n))\n" };
  const text = "#include <linux/bits.h>\nint f(void) { return BIT(1); }";
  assert.equal(shown(callF({ text, files })), "4");
});
