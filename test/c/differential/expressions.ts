/** Random integer expressions without undefined behaviour (under -fwrapv). */
import type { Random } from "./random.ts";

/** What a place in the program may use. */
export interface Scope {
  /** Integer lvalues that may be written. */
  readonly writable: readonly string[];
  /** Integer expressions that may only be read. */
  readonly readable: readonly string[];
  /** Functions of two integers, by name. */
  readonly functions: readonly string[];
}

export const INTEGER_TYPES: readonly string[] = [
  ...["char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long"],
  ...["unsigned long", "long long", "unsigned long long", "_Bool", "u8", "s16", "u32", "s64", "u64"],
];

export function expression(random: Random, scope: Scope, depth: number): string {
  if (depth <= 0 || random.chance(15)) return leaf(random, scope);
  const make = random.pick(FORMS);
  return make(random, (less = 1) => expression(random, scope, depth - less), scope);
}

type Make = (random: Random, inner: (less?: number) => string, scope: Scope) => string;

const FORMS: readonly Make[] = [
  (random, inner) => `(${inner()} ${random.pick(["+", "-", "*", "&", "|", "^"])} ${inner()})`,
  (random, inner) => `(${inner()} ${random.pick(["+", "-", "*", "&", "|", "^"])} ${inner()})`,
  (random, inner) => `(${inner()} ${random.pick(["==", "!=", "<", ">", "<=", ">="])} ${inner()})`,
  (random, inner) =>
    `((${random.pick(INTEGER_TYPES)})${inner()} ${random.pick(["<<", ">>"])} (${inner(2)} & 7))`,
  (random, inner) => `((u64)${inner()} ${random.pick(["<<", ">>"])} (${inner(2)} & 63))`,
  (random, inner) =>
    `((${random.pick(["int", "u32"])})${inner()} ${random.pick(["<<", ">>"])} (${inner(2)} & 31))`,
  (random, inner) => `SAFE_${random.pick(["DIV", "MOD"])}(${inner()}, ${inner(2)})`,
  (random, inner) => `(${random.pick(["-", "~", "!", "+"])}${inner()})`,
  (random, inner) => `(${random.pick(INTEGER_TYPES)})${inner()}`,
  (_, inner) => `(${inner()} ? ${inner()} : ${inner()})`,
  (_, inner) => `(${inner()} ?: ${inner()})`,
  (random, inner) => `(${inner()} ${random.pick(["&&", "||"])} ${inner()})`,
  (_, inner) => `((void)${inner(3)}, ${inner()})`,
  (_, inner) => `(int)sizeof(+${inner(2)})`,
  (random) => `sizeof(${random.pick(INTEGER_TYPES)})`,
  (random, inner, scope) =>
    scope.functions.length > 0 ? `${random.pick(scope.functions)}(${inner(2)}, ${inner(2)})` : inner(),
  (_, inner) => `({ __auto_type t = +${inner()}; t ^ ${inner(2)}; })`,
  (random, inner) => `__builtin_${random.pick(["popcount", "ffs", "parity"])}(${inner()})`,
  (random, inner) => `__builtin_${random.pick(["clzll", "ctzll"])}(${inner()} | 16ULL)`,
  (random, inner) => `__builtin_bswap${random.pick(["16", "32", "64"])}(${inner()})`,
  (_, inner) =>
    `(int)_Generic(+${inner(2)}, int: 1, unsigned: 2, long: 3, unsigned long: 4, long long: 5, default: 6)`,
];

function leaf(random: Random, scope: Scope): string {
  const names = [...scope.writable, ...scope.readable];
  return names.length > 0 && random.chance(65) ? random.pick(names) : constant(random);
}

export function constant(random: Random): string {
  return random.pick([
    () => String(random.below(10)),
    () => String(random.below(1000)),
    () => `0x${random.below(0x7fffffff).toString(16)}`,
    () => `0x${(random.below(0x7fffffff) + 0x80000000).toString(16)}`,
    () => `0x${random.below(0xffffffff).toString(16)}${random.below(0xffffff).toString(16)}ull`,
    () => `${random.below(0x7fffffff)}${random.pick(["u", "l", "ul", "ll", "ull"])}`,
    () => `(-${random.below(200)})`,
    () => random.pick(["'a'", "'\\n'", "'\\xff'", "'\\0'", "E1", "E2", "E3", "E4"]),
    () =>
      random.pick([
        "BIT(3)",
        "BIT_ULL(63)",
        "GENMASK(7, 2)",
        "0x7fffffff",
        "0xffffffff",
        "0x80000000",
        "(-1)",
        "(1ull << 63)",
      ]),
  ])();
}
