/** Arithmetic with operands that are not known: what can be told all the same, and how the rest is named. */
import type { BinaryOperator, Place } from "../parse/ast.ts";
import { compute, convertInteger, type Integer, undefinedText } from "./arithmetic.ts";
import type { IntType } from "./types.ts";
import { type KnownBits, poison, type Question, Unknown } from "./value.ts";

type Operand = Integer | Unknown;

/** A truth value: every bit but the lowest is 0. */
export const TRUTH_BITS: KnownBits = { mask: ~1n, value: 0n };

/** `left operator right` where at least one operand is Unknown; both are meant in `type`. */
export function symbolicBinary(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  type: IntType,
  place: Place,
): Operand {
  const bits = resultBits(operator, left, right, type);
  if (bits !== null && covers(bits, type)) return fromBits(bits.value, type);
  const why = (left instanceof Unknown && left.poison) || !(right instanceof Unknown) ? left : right;
  if (!(why instanceof Unknown)) return poison("unsupported", "not an unknown", place);
  if (why.poison && (bits === null || bits.mask === 0n))
    return why.bits === null ? why : why.with(why.text, null);
  const undefined_ = undefinedRight(operator, right, type, place);
  if (undefined_ !== null) return undefined_;
  if (isComparison(operator)) return comparison(operator, left, right, type, why);
  return identity(operator, left, right) ?? why.with(binaryText(operator, left, right), bits);
}

/** A known right operand may make the operation undefined whatever the left one is. */
function undefinedRight(
  operator: BinaryOperator,
  right: Operand,
  type: IntType,
  place: Place,
): Unknown | null {
  if (right instanceof Unknown || isComparison(operator)) return null;
  const result = compute(operator, convertInteger(0, type), right, type);
  return typeof result === "string" ? poison(result, undefinedText(result, operator), place) : null;
}

/** `x | 0`, `x + 0`, `x << 0`, `x * 1` are x itself. */
function identity(operator: BinaryOperator, left: Operand, right: Operand): Operand | null {
  const zeroNeutral = ["+", "|", "^", "<<", ">>", "-"].includes(operator);
  if (zeroNeutral && isZero(right)) return left;
  if (isZero(left) && ["+", "|", "^"].includes(operator)) return right;
  if (["*", "/"].includes(operator) && (right === 1 || right === 1n)) return left;
  return operator === "*" && (left === 1 || left === 1n) ? right : null;
}

function isZero(value: Operand): boolean {
  return value === 0 || value === 0n;
}

export function isComparison(operator: BinaryOperator): boolean {
  return ["==", "!=", "<", ">", "<=", ">="].includes(operator);
}

function width(type: IntType): bigint {
  return (1n << BigInt(type.bits)) - 1n;
}

/** What is known of an operand: all bits of an integer. */
function bitsOf(value: Operand, type: IntType): KnownBits {
  if (!(value instanceof Unknown)) return { mask: width(type), value: BigInt(value) & width(type) };
  if (value.bits === null) return { mask: 0n, value: 0n };
  const mask = value.bits.mask & width(type);
  return { mask, value: value.bits.value & mask };
}

function covers(bits: KnownBits, type: IntType): boolean {
  return (bits.mask & width(type)) === width(type);
}

function fromBits(value: bigint, type: IntType): Integer {
  return convertInteger(value, type);
}

function resultBits(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  type: IntType,
): KnownBits | null {
  if (operator === "<<" || operator === ">>") return shiftedBits(operator, left, right, type);
  const a = bitsOf(left, type);
  const b = bitsOf(right, type);
  const ones = { a: a.mask & a.value, b: b.mask & b.value };
  const zeros = { a: a.mask & ~a.value, b: b.mask & ~b.value };
  switch (operator) {
    case "&":
      return { mask: zeros.a | zeros.b | (ones.a & ones.b), value: ones.a & ones.b };
    case "|":
      return { mask: ones.a | ones.b | (zeros.a & zeros.b), value: ones.a | ones.b };
    case "^":
      return { mask: a.mask & b.mask, value: (a.value ^ b.value) & a.mask & b.mask };
    case "*":
      return isZero(left) || isZero(right) ? { mask: width(type), value: 0n } : null;
    default:
      return null;
  }
}

