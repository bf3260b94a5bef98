/** The arithmetic, comparing and pointer operators, compiled by the types of their operands. */
import { advance } from "./access.ts";
import { compare, complement, compute, type Integer, negate, undefinedText } from "./arithmetic.ts";
import type { BinaryOperator, Place } from "./ast.ts";
import type { Activation, Code, Operand, Runtime } from "./context.ts";
import { convert, dynamicType, pointerText } from "./convert.ts";
import { sizeOf } from "./layout.ts";
import { isComparison, symbolicBinary, symbolicUnary } from "./symbolic.ts";
import {
  arithmeticType,
  type CType,
  dynamic,
  INT,
  type IntType,
  LONG,
  type PointerType,
  promote,
  promoteBitField,
  UNSIGNED_LONG,
} from "./types.ts";
import { Boxed, FunctionRef, outside, Pointer, poison, type Thing, Unknown, type Value } from "./value.ts";

/** The type an integer operand has after promotion. */
export function promoted(operand: Operand): IntType | null {
  if (operand.type.kind !== "int") return null;
  return operand.bits === undefined ? promote(operand.type) : promoteBitField(operand.type, operand.bits);
}

export function binaryOperand(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  place: Place,
): Operand {
  if (left.type.kind === "pointer" || right.type.kind === "pointer") {
    return pointerOperand(operator, left, right, place);
  }
  const a = promoted(left);
  const b = promoted(right);
  if (a === null || b === null) return dynamicOperand(operator, left, right, place);
  const shift = operator === "<<" || operator === ">>";
  const common = shift ? a : arithmeticType(a, b);
  const type = isComparison(operator) ? INT : common;
  const run = integerCode(
    operator,
    converted(left, common, place),
    shift ? right.run : converted(right, common, place),
    common,
    place,
  );
  if (left.constant === undefined || right.constant === undefined) return { type, run };
  return folded(operator, left, right, { type, common, shift, run });
}

/** Both operands are constant: so is the result, unless it is undefined. */
function folded(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  made: { type: IntType; common: IntType; shift: boolean; run: Code },
): Operand {
  const { type, common, shift, run } = made;
  const a = constantAs(left, common);
  const b = shift ? (right.constant ?? 0) : constantAs(right, common);
  const constant = compute(operator, a, b, common);
  if (typeof constant === "string") return { type, run };
  return { type, constant, run: () => constant };
}

function constantAs(operand: Operand, type: IntType): Integer {
  const value = convert(operand.constant ?? 0, operand.type, type, { file: "", line: 0 });
  return typeof value === "bigint" ? value : Number(value);
}

/** The operand brought into a type. */
export function converted(operand: Operand, to: CType, place: Place): Code {
  const { type: from, run } = operand;
  if (from === to) return run;
  if (operand.constant !== undefined) {
    const value = convert(operand.constant, from, to, place);
    return () => value;
  }
  if (
    from.kind === "int" &&
    to.kind === "int" &&
    from.size <= 4 &&
    to.size === 4 &&
    (from.signed === to.signed || from.size < 4)
  ) {
    return run.length === 0 ? run : widenedCode(run, from, to, place);
  }
  return (frame) => convert(run(frame), from, to, place);
}

/** A narrow number is the same number in int; only what is not a number needs work. */
function widenedCode(run: Code, from: IntType, to: IntType, place: Place): Code {
  if (from.signed && !to.signed) return (frame) => convert(run(frame), from, to, place);
  return (frame) => {
    const value = run(frame);
    return typeof value === "number" ? value : convert(value, from, to, place);
  };
}

function integerCode(operator: BinaryOperator, left: Code, right: Code, type: IntType, place: Place): Code {
  if (type.size === 4) {
    const fast = fastCode(operator, left, right, type, place);
    if (fast !== null) return fast;
  }
  const operation: Operation = { operator, type, place };
  return (frame) => integerBinary(frame.machine, operation, left(frame), right(frame));
}

/** The commonest operators on known 32-bit operands. */
function fastCode(
  operator: BinaryOperator,
  left: Code,
  right: Code,
  type: IntType,
  place: Place,
): Code | null {
  const slow = (frame: Activation, a: Value, b: Value): Value =>
    integerBinary(frame.machine, { operator, type, place }, a, b);
  switch (operator) {
    case "+":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (typeof a !== "number" || typeof b !== "number") return slow(frame, a, b);
        return type.signed ? (a + b) | 0 : (a + b) >>> 0;
      };
    case "==":
    case "!=":
    case "<":
    case ">":
    case "<=":
    case ">=":
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        return typeof a === "number" && typeof b === "number" ? compare(operator, a, b) : slow(frame, a, b);
      };
    default:
      return null;
  }
}

