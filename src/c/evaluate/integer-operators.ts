/** Operators on integers, known or not. */
import { compute, type Integer, undefinedText } from "./arithmetic.ts";
import type { BinaryOperator, Place } from "../parse/ast.ts";
import { type Activation, type Code, type Runtime, UNKNOWN_STEPS } from "./context.ts";
import { addressBinary, asOperand, isInteger } from "./pointer-values.ts";
import { symbolicBinary } from "./symbolic.ts";
import type { IntType } from "./types.ts";
import { FunctionRef, Pointer, poison, type Value } from "./value.ts";

export function integerCode(
  operator: BinaryOperator,
  left: Code,
  right: Code,
  type: IntType,
  place: Place,
): Code {
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
      return compared(left, right, slow, (a, b) => a === b);
    case "!=":
      return compared(left, right, slow, (a, b) => a !== b);
    case "<":
      return compared(left, right, slow, (a, b) => a < b);
    case ">":
      return compared(left, right, slow, (a, b) => a > b);
    case "<=":
      return compared(left, right, slow, (a, b) => a <= b);
    case ">=":
      return compared(left, right, slow, (a, b) => a >= b);
    default:
      return null;
  }
}

function compared(
  left: Code,
  right: Code,
  slow: (frame: Activation, a: Value, b: Value) => Value,
  holds: (a: number, b: number) => boolean,
): Code {
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    if (typeof a !== "number" || typeof b !== "number") return slow(frame, a, b);
    return holds(a, b) ? 1 : 0;
  };
}

interface Operation {
  readonly operator: BinaryOperator;
  /** Of both operands; of the left one for shifts. */
  readonly type: IntType;
  readonly place: Place;
}

/** `a operator b` on values of an integer type, known or not. */
export function integerBinary(machine: Runtime, operation: Operation, a: Value, b: Value): Value {
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
  machine.spend(UNKNOWN_STEPS);
  return symbolicBinary(operator, asOperand(left), asOperand(right), type, place);
}

function known(operator: BinaryOperator, a: Integer, b: Integer, type: IntType, place: Place): Value {
  const result = compute(operator, a, b, type);
  return typeof result === "string" ? poison(result, undefinedText(result, operator), place) : result;
}
