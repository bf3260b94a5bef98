/** From the syntax of a type to the type, in the eyes of a place in the source. */
import { convertInteger, type Integer } from "./arithmetic.ts";
import type { Attributes, Expression, FieldNode, TypeNode, TypeNodeOf } from "../parse/ast.ts";
import type { Context, EnumValues } from "./context.ts";
import { MOST_ALIGNED } from "./layout.ts";
import {
  baseType,
  type CType,
  dynamic,
  type Field,
  INT,
  type IntType,
  LONG,
  pointerTo,
  type RecordDefinition,
  type RecordType,
  SHORT,
  SIGNED_CHAR,
  UNSIGNED,
  UNSIGNED_CHAR,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
} from "./types.ts";
import { StopSignal } from "./value.ts";
import { WELL_KNOWN_TYPES } from "../parse/well-known-types.ts";

/** Longest array whose length is believed; memory limits hold long before. */
const MAX_LENGTH = 2 ** 40;

export function resolveType(cx: Context, node: TypeNode): CType {
  switch (node.kind) {
    case "base":
      return baseType(node.words, cx.space.charSigned) ?? dynamic(node.words);
    case "named":
      return namedType(cx, node.name);
    case "pointer":
      return pointerTo(cx.rules.type(cx, node.to));
    case "array":
      return arrayType(cx, node);
    case "function":
      return functionType(cx, node);
    case "record":
      return recordType(cx, node);
    case "enum":
      return enumType(cx, node);
    case "typeof":
      if (node.type !== null) return cx.rules.type(cx, node.type);
      return typeOfExpression(cx, node.of);
    case "auto":
      throw new StopSignal("unsupported", "__auto_type without an initialiser", node.place);
  }
}

/** The type an expression has before arrays decay; it is not evaluated. */
export function typeOfExpression(cx: Context, node: Expression | null): CType {
  if (node === null) return dynamic("typeof");
  if (node.kind === "name") {
    const named = cx.lookup(node.name);
    if (named === null && cx.space.isTypedef(node.name, cx.unit)) return namedType(cx, node.name);
  }
  return cx.space.isTargetNode(node) ? cx.rules.target(cx, node).type : cx.rules.value(cx, node).type;
}

function namedType(cx: Context, name: string): CType {
  const local = cx.lookup(name);
  if (local?.kind === "typedef") return local.type();
  const words = WELL_KNOWN_TYPES.get(name);
  if (words !== undefined) return baseType(words, cx.space.charSigned) ?? dynamic(name);
  return cx.space.typedef(name, cx.unit);
}

function arrayType(cx: Context, node: TypeNodeOf<"array">): CType {
  const of = cx.rules.type(cx, node.of);
  if (node.length === null) return { kind: "array", of, length: null };
  const value = constantInteger(cx, node.length, "the length of an array");
  if (value < 0 || value > MAX_LENGTH) {
    throw new StopSignal("unsupported", `an array of ${value} elements`, node.place);
  }
  return { kind: "array", of, length: Number(value) };
}

/** The value of an expression that must be constant. */
export function constantInteger(cx: Context, node: Expression, what: string): Integer {
  const { constant } = cx.rules.value(cx, node);
  if (constant === undefined) throw new StopSignal("unsupported", `${what} is not constant`, node.place);
  return constant;
}

function functionType(cx: Context, node: TypeNodeOf<"function">): CType {
  const parameters = node.parameters.map(({ type }) => adjusted(cx.rules.type(cx, type)));
  return { kind: "function", returns: cx.rules.type(cx, node.returns), parameters, variadic: node.variadic };
}

/** Array and function parameters are pointers. */
function adjusted(type: CType): CType {
  if (type.kind === "array") return pointerTo(type.of);
  return type.kind === "function" ? pointerTo(type) : type;
}

function recordType(cx: Context, node: TypeNodeOf<"record">): CType {
  const word = node.union ? "union" : "struct";
  if (node.fields === null) {
    const local = cx.lookup(`${word} ${node.tag}`);
    if (local?.kind === "tag") return local.type;
    return cx.space.record(word, node.tag ?? "", cx.unit);
  }
  const known = cx.space.nodeTypes.get(node);
  if (known !== undefined) return known;
  const type = definedRecord(cx.fork(), node, word);
  cx.space.nodeTypes.set(node, type);
  return type;
}