function shiftedBits(operator: "<<" | ">>", left: Operand, right: Operand, type: IntType): KnownBits | null {
  if (right instanceof Unknown || right < 0 || right >= type.bits) return null;
  const by = BigInt(right);
  const { mask, value } = bitsOf(left, type);
  const all = width(type);
  if (operator === "<<") {
    return { mask: ((mask << by) | ((1n << by) - 1n)) & all, value: (value << by) & all };
  }
  const top = 1n << BigInt(type.bits - 1);
  const filled = all ^ (all >> by);
  if (!type.signed || ((mask & top) !== 0n && (value & top) === 0n)) {
    return { mask: (mask >> by) | filled, value: value >> by };
  }
  return { mask: mask >> by, value: value >> by };
}

/** Least and greatest value a partly known operand may have; null where the sign is open. */
function range(value: Operand, type: IntType): { least: bigint; most: bigint } | null {
  if (!(value instanceof Unknown)) return { least: BigInt(value), most: BigInt(value) };
  const { mask, value: known } = bitsOf(value, type);
  const top = 1n << BigInt(type.bits - 1);
  if (type.signed && ((mask & top) === 0n || (known & top) !== 0n)) return null;
  return { least: known, most: known | (width(type) & ~mask) };
}

function comparison(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  type: IntType,
  why: Unknown,
): Operand {
  const settled = settledByBits(operator, left, right, type);
  if (settled !== null) return settled;
  const question = questionOf(operator, left, right, type);
  return why.with(binaryText(operator, left, right), TRUTH_BITS, question);
}

function settledByBits(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  type: IntType,
): number | null {
  const a = bitsOf(left, type);
  const b = bitsOf(right, type);
  const differ = ((a.value ^ b.value) & a.mask & b.mask) !== 0n;
  if (differ && operator === "==") return 0;
  if (differ && operator === "!=") return 1;
  if (sameUnknown(left, right)) return ["==", "<=", ">="].includes(operator) ? 1 : 0;
  const x = range(left, type);
  const y = range(right, type);
  if (x === null || y === null) return null;
  if (x.most < y.least) return ["<", "<=", "!="].includes(operator) ? 1 : 0;
  if (x.least > y.most) return [">", ">=", "!="].includes(operator) ? 1 : 0;
  if (x.most <= y.least && (operator === "<=" || operator === ">")) return operator === "<=" ? 1 : 0;
  if (x.least >= y.most && (operator === ">=" || operator === "<")) return operator === ">=" ? 1 : 0;
  return null;
}

function sameUnknown(left: Operand, right: Operand): boolean {
  return left instanceof Unknown && right instanceof Unknown && !left.poison && left.text === right.text;
}

/** The question behind a comparison in a form that its negations and mirror images share. */
function questionOf(operator: BinaryOperator, left: Operand, right: Operand, type: IntType): Question {
  switch (operator) {
    case "==":
      return equality(left, right, type, false);
    case "!=":
      return equality(left, right, type, true);
    case "<":
      return less(left, right, type, false);
    case ">":
      return less(right, left, type, false);
    case "<=":
      return less(right, left, type, true);
    default:
      return less(left, right, type, true);
  }
}

function equality(left: Operand, right: Operand, type: IntType, negated: boolean): Question {
  if (!(left instanceof Unknown) && right instanceof Unknown) {
    return equality(right, left, type, negated);
  }
  if (left instanceof Unknown && !(right instanceof Unknown)) {
    if (isZero(right)) return flip(truthQuestion(left), !negated);
    if (isTruth(left, type) && (right === 1 || right === 1n)) return flip(truthQuestion(left), negated);
    const equals = { text: left.text, value: right };
    return { text: binaryText("==", left, right), negated, equals };
  }
  const [a, b] = [operandText(left), operandText(right)].sort();
  return { text: `${a} == ${b}`, negated };
}

