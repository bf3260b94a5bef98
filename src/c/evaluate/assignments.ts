/** Assignments, `++` and `--`. */
import { copyRecord, store } from "./access.ts";
import type { Expression, ExpressionOf } from "../parse/ast.ts";
import type { Activation, Code, Context, Operand, Target } from "./context.ts";
import { NULL } from "./convert.ts";
import { constantOperand, converted } from "./operands.ts";
import { binaryOperand } from "./operators.ts";
import { targetValue } from "./targets.ts";
import { type CType, INT } from "./types.ts";
import { Boxed, FunctionRef, type Value } from "./value.ts";

/** Reads or writes a target, be it in a slot or in memory. */
export function writer(target: Target, node: Expression): (frame: Activation, value: Value) => void {
  const { slot, ref, type } = target;
  if (slot === null) return (frame, value) => store(frame.machine, ref(frame), type, value, node.place);
  return (frame, value) => {
    frame.slots[slot] = value;
  };
}

export function assignValue(cx: Context, node: ExpressionOf<"assign">): Operand {
  const target = cx.rules.target(cx, node.target);
  const { type, ref } = target;
  if (type.kind === "record") {
    const value = cx.rules.value(cx, node.value);
    const run: Code = (frame) => {
      const from = value.run(frame);
      const to = ref(frame);
      copyRecord(frame.machine, to, recordRef(from), type, node.place);
      return to;
    };
    return { type, run };
  }
  const value = converted(cx.rules.value(cx, node.value), type, node.place);
  if (target.slot !== null) return slotAssignment(target.slot, type, value);
  const run: Code = (frame) => {
    const to = ref(frame);
    const result = narrowed(value(frame), target);
    store(frame.machine, to, type, result, node.place);
    return result;
  };
  return { type, bits: target.bits ?? undefined, run };
}

function recordRef(value: Value): Value & ReturnType<Target["ref"]> {
  if (typeof value === "number" || value instanceof Boxed || value instanceof FunctionRef) return NULL;
  return value;
}

function slotAssignment(slot: number, type: CType, value: Code): Operand {
  return { type, run: (frame) => (frame.slots[slot] = value(frame)) };
}

/** The value of an assignment to a bit-field is what the field then holds. */
function narrowed(value: Value, target: Target): Value {
  const { bits, type } = target;
  if (bits === null || type.kind !== "int" || type.bool) return value;
  if (typeof value !== "number" && typeof value !== "bigint") return value;
  const wide = BigInt(value);
  const cut = type.signed ? BigInt.asIntN(bits, wide) : BigInt.asUintN(bits, wide);
  return typeof value === "bigint" ? cut : Number(cut);
}

/** `a op= b`: the target is worked out once. */
export function compoundAssignValue(cx: Context, node: ExpressionOf<"assign">): Operand {
  const { operator, place } = node;
  const right = cx.rules.value(cx, node.value);
  return updated(cx, node.target, (current) => binaryOperand(operator ?? "+", current, right, place), node);
}

export function stepValue(cx: Context, node: ExpressionOf<"step">): Operand {
  const one = constantOperand(INT, 1);
  const made = updated(
    cx,
    node.operand,
    (current) => binaryOperand(node.operator, current, one, node.place),
    node,
  );
  return node.prefix ? made : { type: made.type, bits: made.bits, run: (frame) => made.before(frame) };
}

interface Update extends Operand {
  /** Does the same but gives the value from before. */
  readonly before: Code;
}

function updated(
  cx: Context,
  operandNode: Expression,
  change: (current: Operand) => Operand,
  node: Expression,
): Update {
  const target = cx.rules.target(cx, operandNode);
  const { type, slot } = target;
  const holder = cx.newSlot();
  const fixed: Target =
    slot !== null ? target : { ...target, ref: (frame) => frame.slots[holder] as ReturnType<Target["ref"]> };
  const current = targetValue(fixed, operandNode);
  const next = converted(change(current), type, node.place);
  const write = writer(fixed, node);
  const step = (frame: Activation, wanted: "old" | "new"): Value => {
    if (slot === null) frame.slots[holder] = target.ref(frame);
    const at = frame.slots[holder];
    const old = current.run(frame);
    const now = narrowed(next(frame), target);
    if (slot === null && at !== undefined) frame.slots[holder] = at;
    write(frame, now);
    return wanted === "old" ? old : now;
  };
  return {
    type,
    bits: target.bits ?? undefined,
    run: (frame) => step(frame, "new"),
    before: (frame) => step(frame, "old"),
  };
}
