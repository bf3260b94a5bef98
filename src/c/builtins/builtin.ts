/** How the evaluator's own functions and macros are written down. */
import type { Expression, ExpressionOf, Place } from "../parse/ast.ts";
import type { Activation, Context, Operand } from "../evaluate/context.ts";
import { converted } from "../evaluate/operands.ts";
import type { CType } from "../evaluate/types.ts";
import { StopSignal, type Value } from "../evaluate/value.ts";

export interface BuiltinCall {
  readonly cx: Context;
  readonly node: ExpressionOf<"call">;
  readonly args: readonly Expression[];
}

/** Compiles one use. */
export type Builtin = (call: BuiltinCall) => Operand;

export type BuiltinTable = Readonly<Record<string, Builtin>>;

/** What a function-like built-in gets when it runs. */
export interface Running {
  readonly frame: Activation;
  readonly place: Place;
}

/** An ordinary function: arguments are evaluated, in order, and converted to `parameters`. */
export function fn(
  returns: CType,
  parameters: readonly CType[],
  run: (running: Running, ...args: Value[]) => Value,
): Builtin {
  return ({ cx, node, args }) => {
    const codes = parameters.map((type, i) => {
      const operand = cx.rules.value(cx, argument(args, i, node));
      return type.kind === "dynamic" ? operand.run : converted(operand, type, node.place);
    });
    const { place } = node;
    return { type: returns, run: (frame) => run({ frame, place }, ...codes.map((code) => code(frame))) };
  };
}

/** The same under several names. */
export function named(names: string, builtin: Builtin): BuiltinTable {
  return Object.fromEntries(names.split(" ").map((name) => [name, builtin]));
}

export function argument(args: readonly Expression[], index: number, node: Expression): Expression {
  const found = args[index];
  if (found === undefined) throw new StopSignal("unsupported", "too few arguments", node.place);
  return found;
}

/** A macro: another expression made of the arguments. */
export function rewrite(make: (args: readonly Expression[], node: Expression) => Expression): Builtin {
  return ({ cx, args, node }) => cx.rules.value(cx, make(args, node));
}

/** The type that an argument names: `u32`, `struct s`, or an expression's own type. */
export function typeArgument({ cx, args, node }: BuiltinCall, index: number): CType {
  const arg = argument(args, index, node);
  if (arg.kind === "type") return cx.rules.type(cx, arg.type);
  if (arg.kind === "name" && cx.lookup(arg.name)?.kind !== "local") {
    return cx.rules.type(cx, { kind: "named", name: arg.name, place: arg.place });
  }
  return cx.rules.value(cx, arg).type;
}

export function member(base: Expression, name: string): Expression {
  return { kind: "member", base, name, arrow: true, place: base.place };
}

export function pointed(pointer: Expression): Expression {
  return { kind: "unary", operator: "*", operand: pointer, place: pointer.place };
}

export function assigned(target: Expression, value: Expression): Expression {
  return { kind: "assign", operator: null, target, value, place: target.place };
}
