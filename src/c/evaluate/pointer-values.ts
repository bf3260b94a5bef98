/** What can be told of pointers at run time: sums, differences, comparisons. */
import { advance } from "./advance.ts";
import { compare, type Integer } from "./arithmetic.ts";
import type { BinaryOperator, Place } from "../parse/ast.ts";
import type { Runtime } from "./context.ts";
import { pointerText } from "./convert.ts";
import { sizeOf } from "./layout.ts";
import { isComparison, symbolicBinary } from "./symbolic.ts";
import { type CType, type IntType, LONG, UNSIGNED_LONG } from "./types.ts";
import { Boxed, FunctionRef, outside, Pointer, poison, type Thing, Unknown, type Value } from "./value.ts";

export function isInteger(value: Value): value is Integer {
  return typeof value === "number" || typeof value === "bigint";
}

export function asOperand(value: Value): Integer | Unknown {
  if (value instanceof Unknown || isInteger(value)) return value;
  return value instanceof Boxed ? value.value : 0;
}

/** Addresses held in integers: what pointer arithmetic can tell of them. */
export function addressBinary(
  machine: Runtime,
  operator: BinaryOperator,
  left: Value,
  right: Value,
  place: Place,
): Value {
  const bytes = { kind: "int", size: 1 } as IntType;
  if (isComparison(operator)) return comparePointers(machine, operator, left, right, place);
  if (operator === "+" && left instanceof Pointer && isInteger(right))
    return advance(machine, left, bytes, BigInt.asIntN(64, BigInt(right)), place);
  if (operator === "+" && right instanceof Pointer && isInteger(left))
    return advance(machine, right, bytes, BigInt.asIntN(64, BigInt(left)), place);
  if (operator === "-" && left instanceof Pointer && isInteger(right))
    return advance(machine, left, bytes, -BigInt.asIntN(64, BigInt(right)), place);
  if (operator === "-" && left instanceof Pointer && right instanceof Pointer)
    return difference(machine, left, right, bytes, place);
  return outside(`${machine.textOf(left)} ${operator} ${machine.textOf(right)}`, place);
}

/** The pointer `count` elements further. */
export function moved(
  machine: Runtime,
  base: Value,
  element: CType,
  count: Value,
  { negative, place }: { negative: boolean; place: Place },
): Value {
  const by = asOperand(machine.settle(count, LONG));
  if (by instanceof Unknown) return advance(machine, base, element, by, place);
  const steps = typeof by === "bigint" ? BigInt.asIntN(64, by) : by;
  return advance(machine, base, element, negative ? -BigInt(steps) : steps, place);
}

export function difference(machine: Runtime, a: Pointer, b: Pointer, element: CType, place: Place): Value {
  const size = sizeOf(element);
  if (a.object === b.object && a.object.kind === "bytes" && size !== null) {
    return BigInt(Math.trunc((a.offset - b.offset) / Math.max(size, 1)));
  }
  const [x, y] = [a.object.owner, b.object.owner];
  if (a.object === b.object) return 0n;
  if (x?.kind === "element" && y?.kind === "element" && x.list === y.list) return BigInt(x.index - y.index);
  return poison(
    "invalid-pointer",
    `difference of pointers into ${machine.textOf(a)} and ${machine.textOf(b)}`,
    place,
  );
}

export function comparePointers(
  machine: Runtime,
  operator: BinaryOperator,
  a: Value,
  b: Value,
  place: Place,
): Value {
  const left = machine.settle(a, UNSIGNED_LONG);
  const right = machine.settle(b, UNSIGNED_LONG);
  if (isInteger(left) && isInteger(right)) return compare(operator, BigInt(left), BigInt(right));
  const order = orderOf(left, right) ?? orderOfError(left, right);
  if (order !== null) return compare(operator, order, 0);
  if (operator === "==" || operator === "!=") {
    const same = identical(left, right);
    if (same !== null) return same === (operator === "==") ? 1 : 0;
  }
  return symbolicBinary(operator, nameOf(left, place), nameOf(right, place), UNSIGNED_LONG, place);
}

/** Pointers compare as unknowns by their names where nothing better is known. */
function nameOf(value: Value, place: Place): Integer | Unknown {
  if (value instanceof Unknown || isInteger(value)) return value;
  if (value instanceof Boxed) return value.value;
  return outside(pointerText(value), place);
}

/** Within one object, the distance; null where no order is told. */
function orderOf(a: Value, b: Value): number | null {
  if (!(a instanceof Pointer) || !(b instanceof Pointer) || a.object !== b.object) return null;
  return a.somewhere === null && b.somewhere === null ? a.offset - b.offset : null;
}

/** No object lies in the first page or among the error pointers (include/linux/err.h). */
function orderOfError(a: Value, b: Value): number | null {
  if (isInteger(a) && b instanceof Pointer) {
    const order = orderOfError(b, a);
    return order === null ? null : -order;
  }
  if (!(a instanceof Pointer) || !isInteger(b)) return null;
  const address = BigInt.asUintN(64, BigInt(b));
  if (address < 4096n) return 1;
  return address > 0xffff_ffff_ffff_f000n ? -1 : null;
}

function identical(a: Value, b: Value): boolean | null {
  if (a instanceof FunctionRef && b instanceof FunctionRef) return a.name === b.name;
  if (isInteger(a)) return isInteger(b) ? BigInt(a) === BigInt(b) : identical(b, a);
  if (b === 0 || b === 0n) return a instanceof Unknown ? null : false;
  if (a instanceof Unknown && b instanceof Pointer) return pointeeOf(b.object) === a.text ? true : null;
  if (b instanceof Unknown && a instanceof Pointer) return pointeeOf(a.object) === b.text ? true : null;
  if (!(a instanceof Pointer) || !(b instanceof Pointer))
    return a instanceof Unknown || b instanceof Unknown ? null : false;
  return a.object !== b.object && (behindUnknown(a.object) || behindUnknown(b.object)) ? null : false;
}

/** The name of the unknown pointer that leads exactly here. */
function pointeeOf(object: Thing): string | null {
  if (object.kind === "bytes") return object.growable && object.owner === null ? object.name : null;
  const { owner } = object;
  return owner?.kind === "element" && owner.list.behindPointer && owner.index === 0 ? owner.list.name : null;
}

/** Does it stand behind a pointer whose value nobody knows? Then two names may mean one object. */
function behindUnknown(object: Thing): boolean {
  let at: Thing = object;
  for (;;) {
    const { owner } = at;
    if (owner === null) return at.kind === "bytes" && at.growable;
    if (owner.kind === "field") at = owner.object;
    else if (owner.list.behindPointer) return true;
    else if (owner.list.owner?.kind === "field") at = owner.list.owner.object;
    else return false;
  }
}
