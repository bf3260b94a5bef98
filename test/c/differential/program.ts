/** Random C programs in the subset that the evaluator claims: one function that gives a checksum. */
import { constant, expression, INTEGER_TYPES, type Scope } from "./expressions.ts";
import { type Random, seeded } from "./random.ts";

/** What both gcc and the evaluator see in front of every program. */
export const PRELUDE = `
typedef unsigned char u8; typedef signed char s8; typedef unsigned short u16; typedef short s16;
typedef unsigned int u32; typedef int s32; typedef unsigned long long u64; typedef long long s64;
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
#define SAFE_DIV(a, b) ({ __auto_type x_ = +(a); __auto_type y_ = +(b); y_ == 0 || y_ == (__typeof__(y_))-1 ? x_ : x_ / y_; })
#define SAFE_MOD(a, b) ({ __auto_type x_ = +(a); __auto_type y_ = +(b); y_ == 0 || y_ == (__typeof__(y_))-1 ? x_ : x_ % y_; })
#define MIX(value) (sum = sum * 1099511628211ull + (u64)(value))
enum { E1, E2 = 7, E3, E4 = -3 };
`;

/** The program's text; its entry is `u64 program<seed>(void)`. */
export function program(seed: number): string {
  const random = seeded(seed);
  const maker = new Maker(random, seed);
  return maker.text();
}

class Maker {
  private readonly random: Random;
  private readonly seed: number;
  private names = 0;
  /** Loops may nest only so far: the product of their rounds is bounded. */
  private loops = 0;

  constructor(random: Random, seed: number) {
    this.random = random;
    this.seed = seed;
  }

  text(): string {
    const { seed, random } = this;
    const record = this.record();
    const table = this.table();
    const helper = this.helper();
    const shared = { writable: [], readable: [...table.reads], functions: [`h${seed}`] };
    const locals = this.locals(shared);
    const scope: Scope = {
      writable: [
        ...locals.names,
        ...record.fields,
        "a[(unsigned)v0 & 7]",
        "*p",
        "m[1][2]",
        "m[(u32)v1 & 1][(u32)v2 % 3]",
        "un.b[2]",
        "un.w",
        "un.h[1]",
      ],
      readable: [...table.reads, "p[0]", "(p - a)", "fn[(unsigned)v1 & 1](v0, 3)"],
      functions: [`h${seed}`],
    };
    const body = this.statements(scope, 3, 6 + random.below(6));
    return `${record.text}${table.text}${helper}
u64 program${seed}(void)
{
	u64 sum = ${seed}u;
${locals.text}	struct s${seed} r = ${record.initializer}, r2;
	${random.pick(["int", "u8", "s16", "u64"])} a[8] = { ${this.constants(5)}, [6] = ${constant(random)} };
	__typeof__(a[0]) *p = &a[${random.below(8)}];
	u32 m[2][3] = { { 1, 2 }, [1] = { [1] = ${constant(random)} } };
	union { u64 w; u16 h[4]; u8 b[8]; } un = { .w = ${constant(random)} };
	int (*fn[2])(int, int) = { h${seed}, &h${seed} };
	int guard = 0;
	r2 = r;
${body}
${record.fields.map((field) => `	MIX(${field});\n`).join("")}${locals.names.map((name) => `	MIX(${name});\n`).join("")}	for (int i = 0; i < 8; i++) MIX(a[i]);
	for (int i = 0; i < 6; i++) MIX(((u32 *)m)[i]);
	MIX(un.w); MIX(sizeof(r)); MIX(g${seed}(r2)); MIX(guard);
	return sum;
}
`;
  }

  /** A struct with bit-fields, nested parts and an anonymous union, and a function that takes it by value. */
  private record(): { text: string; fields: string[]; initializer: string } {
    const { random, seed } = this;
    const type = (): string => random.pick(INTEGER_TYPES.filter((each) => each !== "_Bool"));
    const width = 1 + random.below(31);
    const attribute = random.pick(["", "", " __attribute__((packed))"]);
    const text = `struct s${seed} {
	${type()} x;
	${random.pick(["u32", "int", "unsigned"])} bits : ${width}, more : ${1 + random.below(12)};
	${random.pick(["u64", "s64"])} wide : ${1 + random.below(60)};
	struct { ${type()} y; ${type()} z[3]; } in;
	union { ${type()} q; u8 bytes[4]; };
	_Bool flag : 1;
	${type()} last;
}${attribute};
static u64 g${seed}(struct s${seed} v)
{
	u64 sum = sizeof(v) + __builtin_offsetof(struct s${seed}, in.z[1]) + _Alignof(struct s${seed});
	v.in.z[1]++; v.bits += 3;
	MIX(v.x); MIX(v.bits); MIX(v.more); MIX(v.wide); MIX(v.in.y); MIX(v.in.z[1]); MIX(v.bytes[0]); MIX(v.flag);
	return sum;
}
`;
    const fields = [
      "r.x",
      "r.bits",
      "r.more",
      "r.wide",
      "r.in.y",
      "r.in.z[1]",
      "r.in.z[(unsigned)v0 % 3]",
      "r.bytes[1]",
      "r.flag",
      "r.last",
    ];
    const initializer = random.pick([
      `{ ${this.constants(3)}, 5, { 1, { 2, 3 } }, .flag = 1 }`,
      `{ .x = ${constant(random)}, .in = { .z = { [1] = ${constant(random)} } }, .last = ${constant(random)} }`,
      `{ ${this.constants(4)}, ${this.constants(4)} }`,
      `{ .in.z[2] = 4, .bits = ${constant(random)}, .q = 7, .more = 1 }`,
    ]);
    return { text, fields, initializer };
  }