function definedRecord(cx: Context, node: TypeNodeOf<"record">, word: string): RecordType {
  let definition: RecordDefinition | null = null;
  const { place } = node;
  const name = node.tag === null ? `${word} at ${place.file}:${place.line}` : `${word} ${node.tag}`;
  const type: RecordType = {
    kind: "record",
    union: node.union,
    name,
    definition: () => (definition ??= recordDefinition(cx, node)),
  };
  if (node.tag !== null) cx.declare(name, { kind: "tag", type });
  return type;
}

function recordDefinition(cx: Context, node: TypeNodeOf<"record">): RecordDefinition {
  const fields = (node.fields ?? []).map((field) => fieldOf(cx, field));
  return { fields, packed: node.attributes.packed, aligned: alignment(cx, node.attributes) };
}

function fieldOf(cx: Context, node: FieldNode): Field {
  const bits = node.bits === null ? null : Number(constantInteger(cx, node.bits, "the width of a bit-field"));
  return {
    name: node.name,
    type: cx.rules.type(cx, node.type),
    bits,
    packed: node.attributes.packed,
    aligned: alignment(cx, node.attributes),
  };
}

function alignment(cx: Context, attributes: Attributes): number {
  let most = attributes.alignedMost ? MOST_ALIGNED : 1;
  for (const node of attributes.aligned) {
    most = Math.max(most, Number(constantInteger(cx, node, "an alignment")));
  }
  return most;
}

function enumType(cx: Context, node: TypeNodeOf<"enum">): CType {
  if (node.items !== null) return enumValues(cx, node).type;
  const local = cx.lookup(`enum ${node.tag}`);
  if (local?.kind === "tag") return local.type;
  return cx.space.enumeration(node.tag ?? "", cx.unit);
}

/** The enumerators with their values; they are declared in the context on the way. */
export function enumValues(cx: Context, node: TypeNodeOf<"enum">): EnumValues {
  const known = cx.space.enums.get(node);
  if (known !== undefined) return known;
  // an enumerator without a value that names itself or a later one finds nothing here
  cx.space.enums.set(node, { type: INT, values: new Map() });
  const inner = cx.fork();
  const numbers = new Map<string, bigint>();
  let next: bigint | null = 0n;
  for (const item of node.items ?? []) {
    const value: bigint | null = item.value === null ? next : enumeratorValue(inner, item.value, item.name);
    next = value === null ? null : value + 1n;
    if (value === null) continue;
    numbers.set(item.name, value);
    inner.declare(item.name, enumerator(value));
  }
  const found = finishedEnum(numbers, node.attributes.packed);
  cx.space.enums.set(node, found);
  return found;
}

/** null where it rests on what the tree does not have: then the names up to the next known value are unknown. */
function enumeratorValue(cx: Context, value: Expression, name: string): bigint | null {
  try {
    return BigInt(constantInteger(cx, value, name));
  } catch (error) {
    if (error instanceof StopSignal) return null;
    throw error;
  }
}

function enumerator(value: bigint): { kind: "enumerator"; value: Integer; type: IntType } {
  const type = fitsInt(value) ? INT : value < 0n ? LONG : UNSIGNED_LONG;
  return { kind: "enumerator", value: convertInteger(value, type), type };
}

function fitsInt(value: bigint): boolean {
  return BigInt.asIntN(32, value) === value;
}

/** gcc: the type is unsigned unless an enumerator is negative; one that fits int is an int. */
function finishedEnum(numbers: ReadonlyMap<string, bigint>, packed: boolean): EnumValues {
  const type = underlying([...numbers.values()], packed);
  const values = new Map<string, { value: Integer; type: IntType }>();
  for (const [name, value] of numbers) {
    const own = fitsInt(value) ? INT : type;
    values.set(name, { value: convertInteger(value, own), type: own });
  }
  return { type, values };
}

function underlying(values: bigint[], packed: boolean): IntType {
  const negative = values.some((value) => value < 0n);
  const signed: IntType[] = packed ? [SIGNED_CHAR, SHORT, INT, LONG] : [INT, LONG];
  const unsigned: IntType[] = packed
    ? [UNSIGNED_CHAR, UNSIGNED_SHORT, UNSIGNED, UNSIGNED_LONG]
    : [UNSIGNED, UNSIGNED_LONG];
  const types = negative ? signed : unsigned;
  const fits = (type: IntType): boolean =>
    values.every((value) => BigInt(convertInteger(value, type)) === value);
  return types.find(fits) ?? LONG;
}
