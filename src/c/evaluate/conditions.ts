/** Operators that choose what is evaluated: `&&`, `||`, `?:`. */
import type { Expression, ExpressionOf } from "../parse/ast.ts";
import type { Activation, Code, Context, Operand } from "./context.ts";
import { convert, NULL } from "./convert.ts";
import { constantOperand, converted, promoted } from "./operands.ts";
import { arithmeticType, BOOL, type CType, INT, isScalar, VOID } from "./types.ts";
import { Boxed, StopSignal, Unknown, type Value } from "./value.ts";

/** The right side is compiled only when it is reached: it may name what the tree does not have. */
export function logicalValue(cx: Context, node: ExpressionOf<"logical">): Operand {
  const left = cx.rules.value(cx, node.left);
  const and = node.operator === "&&";
  if (left.constant !== undefined) return constantLogical(cx, node, isTrue(left.constant), and);
  const at = cx.fork();
  let right: Operand | null = null;
  const run: Code = (frame) => {
    const first = settledTruth(frame, left.run(frame), left.type, node);
    if (first !== null && first !== and) return first ? 1 : 0;
    right ??= at.rules.value(at, node.right);
    const value = frame.machine.settle(right.run(frame), right.type);
    if (value instanceof Unknown) return value.poison ? value : convert(value, right.type, BOOL, node.place);
    return frame.machine.truth(value, node.place) ? 1 : 0;
  };
  return { type: INT, run };
}

/** Whether the left operand holds; an unknown one is asked, as it decides what is run next. */
function settledTruth(frame: Activation, value: Value, type: CType, node: Expression): boolean {
  return frame.machine.truth(frame.machine.settle(value, type), node.place);
}

function isTrue(constant: number | bigint): boolean {
  return constant !== 0 && constant !== 0n;
}

function constantLogical(cx: Context, node: ExpressionOf<"logical">, left: boolean, and: boolean): Operand {
  if (left !== and) return constantOperand(INT, left ? 1 : 0);
  const right = cx.rules.value(cx, node.right);
  if (right.constant !== undefined) return constantOperand(INT, isTrue(right.constant) ? 1 : 0);
  const run = converted(right, BOOL, node.place);
  return { type: INT, run: (frame) => truthValue(run(frame)) };
}

function truthValue(value: Value): Value {
  return value instanceof Boxed ? value.value : value;
}

export function conditionalValue(cx: Context, node: ExpressionOf<"conditional">): Operand {
  if (node.whenTrue === null) return elvisValue(cx, node);
  const condition = cx.rules.value(cx, node.condition);
  const yes = guardedBranch(cx, node.whenTrue, condition, true);
  const no = guardedBranch(cx, node.whenFalse, condition, false);
  const type = commonType(yes, no);
  const whenTrue = converted(yes, type, node.place);
  const whenFalse = converted(no, type, node.place);
  if (condition.constant !== undefined) {
    const taken = isTrue(condition.constant) ? yes : no;
    const run = isTrue(condition.constant) ? whenTrue : whenFalse;
    if (taken.constant === undefined || !isScalar(type)) return { type, run };
    const constant = convert(taken.constant, taken.type, type, node.place);
    return typeof constant === "number" || typeof constant === "bigint"
      ? { type, run, constant }
      : { type, run };
  }
  const run: Code = (frame) =>
    settledTruth(frame, condition.run(frame), condition.type, node) ? whenTrue(frame) : whenFalse(frame);
  return { type, run };
}

/** GNU's `a ?: b`: `a` is evaluated once. */
function elvisValue(cx: Context, node: ExpressionOf<"conditional">): Operand {
  const first = cx.rules.value(cx, node.condition);
  const second = cx.rules.value(cx, node.whenFalse);
  const type = commonType(first, second);
  const whenFalse = converted(second, type, node.place);
  const run: Code = (frame) => {
    const value = first.run(frame);
    if (!settledTruth(frame, value, first.type, node)) return whenFalse(frame);
    return convert(frame.machine.settle(value, first.type), first.type, type, node.place);
  };
  return { type, run };
}

/** A branch that a constant condition rules out may be nonsense: `0 ? BUILD_BUG : x`. */
function guardedBranch(cx: Context, node: Expression, condition: Operand, when: boolean): Operand {
  const dead = condition.constant !== undefined && isTrue(condition.constant) !== when;
  if (!dead) return cx.rules.value(cx, node);
  try {
    return cx.rules.value(cx, node);
  } catch (error) {
    if (!(error instanceof StopSignal)) throw error;
    return constantOperand(INT, 0);
  }
}

/** The type of `c ? a : b` (C11 6.5.15); a null pointer constant takes the other's type. */
export function commonType(a: Operand, b: Operand): CType {
  const x = promoted(a);
  const y = promoted(b);
  if (x !== null && y !== null) return arithmeticType(x, y);
  if (a.type.kind === "pointer" && b.type.kind === "pointer") return commonPointer(a, b);
  if (a.type.kind === "pointer" && y !== null) return a.type;
  if (b.type.kind === "pointer" && x !== null) return b.type;
  if (a.type.kind === "dynamic" || b.type.kind === "void")
    return a.type.kind === "void" ? VOID : b.type.kind === "void" ? VOID : a.type;
  return b.type.kind === "dynamic" ? b.type : a.type;
}

function commonPointer(a: Operand, b: Operand): CType {
  if (isNullConstant(a)) return b.type;
  if (isNullConstant(b)) return a.type;
  const toVoid = (operand: Operand): boolean =>
    operand.type.kind === "pointer" && operand.type.to.kind === "void";
  return toVoid(a) ? a.type : toVoid(b) ? b.type : a.type;
}

/** Only `(void *)0` of a constant: `(void *)((long)(x) * 0l)` tells constant from not, as gcc does. */
function isNullConstant(operand: Operand): boolean {
  return operand.constant === NULL && operand.type.kind === "pointer" && operand.type.to.kind === "void";
}