  private constants(count: number): string {
    return Array.from({ length: count }, () => constant(this.random)).join(", ");
  }

  /** Tables at file scope: trailing zeros, ranges, structs, two dimensions, strings. */
  private table(): { text: string; reads: string[] } {
    const { random, seed } = this;
    const type = random.pick(INTEGER_TYPES);
    const text = `static const ${type} t${seed}[16] = { ${this.constants(3)}, [5] = ${constant(random)}, ${constant(random)}, [9 ... 11] = ${constant(random)} };
static const struct { u8 k; s16 v[2]; } d${seed}[] = { { 1, { 2, 3 } }, [3] = { .v = { [1] = -4 } }, { ${random.below(200)} }, 9, 8, 7 };
static const char c${seed}[2][6] = { "ab\\xff", { 'x', ${random.below(100)} } };
`;
    const reads = [
      `t${seed}[(u32)v0 & 15]`,
      `t${seed}[${random.below(16)}]`,
      `d${seed}[(u32)v1 % (sizeof(d${seed}) / sizeof(d${seed}[0]))].v[1]`,
      `d${seed}[4].k`,
      `c${seed}[(u32)v2 & 1][2]`,
      `"hello"[(u32)v1 % 6]`,
    ];
    return { text, reads };
  }

  private helper(): string {
    const { random, seed } = this;
    const scope: Scope = { writable: ["x", "y"], readable: [], functions: [] };
    return `static int h${seed}(int x, int y)
{
	static const u16 w[] = { 3, 1, 4 };
	if (x > 100 && y > 0)
		return h${seed}(x / 3, y - 1) + w[(u32)x % 3];
	while (x & 8) {
		x -= ${1 + random.below(8)};
		if (y++ > 20)
			break;
	}
	return ${expression(random, scope, 3)};
}
`;
  }

  private locals(shared: Scope): { text: string; names: string[] } {
    const count = 4 + this.random.below(4);
    const names: string[] = [];
    let text = "";
    for (let i = 0; i < count; i++) {
      const scope: Scope = { writable: names, readable: i > 2 ? shared.readable : [], functions: [] };
      text += `	${this.random.pick(INTEGER_TYPES)} v${i} = ${expression(this.random, scope, 2)};\n`;
      names.push(`v${i}`);
    }
    return { text, names };
  }

  private statements(scope: Scope, depth: number, count: number): string {
    return Array.from({ length: count }, () => this.statement(scope, depth)).join("\n");
  }

  private statement(scope: Scope, depth: number): string {
    const { random } = this;
    const simple = depth <= 0 || random.chance(45);
    const make = simple ? random.pick([0, 0, 1, 2, 3]) : 4 + random.below(8);
    const value = (): string => expression(random, scope, 3);
    const target = random.pick(scope.writable);
    switch (make) {
      case 0:
        return `	${target} = ${value()};`;
      case 1:
        return `	${target} ${random.pick(["+=", "-=", "*=", "&=", "|=", "^="])} ${value()};`;
      case 2:
        return `	MIX(${random.pick(["++", "--"])}${random.pick(["v0", "v1", "a[3]", "r.in.y"])});`;
      case 3:
        return `	MIX(${value()}); p = &a[${value()} & 7];`;
      default:
        return this.compound(scope, depth - 1, make);
    }
  }

  private compound(scope: Scope, depth: number, make: number): string {
    const { random } = this;
    const value = expression(random, scope, 3);
    const inner = (): string => this.statements(scope, depth, 1 + random.below(3));
    const label = `l${this.names++}`;
    switch (make) {
      case 4:
      case 5:
        return `	if (${value}) {\n${inner()}\n	} else ${random.chance(50) ? `if (${expression(random, scope, 2)}) ` : ""}{\n${inner()}\n	}`;
      case 6:
        return this.loop(
          () =>
            `	for (int i = 0; i < ${1 + random.below(5)}; i++) {\n		if (i == 3) continue;\n${inner()}\n		MIX(i);\n	}`,
          scope,
        );
      case 7:
        return this.loop(
          () =>
            `	{ int n = ${1 + random.below(5)}; do {\n${inner()}\n		if (v1 == 5) break;\n	} while (--n > 0); }`,
          scope,
        );
      case 8:
        return this.switchText(scope, depth, value);
      case 9:
        return `	{ ${random.pick(INTEGER_TYPES)} o = ${expression(random, scope, 2)}; { ${random.pick(INTEGER_TYPES)} v0 = o, o = 3;\n${inner()}\n	MIX(v0 + o); } }`;
      case 10:
        return `	if (${value}) goto ${label};\n${inner()}\n${label}:\n	if (guard++ < 2) goto ${label};`;
      default:
        return `	r2 = (${value}) & 1 ? r : (struct s${this.seed}){ .x = 3, .in = { 4 } }; MIX(g${this.seed}(r2));`;
    }
  }

  private loop(make: () => string, scope: Scope): string {
    if (this.loops >= 3) return this.statement(scope, 0);
    this.loops++;
    const text = make();
    this.loops--;
    return text;
  }

  private switchText(scope: Scope, depth: number, value: string): string {
    const inner = (): string => this.statements(scope, depth, 1);
    return `	switch (${value}) {
	case 0:
${inner()}
		__attribute__((fallthrough));
	case 1 ... 9:
${inner()}
		break;
	case -1:
	case 0x80000000:
		MIX(1);
		break;
	default:
${inner()}
	}`;
  }
}
