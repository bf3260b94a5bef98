/** Operators with a pointer among their operands. */
import type { BinaryOperator, Place } from "../parse/ast.ts";
import type { Code, Operand } from "./context.ts";
import { sizeOf } from "./layout.ts";
import { converted } from "./operands.ts";
import { comparePointers, difference, moved } from "./pointer-values.ts";
import { isComparison } from "./symbolic.ts";
import { type CType, dynamic, INT, LONG, type PointerType } from "./types.ts";
import { outside, Pointer, poison } from "./value.ts";

export function pointerOperand(
  operator: BinaryOperator,
  left: Operand,
  right: Operand,
  place: Place,
): Operand {
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

function pointerComparison(operator: BinaryOperator, left: Operand, right: Operand, place: Place): Operand {
  const type: CType = left.type.kind === "pointer" ? left.type : right.type;
  const a = converted(left, type, place);
  const b = converted(right, type, place);
  const run: Code = (frame) => comparePointers(frame.machine, operator, a(frame), b(frame), place);
  return { type: INT, run };
}
