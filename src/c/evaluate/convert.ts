/** Conversions of run-time values from one C type to another. */
import { convertInteger } from "./arithmetic.ts";
import type { Place } from "../parse/ast.ts";
import { symbolicConvert } from "./symbolic.ts";
import { type CType, INT, type IntType, UNSIGNED_LONG } from "./types.ts";
import { Boxed, FunctionRef, outside, Pointer, Unknown, type Value } from "./value.ts";

/** A null pointer, and any integer used as an address. */
export const NULL = 0n;

/** What a cast or an assignment makes of a value. Structs pass through. */
export function convert(value: Value, from: CType, to: CType, place: Place): Value {
  if (from === to) return value;
  switch (to.kind) {
    case "int":
      return toInteger(value, from, to, place);
    case "pointer":
      return toPointer(value, from, place);
    case "dynamic":
      return toDynamic(value, from);
    default:
      return value;
  }
}

function toInteger(value: Value, from: CType, to: IntType, place: Place): Value {
  if (typeof value === "number" || typeof value === "bigint") return convertInteger(value, to);
  if (value instanceof Boxed) return convertInteger(value.value, to);
  if (value instanceof Unknown) {
    return value.poison ? value : symbolicConvert(value, from.kind === "int" ? from : null, to);
  }
  if (to.bool) return 1;
  // A pointer keeps its identity in an integer as wide as itself; cut off, only its name is left.
  return to.size === 8 ? value : outside(`(${to.name})${pointerText(value)}`, place);
}

function toPointer(value: Value, from: CType, place: Place): Value {
  if (typeof value === "bigint" || typeof value === "number") {
    return BigInt.asUintN(64, BigInt(value));
  }
  if (value instanceof Boxed) return toPointer(value.value, value.type, place);
  if (value instanceof Unknown && from.kind === "int" && !value.poison) {
    return symbolicConvert(value, from, UNSIGNED_LONG);
  }
  return value;
}

function toDynamic(value: Value, from: CType): Value {
  if (typeof value === "number") return new Boxed(from.kind === "int" ? from : INT, value);
  if (typeof value === "bigint") return new Boxed(from.kind === "int" ? from : UNSIGNED_LONG, value);
  return value;
}

/** Names a pointer for messages. */
export function pointerText(value: Pointer | FunctionRef): string {
  if (value instanceof FunctionRef) return value.name;
  const { object, offset } = value;
  return `&${object.kind === "bytes" && offset !== 0 ? object.path(offset, 1) : object.name}`;
}

/** An integer of unknown type has at least this: what it would be as an operand. */
export function dynamicType(value: Value): IntType {
  if (value instanceof Boxed) return value.type;
  return typeof value === "bigint" ? UNSIGNED_LONG : INT;
}