interface Operation {
  readonly operator: BinaryOperator;
  /** Of both operands; of the left one for shifts. */
  readonly type: IntType;
  readonly place: Place;
}

/** `a operator b` on values of an integer type, known or not. */
function integerBinary(machine: Runtime, operation: Operation, a: Value, b: Value): Value {
  const { operator, type, place } = operation;
  const left = machine.settle(a, type);
  const right = machine.settle(b, type);
  if (isInteger(left) && isInteger(right)) return known(operator, left, right, type, place);
  if (
    left instanceof Pointer ||
    right instanceof Pointer ||
    left instanceof FunctionRef ||
    right instanceof FunctionRef
  ) {
    return addressBinary(machine, operator, left, right, place);
  }
  return symbolicBinary(operator, asOperand(left), asOperand(right), type, place);
}

function isInteger(value: Value): value is Integer {
  return typeof value === "number" || typeof value === "bigint";
}

function asOperand(value: Value): Integer | Unknown {
  if (value instanceof Unknown || isInteger(value)) return value;
  return value instanceof Boxed ? value.value : 0;
}

function known(operator: BinaryOperator, a: Integer, b: Integer, type: IntType, place: Place): Value {
  const result = compute(operator, a, b, type);
  return typeof result === "string" ? poison(result, undefinedText(result, operator), place) : result;
}

/** Addresses held in integers: what pointer arithmetic can tell of them. */
function addressBinary(
  machine: Runtime,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  place: Place,
): Value {
  const bytes = { kind: "int", size: 1 } as IntType;
  if (isComparison(operator)) return comparePointers(machine, operator, left, right, place);
  if (operator === "+" && left instanceof Pointer && isInteger(right))
    return advance(machine, left, bytes, BigInt.asIntN(64, BigInt(right)), place);
  if (operator === "+" && right instanceof Pointer && isInteger(left))
    return advance(machine, right, bytes, BigInt.asIntN(64, BigInt(left)), place);
  if (operator === "-" && left instanceof Pointer && isInteger(right))
    return advance(machine, left, bytes, -BigInt.asIntN(64, BigInt(right)), place);
  if (operator === "-" && left instanceof Pointer && right instanceof Pointer)
    return difference(machine, left, right, bytes, place);
  return outside(`${machine.textOf(left)} ${operator} ${machine.textOf(right)}`, place);
}

function pointerOperand(operator: BinaryOperator, left: Operand, right: Operand, place: Place): Operand {
  if (isComparison(operator)) return pointerComparison(operator, left, right, place);
  if (left.type.kind === "pointer" && right.type.kind === "pointer") {
    return pointerDifference(left, right, left.type, place);
  }
  if (right.type.kind === "pointer" && operator === "+")
    return pointerSum(right, left, right.type, { negative: false, place });
  if (left.type.kind !== "pointer" || (operator !== "+" && operator !== "-")) {
    return {
      type: dynamic("pointer arithmetic"),
      run: () => poison("unsupported", `'${operator}' on a pointer`, place),
    };
  }
  return pointerSum(left, right, left.type, { negative: operator === "-", place });
}

function pointerSum(
  pointer: Operand,
  count: Operand,
  type: PointerType,
  { negative, place }: { negative: boolean; place: Place },
): Operand {
  const steps = converted(count, LONG, place);
  const run: Code = (frame) => {
    const base = frame.machine.settle(pointer.run(frame), type);
    return moved(frame.machine, base, type.to, steps(frame), { negative, place });
  };
  return { type, run };
}

/** The pointer `count` elements further. */
export function moved(
  machine: Runtime,
  base: Value,
  element: CType,
  count: Value,
  { negative, place }: { negative: boolean; place: Place },
): Value {
  const by = asOperand(machine.settle(count, LONG));
  if (by instanceof Unknown) return advance(machine, base, element, by, place);
  const steps = typeof by === "bigint" ? BigInt.asIntN(64, by) : by;
  return advance(machine, base, element, negative ? -BigInt(steps) : steps, place);
}

