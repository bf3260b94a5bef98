/** Calls: of functions by name, through pointers, and of what the evaluator knows itself. */
import { asRef, copyRecord } from "./access.ts";
import type { Expression, ExpressionOf } from "../parse/ast.ts";
import type { Builtin } from "../builtins/builtin.ts";
import { findBuiltin } from "../builtins/builtins.ts";
import { compiledFunction } from "./compiled.ts";
import type { Activation, Callable, Code, CompiledFunction, Context, Operand } from "./context.ts";
import { convert } from "./convert.ts";
import { UNINITIALISED } from "./memory.ts";
import { type CType, dynamic, INT, promote, typeText } from "./types.ts";
import { FunctionRef, Pointer, poison, StopSignal, Unknown, type Value } from "./value.ts";

export function compileCall(cx: Context, node: ExpressionOf<"call">): Operand {
  const { callee } = node;
  if (callee.kind !== "name" || cx.lookup(callee.name) !== null) return pointerCall(cx, node);
  return namedCall(cx, node, callee.name);
}

/** The tree's own function of the unit goes before a built-in of that name. */
function namedCall(cx: Context, node: ExpressionOf<"call">, name: string): Operand {
  const builtin = findBuiltin(name);
  if (builtin !== null && !ownFunction(cx, name)) return builtinCall(cx, node, builtin);
  const callable = compiledFunction(cx.space, name, cx.unit);
  if (callable.kind === "unknown" && cx.space.object(name, cx.unit) !== null) return pointerCall(cx, node);
  return directCall(cx, node, name, callable);
}

/** A function of that name defined in the unit itself, not in a header. */
function ownFunction(cx: Context, name: string): boolean {
  return !name.startsWith("__builtin_") && cx.space.definesFunction(name, cx.unit);
}

function builtinCall(cx: Context, node: ExpressionOf<"call">, builtin: Builtin): Operand {
  const made = builtin({ cx, node, args: node.args });
  const name = node.callee.kind === "name" ? node.callee.name : "";
  const { run, type } = made;
  if (made.constant !== undefined) return made;
  return {
    ...made,
    run: (frame) => {
      frame.place = node.place;
      const override = frame.machine.overrides.size > 0 ? frame.machine.overrides.get(name) : undefined;
      return override === undefined ? run(frame) : overridden(cx, node, frame, type);
    },
  };
}

function overridden(cx: Context, node: ExpressionOf<"call">, frame: Activation, type: CType): Value {
  const name = node.callee.kind === "name" ? node.callee.name : "";
  const args = compileArguments(cx, node.args, null);
  const call = {
    args: valuesOf(args, frame),
    types: args.map((arg) => arg.type),
    place: node.place,
  };
  return frame.machine.invokeNamed({ kind: "unknown", returns: type }, name, call);
}

function directCall(cx: Context, node: ExpressionOf<"call">, name: string, callable: Callable): Operand {
  const type = callable.returns ?? dynamic(`the value of ${name}()`);
  const args = compileArguments(cx, node.args, callable);
  const types = args.map((arg) => arg.type);
  const { place } = node;
  const code = callable.kind === "code" && suits(callable, types) ? callable : null;
  const run: Code = (frame) => {
    const values = valuesOf(args, frame);
    frame.place = place;
    const { machine } = frame;
    if (code !== null && !machine.overrides.has(name)) return machine.runCode(code, values, place);
    return machine.invokeNamed(callable, name, { args: values, types, place });
  };
  return { type, run };
}

/** The arguments are as many as the parameters and of their types: nothing is left to convert. */
function suits({ type }: CompiledFunction, types: readonly CType[]): boolean {
  return type.parameters.length <= types.length && type.parameters.every((each, i) => each === types[i]);
}

function valuesOf(args: readonly Operand[], frame: Activation): Value[] {
  return args.map((arg) => arg.run(frame));
}

/** Arguments in the types of the parameters; beyond them the default promotions hold. */
function compileArguments(cx: Context, nodes: readonly Expression[], callable: Callable | null): Operand[] {
  const parameters = callable?.kind === "code" ? callable.type.parameters : [];
  return nodes.map((node, i) => compileArgument(cx, node, parameters[i] ?? null));
}

function compileArgument(cx: Context, node: Expression, parameter: CType | null): Operand {
  const operand = safeValue(cx, node);
  if (operand.type.kind === "record") return copiedRecord(operand, node);
  const to = parameter ?? (operand.type.kind === "int" ? promote(operand.type) : operand.type);
  if (to.kind === "record" || to === operand.type) return operand;
  const { run, type } = operand;
  if (operand.constant !== undefined) {
    const value = convert(operand.constant, type, to, node.place);
    return { type: to, run: () => value };
  }
  return { type: to, run: (frame) => convert(run(frame), type, to, node.place) };
}

/** An argument of a macro that is not known may be no expression at all: a type, a name of nothing. */
function safeValue(cx: Context, node: Expression): Operand {
  if (node.kind !== "type") return cx.rules.value(cx, node);
  const type = cx.rules.type(cx, node.type);
  return {
    type: INT,
    run: () => poison("unsupported", `the type ${typeText(type)} as an argument`, node.place),
  };
}

/** A struct argument is a copy of its own. */
function copiedRecord(operand: Operand, node: Expression): Operand {
  const { type } = operand;
  if (type.kind !== "record") return operand;
  const run: Code = (frame) => {
    const from = operand.run(frame);
    const copy = new Pointer(frame.machine.allocate("an argument", type, UNINITIALISED, node.place));
    copyRecord(frame.machine, copy, asRef(from, node.place), type, node.place);
    return copy;
  };
  return { type, run };
}

function pointerCall(cx: Context, node: ExpressionOf<"call">): Operand {
  const callee = cx.rules.value(cx, node.callee);
  const { type } = callee;
  const called = type.kind === "pointer" ? type.to : type;
  const returns = called.kind === "function" ? called.returns : dynamic("the value of a call");
  const args = compileArguments(cx, node.args, null);
  const types = args.map((arg) => arg.type);
  const run: Code = (frame) => {
    const at = frame.machine.settle(callee.run(frame), type);
    const values = valuesOf(args, frame);
    frame.place = node.place;
    const call = { args: values, types, place: node.place };
    return convert(callThrough(cx, frame, at, call), returnsOf(cx, at, returns), returns, node.place);
  };
  return { type: returns, run };
}

function returnsOf(cx: Context, at: Value, fallback: CType): CType {
  if (!(at instanceof FunctionRef)) return fallback;
  return compiledFunction(cx.space, at.name, at.unit).returns ?? fallback;
}

function callThrough(
  cx: Context,
  frame: Activation,
  at: Value,
  call: { args: readonly Value[]; types: readonly CType[]; place: Expression["place"] },
): Value {
  if (at instanceof FunctionRef) {
    return frame.machine.invokeNamed(compiledFunction(cx.space, at.name, at.unit), at.name, call);
  }
  if (at instanceof Unknown) {
    if (at.poison) throw new StopSignal(at.code, at.reason, call.place);
    return frame.machine.invokeNamed({ kind: "unknown", returns: null }, at.text, call);
  }
  if (at instanceof Pointer && at.object.kind === "fields") {
    return frame.machine.invokeNamed({ kind: "unknown", returns: null }, at.object.name, call);
  }
  throw new StopSignal("invalid-pointer", "a call through a pointer to no function", call.place);
}
