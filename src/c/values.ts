/** Expressions compiled to closures that give their value. */
import { copyRecord, store } from "./access.ts";
import type { Expression, ExpressionOf } from "./ast.ts";
import type { Activation, Code, Context, Operand, Target } from "./context.ts";
import { convert, NULL } from "./convert.ts";
import { alignOf, sizeOf } from "./layout.ts";
import { characterLiteral, numberLiteral } from "./literals.ts";
import { UNINITIALISED } from "./memory.ts";
import { binaryOperand, converted, promoted, unaryOperand } from "./operators.ts";
import { typeOfExpression } from "./resolve.ts";
import { symbolicNot } from "./symbolic.ts";
import { targetValue } from "./targets.ts";
import {
  arithmeticType,
  BOOL,
  compatible,
  type CType,
  decay,
  INT,
  isScalar,
  pointerTo,
  typeText,
  UNSIGNED_LONG,
  VOID,
} from "./types.ts";
import { Boxed, FunctionRef, poison, StopSignal, Unknown, type Value } from "./value.ts";

export function compileValue(cx: Context, node: Expression): Operand {
  switch (node.kind) {
    case "number":
      return numberValue(node);
    case "character":
      return characterValue(cx, node);
    case "name":
      return nameValue(cx, node);
    case "string":
    case "member":
    case "index":
    case "compound":
      return targetValue(cx.rules.target(cx, node), node);
    case "unary":
      return unaryValue(cx, node);
    case "binary":
      return binaryOperand(
        node.operator,
        cx.rules.value(cx, node.left),
        cx.rules.value(cx, node.right),
        node.place,
      );
    case "logical":
      return logicalValue(cx, node);
    case "conditional":
      return conditionalValue(cx, node);
    case "call":
      return cx.rules.call(cx, node);
    case "cast":
      return castValue(cx, node);
    case "sizeof":
    case "alignof":
      return sizeValue(cx, node);
    case "statements":
      return cx.rules.statements(cx, node);
    default:
      return changingValue(cx, node);
  }
}

/** Expressions that write, and the rest. */
function changingValue(cx: Context, node: Expression): Operand {
  switch (node.kind) {
    case "assign":
      return node.operator === null ? assignValue(cx, node) : compoundAssignValue(cx, node);
    case "step":
      return stepValue(cx, node);
    case "comma":
      return commaValue(cx, node);
    case "generic":
      return genericValue(cx, node);
    default:
      throw new StopSignal("syntax", "a type name where a value is needed", node.place);
  }
}

export function constantOperand(type: CType, constant: number | bigint): Operand {
  return { type, constant, run: () => constant };
}

function numberValue(node: ExpressionOf<"number">): Operand {
  const literal = numberLiteral(node.text);
  if (literal === null)
    throw new StopSignal("unsupported", `the constant ${node.text.slice(0, 40)}`, node.place);
  return constantOperand(literal.type, literal.value);
}

function characterValue(cx: Context, node: ExpressionOf<"character">): Operand {
  const value = characterLiteral(node.text, cx.space.charSigned);
  if (value === null)
    throw new StopSignal("unsupported", `the constant ${node.text.slice(0, 40)}`, node.place);
  return constantOperand(INT, value);
}

/** A variable, an enumerator, or a function; a name nobody declares is unknown. */
function nameValue(cx: Context, node: ExpressionOf<"name">): Operand {
  const { name, place } = node;
  const entry = cx.lookup(name);
  if (entry?.kind === "enumerator") return constantOperand(entry.type, entry.value);
  if (entry !== null) return targetValue(cx.rules.target(cx, node), node);
  if (name === "__func__" || name === "__FUNCTION__" || name === "__PRETTY_FUNCTION__") {
    const text = cx.rules.target(cx, { kind: "string", parts: ['"function"'], place });
    return targetValue(text, node);
  }
  const global = globalConstant(cx, name);
  if (global !== null) return global;
  return targetValue(cx.rules.target(cx, node), node);
}

/** Names in capitals are looked for among the enumerators first: it saves a search for a variable. */
function globalConstant(cx: Context, name: string): Operand | null {
  if (/^[A-Z]/.test(name)) {
    const entry = enumeratorValue(cx, name);
    if (entry !== null) return entry;
  }
  if (cx.space.object(name, cx.unit) !== null) return null;
  return enumeratorValue(cx, name) ?? functionValue(cx, name);
}

function enumeratorValue(cx: Context, name: string): Operand | null {
  const entry = cx.space.enumerator(name, cx.unit);
  return entry?.kind === "enumerator" ? constantOperand(entry.type, entry.value) : null;
}

function functionValue(cx: Context, name: string): Operand | null {
  const found = cx.space.function(name, cx.unit);
  if (found === null) return null;
  const reference = new FunctionRef(name, cx.unit);
  return { type: pointerTo(found.type), run: () => reference };
}

function unaryValue(cx: Context, node: ExpressionOf<"unary">): Operand {
  switch (node.operator) {
    case "&":
      return addressValue(cx, node);
    case "*":
      return pointedValue(cx, node);
    case "!":
      return notValue(cx, node);
    default:
      return unaryOperand(node.operator, cx.rules.value(cx, node.operand), node.place);
  }
}

/** `*p`; of a pointer to a function it is that pointer again. */
function pointedValue(cx: Context, node: ExpressionOf<"unary">): Operand {
  const target = cx.rules.target(cx, node);
  return target.type.kind === "function" ? cx.rules.value(cx, node.operand) : targetValue(target, node);
}

