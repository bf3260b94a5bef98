/** The arithmetic, comparing and pointer operators, compiled by the types of their operands. */
import { complement, compute, type Integer, negate } from "./arithmetic.ts";
import type { BinaryOperator, Place } from "../parse/ast.ts";
import type { Activation, Code, Operand, Runtime } from "./context.ts";
import { convert, dynamicType } from "./convert.ts";
import { integerBinary, integerCode } from "./integer-operators.ts";
import { converted, promoted } from "./operands.ts";
import { pointerOperand } from "./pointer-operators.ts";
import { addressBinary, isInteger } from "./pointer-values.ts";
import { isComparison, symbolicUnary } from "./symbolic.ts";
import { arithmeticType, dynamic, INT, type IntType, promote, UNSIGNED_LONG } from "./types.ts";
import { Boxed, FunctionRef, outside, Pointer, poison, Unknown, type Value } from "./value.ts";
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
