/** Where a switch goes. */
import type { Label, Switch, SwitchCase } from "./assembly.ts";
import type { Expression, Statement } from "../parse/ast.ts";
import type { Activation, Context, Op } from "./context.ts";
import { constantOperand, converted, promoted } from "./operands.ts";
import { binaryOperand } from "./operators.ts";
import type { CType } from "./types.ts";
import { StopSignal, type Value } from "./value.ts";

/** Ranges of cases that a value is compared with in the time of a step. */
const SPANS_PER_STEP = 8;

/** A known value is looked up; an unknown one is compared with case after case. */
export function switchOp(cx: Context, node: Statement & { kind: "switch" }, found: Switch, end: Label): Op {
  const control = cx.rules.value(cx, node.value);
  const type = promoted(control) ?? control.type;
  const run = converted(control, type, node.place);
  const ranges = found.cases.map((each) => caseRange(cx, each, type));
  const table = new Map<bigint, Label>();
  for (const { first, last, label } of ranges) if (first === last) table.set(first, label);
  const spans = ranges.filter(({ first, last }) => first !== last);
  return (frame) => {
    frame.place = node.place;
    const value = frame.machine.settle(run(frame), type);
    if (typeof value !== "number" && typeof value !== "bigint") return unknownSwitch(frame, value);
    const wide = BigInt(value);
    return (table.get(wide) ?? labelOfSpan(frame, wide) ?? found.fallback ?? end).at;
  };

  function labelOfSpan(frame: Activation, value: bigint): Label | undefined {
    frame.machine.spend(spans.length / SPANS_PER_STEP);
    return spans.find(({ first, last }) => value >= first && value <= last)?.label;
  }

  function unknownSwitch(frame: Activation, value: Value): number {
    for (const { first, last, label } of ranges) {
      frame.machine.spend(1);
      if (holds(frame, value, first, last)) return label.at;
    }
    return (found.fallback ?? end).at;
  }

  function holds(frame: Activation, value: Value, first: bigint, last: bigint): boolean {
    const held = { type, run: () => value };
    const test = (operator: "==" | ">=" | "<=", bound: bigint): boolean => {
      const against = constantOperand(type, type.kind === "int" && type.size <= 4 ? Number(bound) : bound);
      return frame.machine.truth(binaryOperand(operator, held, against, node.place).run(frame), node.place);
    };
    return first === last ? test("==", first) : test(">=", first) && test("<=", last);
  }
}

function caseRange(
  cx: Context,
  each: SwitchCase,
  type: CType,
): { first: bigint; last: bigint; label: Label } {
  const value = (node: Expression): bigint => {
    const operand = cx.rules.value(cx, node);
    const constant = converted(operand, type.kind === "int" ? type : operand.type, node.place);
    if (operand.constant === undefined) {
      throw new StopSignal("unknown-symbol", "a case label whose value is not known", node.place);
    }
    return BigInt(constant(null as unknown as Activation) as number | bigint);
  };
  const first = value(each.first);
  return { first, last: each.last === null ? first : value(each.last), label: each.label };
}