function pointerDifference(left: Operand, right: Operand, type: PointerType, place: Place): Operand {
  const run: Code = (frame) => {
    const a = left.run(frame);
    const b = right.run(frame);
    if (a instanceof Pointer && b instanceof Pointer) return difference(frame.machine, a, b, type.to, place);
    if (typeof a === "bigint" && typeof b === "bigint") return (a - b) / BigInt(sizeOf(type.to) ?? 1);
    return outside(`${frame.machine.textOf(a)} - ${frame.machine.textOf(b)}`, place);
  };
  return { type: LONG, run };
}

function difference(machine: Runtime, a: Pointer, b: Pointer, element: CType, place: Place): Value {
  const size = sizeOf(element);
  if (a.object === b.object && a.object.kind === "bytes" && size !== null) {
    return BigInt(Math.trunc((a.offset - b.offset) / Math.max(size, 1)));
  }
  const [x, y] = [a.object.owner, b.object.owner];
  if (a.object === b.object) return 0n;
  if (x?.kind === "element" && y?.kind === "element" && x.list === y.list) return BigInt(x.index - y.index);
  return poison(
    "invalid-pointer",
    `difference of pointers into ${machine.textOf(a)} and ${machine.textOf(b)}`,
    place,
  );
}

function pointerComparison(operator: BinaryOperator, left: Operand, right: Operand, place: Place): Operand {
  const type: CType = left.type.kind === "pointer" ? left.type : right.type;
  const a = converted(left, type, place);
  const b = converted(right, type, place);
  const run: Code = (frame) => comparePointers(frame.machine, operator, a(frame), b(frame), place);
  return { type: INT, run };
}

function comparePointers(
  machine: Runtime,
  operator: BinaryOperator,
  a: Value,
  b: Value,
  place: Place,
): Value {
  const left = machine.settle(a, UNSIGNED_LONG);
  const right = machine.settle(b, UNSIGNED_LONG);
  if (isInteger(left) && isInteger(right)) return compare(operator, BigInt(left), BigInt(right));
  const order = orderOf(left, right) ?? orderOfError(left, right);
  if (order !== null) return compare(operator, order, 0);
  if (operator === "==" || operator === "!=") {
    const same = identical(left, right);
    if (same !== null) return same === (operator === "==") ? 1 : 0;
  }
  return symbolicBinary(operator, nameOf(left, place), nameOf(right, place), UNSIGNED_LONG, place);
}

/** Pointers compare as unknowns by their names where nothing better is known. */
function nameOf(value: Value, place: Place): Integer | Unknown {
  if (value instanceof Unknown || isInteger(value)) return value;
  if (value instanceof Boxed) return value.value;
  return outside(pointerText(value), place);
}

/** Within one object, the distance; null where no order is told. */
function orderOf(a: Value, b: Value): number | null {
  if (!(a instanceof Pointer) || !(b instanceof Pointer) || a.object !== b.object) return null;
  return a.somewhere === null && b.somewhere === null ? a.offset - b.offset : null;
}

/** No object lies in the first page or among the error pointers (include/linux/err.h). */
function orderOfError(a: Value, b: Value): number | null {
  if (isInteger(a) && b instanceof Pointer) {
    const order = orderOfError(b, a);
    return order === null ? null : -order;
  }
  if (!(a instanceof Pointer) || !isInteger(b)) return null;
  const address = BigInt.asUintN(64, BigInt(b));
  if (address < 4096n) return 1;
  return address > 0xffff_ffff_ffff_f000n ? -1 : null;
}

function identical(a: Value, b: Value): boolean | null {
  if (a instanceof FunctionRef && b instanceof FunctionRef) return a.name === b.name;
  if (isInteger(a)) return isInteger(b) ? BigInt(a) === BigInt(b) : identical(b, a);
  if (b === 0 || b === 0n) return a instanceof Unknown ? null : false;
  if (a instanceof Unknown && b instanceof Pointer) return pointeeOf(b.object) === a.text ? true : null;
  if (b instanceof Unknown && a instanceof Pointer) return pointeeOf(a.object) === b.text ? true : null;
  if (!(a instanceof Pointer) || !(b instanceof Pointer))
    return a instanceof Unknown || b instanceof Unknown ? null : false;
  return a.object !== b.object && (behindUnknown(a.object) || behindUnknown(b.object)) ? null : false;
}

