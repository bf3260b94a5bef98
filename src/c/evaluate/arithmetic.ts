/** Integer arithmetic exactly as -fwrapv on x86-64 does it, on known operands. */
import type { BinaryOperator } from "../parse/ast.ts";
import type { IntType } from "./types.ts";

export type Integer = number | bigint;

/** Brings any integer into the type: what a cast does. */
export function convertInteger(value: Integer, to: IntType): Integer {
  if (to.bool) return value === 0 || value === 0n ? 0 : 1;
  if (to.size > 4) return wrapWide(typeof value === "bigint" ? value : BigInt(value), to);
  const low = typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value | 0;
  return wrapNarrow(low, to);
}

export function wrapWide(value: bigint, to: IntType): bigint {
  return to.signed ? BigInt.asIntN(to.bits, value) : BigInt.asUintN(to.bits, value);
}

/** `value` is an int32 whose low bits count. */
function wrapNarrow(value: number, to: IntType): number {
  switch (to.size) {
    case 4:
      return to.signed ? value | 0 : value >>> 0;
    case 2:
      return to.signed ? (value << 16) >> 16 : value & 0xffff;
    default:
      return to.signed ? (value << 24) >> 24 : value & 0xff;
  }
}

/** Why an operation has no value: then C leaves it undefined. */
export type Undefined = "shift" | "division" | "overflow";

/**
 * `left operator right`, both already of `type` (for shifts `right` is any integer).
 * Comparisons give 0 or 1.
 */
export function compute(
  operator: BinaryOperator,
  left: Integer,
  right: Integer,
  type: IntType,
): Integer | Undefined {
  if (operator === "<<" || operator === ">>") return shift(operator, left, right, type);
  if (type.size > 4) return computeWide(operator, BigInt(left), BigInt(right), type);
  return computeNarrow(operator, Number(left), Number(right), type);
}

function shift(operator: "<<" | ">>", left: Integer, right: Integer, type: IntType): Integer | Undefined {
  if (right < 0 || right >= type.bits) return "shift";
  if (type.size > 4) {
    const by = BigInt(right);
    return wrapWide(operator === "<<" ? BigInt(left) << by : BigInt(left) >> by, type);
  }
  const by = Number(right);
  const value = Number(left);
  if (operator === "<<") return wrapNarrow(value << by, type);
  return type.signed ? value >> by : value >>> by;
}

function computeNarrow(operator: BinaryOperator, a: number, b: number, type: IntType): number | Undefined {
  switch (operator) {
    case "+":
      return wrapNarrow((a + b) | 0, type);
    case "-":
      return wrapNarrow((a - b) | 0, type);
    case "*":
      return wrapNarrow(Math.imul(a, b), type);
    case "/":
    case "%":
      return divideNarrow(operator, a, b, type);
    case "&":
      return wrapNarrow(a & b, type);
    case "|":
      return wrapNarrow(a | b, type);
    case "^":
      return wrapNarrow(a ^ b, type);
    default:
      return compare(operator, a, b);
  }
}

function divideNarrow(operator: "/" | "%", a: number, b: number, type: IntType): number | Undefined {
  if (b === 0) return "division";
  if (type.signed && a === -0x80000000 && b === -1) return "overflow";
  const result = operator === "/" ? Math.trunc(a / b) : a % b;
  return type.signed ? result | 0 : result >>> 0;
}

function computeWide(operator: BinaryOperator, a: bigint, b: bigint, type: IntType): Integer | Undefined {
  switch (operator) {
    case "+":
      return wrapWide(a + b, type);
    case "-":
      return wrapWide(a - b, type);
    case "*":
      return wrapWide(a * b, type);
    case "/":
    case "%":
      return divideWide(operator, a, b, type);
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return wrapWide(a ^ b, type);
    default:
      return compare(operator, a, b);
  }
}

function divideWide(operator: "/" | "%", a: bigint, b: bigint, type: IntType): bigint | Undefined {
  if (b === 0n) return "division";
  if (type.signed && b === -1n && a === -(1n << BigInt(type.bits - 1))) return "overflow";
  return operator === "/" ? a / b : a % b;
}

export function compare(operator: BinaryOperator, a: Integer, b: Integer): number {
  switch (operator) {
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    default:
      return a >= b ? 1 : 0;
  }
}

export function negate(value: Integer, type: IntType): Integer {
  return typeof value === "bigint" ? wrapWide(-value, type) : wrapNarrow(-value | 0, type);
}

export function complement(value: Integer, type: IntType): Integer {
  return typeof value === "bigint" ? wrapWide(~value, type) : wrapNarrow(~value, type);
}

/** Says in words why an operation is undefined. */
export function undefinedText(what: Undefined, operator: string): string {
  switch (what) {
    case "shift":
      return `'${operator}' by a negative count or beyond the width of its operand`;
    case "division":
      return `'${operator}' by zero`;
    case "overflow":
      return `'${operator}' of the least value by -1`;
  }
}
