/** Expressions compiled to closures that give their value. */
import { store } from "./access.ts";
import { assignValue, compoundAssignValue, stepValue } from "./assignments.ts";
import type { Expression, ExpressionOf } from "../parse/ast.ts";
import { conditionalValue, logicalValue } from "./conditions.ts";
import type { Activation, Code, Context, Operand } from "./context.ts";
import { alignOf, sizeOf } from "./layout.ts";
import { characterLiteral, numberLiteral } from "./literals.ts";
import { UNINITIALISED } from "./memory.ts";
import { cast, constantOperand } from "./operands.ts";
import { binaryOperand, unaryOperand } from "./operators.ts";
import { typeOfExpression } from "./resolve.ts";
import { symbolicNot } from "./symbolic.ts";
import { targetValue } from "./targets.ts";
import { compatible, type CType, decay, INT, pointerTo, typeText, UNSIGNED_LONG } from "./types.ts";
import { FunctionRef, poison, StopSignal, Unknown, type Value } from "./value.ts";

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
  return cast(operand, type, node);
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