function addressValue(cx: Context, node: ExpressionOf<"unary">): Operand {
  const { operand } = node;
  if (operand.kind === "name" && cx.lookup(operand.name) === null) {
    const value = nameValue(cx, operand);
    if (value.type.kind === "pointer" && value.type.to.kind === "function") return value;
  }
  const target = cx.rules.target(cx, operand);
  return { type: pointerTo(target.type), run: (frame) => target.ref(frame) };
}

function notValue(cx: Context, node: ExpressionOf<"unary">): Operand {
  const operand = cx.rules.value(cx, node.operand);
  if (operand.constant !== undefined) {
    return constantOperand(INT, operand.constant === 0 || operand.constant === 0n ? 1 : 0);
  }
  return {
    type: INT,
    run: (frame) => negated(frame, frame.machine.settle(operand.run(frame), operand.type)),
  };
}

function negated(frame: Activation, value: Value): Value {
  if (value instanceof Unknown) {
    const { bits } = value;
    if (bits !== null && (bits.mask & bits.value) !== 0n) return 0;
    return value.poison ? value.with(value.text, null) : symbolicNot(value);
  }
  return frame.machine.truth(value, frame.place) ? 0 : 1;
}

/** The right side is compiled only when it is reached: it may name what the tree does not have. */
function logicalValue(cx: Context, node: ExpressionOf<"logical">): Operand {
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

function conditionalValue(cx: Context, node: ExpressionOf<"conditional">): Operand {
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

function castValue(cx: Context, node: ExpressionOf<"cast">): Operand {
  const type = cx.rules.type(cx, node.type);
  if (type.kind === "void") {
    const operand = cx.rules.value(cx, node.operand);
    return { type, run: operand.run };
  }
  if (type.kind === "record") return recordCast(cx, node, type);
  const operand = cx.rules.value(cx, node.operand);
  if (type.kind === "float" || operand.type.kind === "float") {
    return { type, run: () => poison("unsupported", "floating point", node.place) };
  }
  const run = converted(operand, type, node.place);
  if (operand.constant === undefined) return { type, run };
  const constant = convert(operand.constant, operand.type, type, node.place);
  return typeof constant === "number" || typeof constant === "bigint"
    ? { type, run, constant }
    : { type, run };
}

/** GNU: a cast to a union makes one whose member of the operand's type is set. */
function recordCast(cx: Context, node: ExpressionOf<"cast">, type: CType): Operand {
  const operand = cx.rules.value(cx, node.operand);
  if (compatible(operand.type, type) || operand.type.kind === "dynamic") return { ...operand, type };
  const run: Code = (frame) => {
    const at = frame.machine.allocateLocal(frame, "a union", type, UNINITIALISED);
    store(frame.machine, at, operand.type, operand.run(frame), node.place);
    return at;
  };
  return { type, run };
}

function sizeValue(cx: Context, node: ExpressionOf<"sizeof"> | ExpressionOf<"alignof">): Operand {
  const type = node.type === null ? typeOfExpression(cx, node.of) : cx.rules.type(cx, node.type);
  const size = node.kind === "sizeof" ? sizeOf(type) : alignOf(type);
  if (size !== null) return constantOperand(UNSIGNED_LONG, BigInt(size));
  const reason = `the size of ${typeText(type)} is not known`;
  return { type: UNSIGNED_LONG, run: () => poison("missing-type", reason, node.place) };
}

/** Reads or writes a target, be it in a slot or in memory. */
export function writer(target: Target, node: Expression): (frame: Activation, value: Value) => void {
  const { slot, ref, type } = target;
  if (slot === null) return (frame, value) => store(frame.machine, ref(frame), type, value, node.place);
  return (frame, value) => {
    frame.slots[slot] = value;
  };
}

function assignValue(cx: Context, node: ExpressionOf<"assign">): Operand {
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
function compoundAssignValue(cx: Context, node: ExpressionOf<"assign">): Operand {
  const { operator, place } = node;
  const right = cx.rules.value(cx, node.value);
  return updated(cx, node.target, (current) => binaryOperand(operator ?? "+", current, right, place), node);
}

function stepValue(cx: Context, node: ExpressionOf<"step">): Operand {
  const one = constantOperand(INT, 1);
  const made = updated(
    cx,
    node.operand,
    (current) => binaryOperand(node.operator, current, one, node.place),
    node,
  );
  return node.prefix ? made : { type: made.type, run: (frame) => made.before(frame) };
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
  const step = (frame: Activation): { old: Value; now: Value } => {
    if (slot === null) frame.slots[holder] = target.ref(frame);
    const at = frame.slots[holder];
    const old = current.run(frame);
    const now = narrowed(next(frame), target);
    if (slot === null && at !== undefined) frame.slots[holder] = at;
    write(frame, now);
    return { old, now };
  };
  return {
    type,
    bits: target.bits ?? undefined,
    run: (frame) => step(frame).now,
    before: (frame) => step(frame).old,
  };
}

function commaValue(cx: Context, node: ExpressionOf<"comma">): Operand {
  const left = cx.rules.value(cx, node.left);
  const right = cx.rules.value(cx, node.right);
  const run: Code = (frame) => {
    left.run(frame);
    return right.run(frame);
  };
  return { type: right.type, bits: right.bits, run };
}

function genericValue(cx: Context, node: ExpressionOf<"generic">): Operand {
  const control = decay(cx.rules.value(cx, node.control).type);
  let fallback: Expression | null = null;
  for (const { type, value } of node.cases) {
    if (type === null) fallback = value;
    else if (compatible(cx.rules.type(cx, type), control)) return cx.rules.value(cx, value);
  }
  if (fallback !== null) return cx.rules.value(cx, fallback);
  throw new StopSignal("unsupported", `_Generic has no case for ${typeText(control)}`, node.place);
}