/** The name of the unknown pointer that leads exactly here. */
function pointeeOf(object: Thing): string | null {
  if (object.kind === "bytes") return object.growable && object.owner === null ? object.name : null;
  const { owner } = object;
  return owner?.kind === "element" && owner.list.behindPointer && owner.index === 0 ? owner.list.name : null;
}

/** Does it stand behind a pointer whose value nobody knows? Then two names may mean one object. */
function behindUnknown(object: Thing): boolean {
  let at: Thing = object;
  for (;;) {
    const { owner } = at;
    if (owner === null) return at.kind === "bytes" && at.growable;
    if (owner.kind === "field") at = owner.object;
    else if (owner.list.behindPointer) return true;
    else if (owner.list.owner?.kind === "field") at = owner.list.owner.object;
    else return false;
  }
}

/** An operand of a missing type: what it is shows when it is run. */
function dynamicOperand(operator: BinaryOperator, left: Operand, right: Operand, place: Place): Operand {
  if (
    left.type.kind === "void" ||
    left.type.kind === "float" ||
    right.type.kind === "float" ||
    right.type.kind === "record"
  ) {
    return {
      type: INT,
      run: () => poison("unsupported", `'${operator}' on operands that are no integers`, place),
    };
  }
  const run: Code = (frame) => {
    const a = frame.machine.settle(left.run(frame), left.type);
    const b = frame.machine.settle(right.run(frame), right.type);
    return dynamicBinary(frame.machine, operator, boxed(a, left), boxed(b, right), place);
  };
  return { type: isComparison(operator) ? INT : dynamic("the result"), run };
}

function boxed(value: Value, operand: Operand): Value {
  return operand.type.kind === "int" && isInteger(value) ? new Boxed(operand.type, value) : value;
}

function dynamicBinary(machine: Runtime, operator: BinaryOperator, a: Value, b: Value, place: Place): Value {
  if (a instanceof Pointer || b instanceof Pointer || a instanceof FunctionRef || b instanceof FunctionRef) {
    return addressBinary(machine, operator, plain(a), plain(b), place);
  }
  const shift = operator === "<<" || operator === ">>";
  const left = promote(dynamicType(a));
  const wide = a instanceof Unknown || b instanceof Unknown;
  const common = shift ? left : arithmeticType(left, promote(dynamicType(b)));
  const type = wide && common.size < 8 ? UNSIGNED_LONG : common;
  const x = convert(a, dynamic(operator), type, place);
  const y = shift ? plain(b) : convert(b, dynamic(operator), type, place);
  const result = integerBinary(machine, { operator, type, place }, x, y);
  return isInteger(result) && !isComparison(operator) ? new Boxed(type, result) : result;
}

function plain(value: Value): Value {
  return value instanceof Boxed ? value.value : value;
}

/** `+x`, `-x`, `~x`. */
export function unaryOperand(operator: "+" | "-" | "~", operand: Operand, place: Place): Operand {
  const type = promoted(operand);
  if (type === null) return dynamicUnary(operator, operand, place);
  const inner = converted(operand, type, place);
  if (operator === "+") return { ...operand, type, run: inner };
  if (operand.constant !== undefined) {
    const constant = applyUnary(operator, constantAs(operand, type), type);
    return { type, constant, run: () => constant };
  }
  const run: Code = (frame) => unaryValue(operator, frame.machine.settle(inner(frame), type), type, frame);
  return { type, run };
}

function applyUnary(operator: "-" | "~", value: Integer, type: IntType): Integer {
  return operator === "-" ? negate(value, type) : complement(value, type);
}

function unaryValue(operator: "-" | "~", value: Value, type: IntType, frame: Activation): Value {
  if (isInteger(value)) return applyUnary(operator, value, type);
  if (value instanceof Unknown) return value.poison ? value : symbolicUnary(operator, value, type);
  return outside(`${operator}${frame.machine.textOf(value)}`, frame.place);
}

function dynamicUnary(operator: "+" | "-" | "~", operand: Operand, place: Place): Operand {
  const run: Code = (frame) => {
    const value = operand.run(frame);
    if (operator === "+") return value;
    const type = promote(dynamicType(value));
    const result = unaryValue(operator, convert(value, dynamic(""), type, place), type, frame);
    return isInteger(result) ? new Boxed(type, result) : result;
  };
  return { type: operand.type.kind === "dynamic" ? operand.type : dynamic("the result"), run };
}