function less(left: Operand, right: Operand, type: IntType, negated: boolean): Question {
  const text = binaryText("<", left, right);
  return { text: type.signed ? text : `${text} (unsigned)`, negated };
}

/** Only the lowest bit is open. */
function isTruth(value: Unknown, type: IntType): boolean {
  const { mask, value: known } = bitsOf(value, type);
  return known === 0n && (mask | 1n) === width(type);
}

export function truthQuestion(value: Unknown): Question {
  return value.question ?? { text: value.text, negated: false };
}

function flip(question: Question, negated: boolean): Question {
  if (!negated) return question;
  const { text, equals } = question;
  return equals === undefined
    ? { text, negated: !question.negated }
    : { text, negated: !question.negated, equals };
}

/** `!x`. */
export function symbolicNot(value: Unknown): Operand {
  if (value.bits !== null && (value.bits.value & value.bits.mask) !== 0n) return 0;
  const question = flip(truthQuestion(value), true);
  return value.with(`!${operandText(value)}`, TRUTH_BITS, question);
}

/** `-x` and `~x`. */
export function symbolicUnary(operator: "-" | "~", value: Unknown, type: IntType): Operand {
  const text = `${operator}${operandText(value)}`;
  if (operator === "-" || value.bits === null) return value.with(text, null);
  const { mask, value: known } = bitsOf(value, type);
  return value.with(text, { mask, value: ~known & mask });
}

/** An unknown integer of type `from` (null: not told) seen as `to`. */
export function symbolicConvert(value: Unknown, from: IntType | null, to: IntType): Operand {
  if (to.bool) return symbolicBool(value);
  if (from === null) return value.bits === null ? value : reduced(value, to, false);
  if (to.bits < from.bits) return reduced(value, to, !fits(value, from, to));
  if (to.bits === from.bits) return value;
  return widened(value, from, to);
}

function symbolicBool(value: Unknown): Operand {
  if (value.bits !== null && (value.bits.value & value.bits.mask) !== 0n) return 1;
  return new Unknown(value.text, value, TRUTH_BITS, truthQuestion(value));
}

/** The bits that go away are known to be 0: the value stays the same. */
function fits(value: Unknown, from: IntType, to: IntType): boolean {
  const { mask, value: known } = bitsOf(value, from);
  const lost = width(from) & ~(to.signed ? width(to) >> 1n : width(to));
  return (mask & lost) === lost && (known & lost) === 0n;
}

function reduced(value: Unknown, to: IntType, named: boolean): Operand {
  const bits = bitsOf(value, to);
  if (covers(bits, to)) return fromBits(bits.value, to);
  const text = named ? `(${to.name})${operandText(value)}` : value.text;
  return value.with(text, bits.mask === 0n ? null : bits, named ? null : value.question);
}

function widened(value: Unknown, from: IntType, to: IntType): Unknown {
  const bits = bitsOf(value, from);
  const top = 1n << BigInt(from.bits - 1);
  const more = width(to) & ~width(from);
  const zeros = !from.signed || ((bits.mask & top) !== 0n && (bits.value & top) === 0n);
  const known = zeros ? { mask: bits.mask | more, value: bits.value } : bits;
  return value.with(value.text, known.mask === 0n ? null : known, value.question);
}

function binaryText(operator: BinaryOperator, left: Operand, right: Operand): string {
  return `${operandText(left)} ${operator} ${operandText(right)}`;
}

/** In brackets where it is made of several words. */
export function operandText(value: Operand): string {
  if (!(value instanceof Unknown)) return numberText(value);
  return value.text.includes(" ") && !value.text.endsWith(")") ? `(${value.text})` : value.text;
}

/** Masks and addresses read better in hexadecimal. */
export function numberText(value: Integer): string {
  return value > 255 ? `0x${value.toString(16)}` : value.toString();
}
