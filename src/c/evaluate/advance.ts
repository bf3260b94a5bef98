/** Pointer arithmetic. */
import type { Integer } from "./arithmetic.ts";
import type { Place } from "../parse/ast.ts";
import type { Runtime } from "./context.ts";
import { sizeOf } from "./layout.ts";
import type { CType } from "./types.ts";
import { type ByteThing, outside, Pointer, poison, type Thing, Unknown, type Value } from "./value.ts";

/** `pointer + count` elements of a type. */
export function advance(
  machine: Runtime,
  pointer: Value,
  element: CType,
  count: Integer | Unknown,
  place: Place,
): Value {
  if (pointer instanceof Unknown) return advanceUnknown(machine, pointer, element, count, place);
  if (typeof pointer === "bigint" || typeof pointer === "number") {
    return advanceInteger(BigInt(pointer), element, count, place);
  }
  if (!(pointer instanceof Pointer)) return poison("invalid-pointer", "arithmetic on a function", place);
  if (count instanceof Unknown) {
    if (count.poison) return count;
    const somewhere = outside(`${pointer.object.name}[${count.text}]`, place);
    return new Pointer(pointer.object, 0, null, somewhere);
  }
  if (pointer.object.kind === "fields" || isListed(pointer.object, element))
    return sibling(pointer.object, element, Number(count), place);
  const size = sizeOf(element);
  if (size === null)
    return Number(count) === 0
      ? pointer
      : poison("missing-type", "arithmetic on a pointer to an unknown type", place);
  const offset = pointer.offset + Number(count) * size;
  if (!Number.isSafeInteger(offset))
    return poison("out-of-bounds", "a pointer far outside its object", place);
  return new Pointer(pointer.object, offset, null, pointer.somewhere);
}

function advanceInteger(address: bigint, element: CType, count: Integer | Unknown, place: Place): Value {
  const size = sizeOf(element);
  if (count instanceof Unknown) return count.poison ? count : outside(`${address} + ${count.text}`, place);
  if (size === null) return poison("missing-type", "arithmetic on a pointer to an unknown type", place);
  return BigInt.asUintN(64, address + BigInt(count) * BigInt(size));
}

function advanceUnknown(
  machine: Runtime,
  pointer: Unknown,
  element: CType,
  count: Integer | Unknown,
  place: Place,
): Value {
  if (pointer.poison || count === 0 || count === 0n) return pointer;
  if (count instanceof Unknown)
    return count.poison ? count : outside(`${pointer.text} + ${count.text}`, place);
  return advance(machine, machine.pointee(pointer, element), element, count, place);
}

/** A union kept by bytes that is one element of a list of them. */
function isListed(object: ByteThing, element: CType): boolean {
  return object.owner?.kind === "element" && element.kind === "record" && element === object.type;
}

/** Another element of the list that a struct from outside stands in. */
function sibling(object: Thing, element: CType, count: number, place: Place): Value {
  if (count === 0) return new Pointer(object);
  let list = object.owner?.kind === "element" ? object.owner.list : null;
  let index = object.owner?.kind === "element" ? object.owner.index : 0;
  for (let inner = element; inner.kind === "array" && list !== null; inner = inner.of) {
    index = list.owner?.kind === "element" ? list.owner.index : 0;
    list = list.owner?.kind === "element" ? list.owner.list : null;
  }
  const found = list?.element(index + count) ?? null;
  return found === null
    ? poison("out-of-bounds", `an element beyond ${object.name}`, place)
    : new Pointer(found);
}
