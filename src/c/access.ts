/** Reading and writing through references, whatever kind of object stands behind them. */
import type { Integer } from "./arithmetic.ts";
import type { Place } from "./ast.ts";
import type { Ref, Runtime } from "./context.ts";
import { convert } from "./convert.ts";
import { asThing } from "./fields.ts";
import { findField, sizeOf } from "./layout.ts";
import { checkRead, checkWrite } from "./memory.ts";
import { symbolicConvert } from "./symbolic.ts";
import { BOOL, type CType, dynamic, type IntType, type RecordType } from "./types.ts";
import {
  type ByteThing,
  type FieldThing,
  outside,
  Pointer,
  poison,
  StopSignal,
  type Thing,
  Unknown,
  type Value,
} from "./value.ts";

/** The value of `type` at a place; for records and arrays the place itself. */
export function load(machine: Runtime, ref: Ref, type: CType, place: Place): Value {
  if (typeof ref === "bigint") return nullRead(ref, place);
  if (ref instanceof Unknown) return ref;
  if (ref.somewhere !== null) return ref.somewhere;
  if (type.kind === "record" || type.kind === "array" || type.kind === "function") return ref;
  const { object } = ref;
  if (object.kind === "fields") return machine.settle(readWhole(object, type, place), type);
  if (type.kind === "dynamic") return readUntyped(machine, ref, object, place);
  if (type.kind === "int") return loadInteger(machine, object, ref, type, place);
  const size = type.kind === "pointer" ? 8 : (sizeOf(type) ?? 1);
  return (
    checkRead(object, ref.offset, size, place) ??
    machine.settle(object.readInteger(ref.offset, size, false, place), type)
  );
}

function nullRead(address: bigint, place: Place): Unknown {
  const what = address === 0n ? "a null pointer" : `the integer address 0x${address.toString(16)}`;
  return poison("invalid-pointer", `read through ${what}`, place);
}

function loadInteger(machine: Runtime, object: ByteThing, ref: Pointer, type: IntType, place: Place): Value {
  if (ref.bits !== null) return loadBits(object, ref, type, place);
  const problem = checkRead(object, ref.offset, type.size, place);
  if (problem !== null) return problem;
  const value = object.readInteger(ref.offset, type.size, type.signed, place);
  if (!(value instanceof Unknown)) return value;
  const settled = machine.settle(value, type);
  if (!type.bool || !(settled instanceof Unknown) || settled.poison) return settled;
  return symbolicConvert(settled, type, BOOL);
}

/** The bytes that hold a bit-field, and where it lies in them. */
function bitSpan(ref: Pointer): { offset: number; size: number; shift: bigint; mask: bigint } {
  const { shift, width } = ref.bits ?? { shift: 0, width: 0 };
  const first = Math.floor(shift / 8);
  const size = Math.ceil((shift + width) / 8) - first;
  return {
    offset: ref.offset + first,
    size,
    shift: BigInt(shift - first * 8),
    mask: (1n << BigInt(width)) - 1n,
  };
}

function loadBits(object: ByteThing, ref: Pointer, type: IntType, place: Place): Value {
  const span = bitSpan(ref);
  const problem = checkRead(object, span.offset, span.size, place);
  if (problem !== null) return problem;
  const { known, value } = gather(object, span.offset, span.size);
  const mask = (known >> span.shift) & span.mask;
  const bits = (value >> span.shift) & span.mask;
  if (mask === span.mask) return signedBits(bits, ref.bits?.width ?? 0, type);
  const unknown = object.unknownAt(span.offset, span.size, place);
  if (unknown.poison) return unknown;
  const name = `${unknown.text}:${ref.bits?.shift ?? 0}`;
  const beyond = type.signed ? 0n : ~span.mask;
  return unknown.with(object.size === type.size ? unknown.text : name, { mask: mask | beyond, value: bits });
}

function gather(object: ByteThing, offset: number, size: number): { known: bigint; value: bigint } {
  let known = 0n;
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) {
    const byte = object.byteAt(offset + i);
    known = (known << 8n) | BigInt(byte.known);
    value = (value << 8n) | BigInt(byte.value);
  }
  return { known, value };
}

function signedBits(bits: bigint, width: number, type: IntType): Integer {
  const value = type.signed ? BigInt.asIntN(width, bits) : bits;
  return type.size > 4 ? value : Number(value);
}

/** A piece of an object from outside that has no fields. */
function readWhole(object: FieldThing, type: CType, place: Place): Value {
  if (object.type.kind === "record" && object.type.definition() !== null) {
    return poison("missing-type", `${object.name}, a ${object.type.name}, read as a scalar`, place);
  }
  return convert(object.read(place), dynamic(object.name), type, place);
}

/** The static type is missing: the object may know better. */
function readUntyped(machine: Runtime, ref: Pointer, object: ByteThing, place: Place): Value {
  const { type } = object;
  if (type === null || ref.offset !== 0 || type.kind === "record" || type.kind === "array") {
    return type === null ? poison("missing-type", `${object.name} read without a type`, place) : ref;
  }
  return convert(load(machine, ref, type, place), type, dynamic(object.name), place);
}

/** Writes a value that is already of `type`. */
export function store(machine: Runtime, ref: Ref, type: CType, value: Value, place: Place): void {
  const target = writable(ref, place);
  if (type.kind === "record") {
    copyRecord(machine, target, asRef(value, place), type, place);
    return;
  }
  const { object } = target;
  if (object.kind === "fields") {
    object.value = value;
    return;
  }
  if (target.somewhere !== null) {
    machine.forget(object, target.somewhere.text, "outside", place);
    return;
  }
  if (target.bits !== null) storeBits(object, target, value, place);
  else storeScalar(object, target.offset, type, value, place);
}

function writable(ref: Ref, place: Place): Pointer {
  if (ref instanceof Pointer) return ref;
  if (ref instanceof Unknown) {
    throw new StopSignal(
      ref.poison ? ref.code : "invalid-pointer",
      `write through an unknown pointer: ${ref.reason}`,
      place,
    );
  }
  throw new StopSignal(
    "invalid-pointer",
    ref === 0n ? "write through a null pointer" : "write to an integer address",
    place,
  );
}

export function asRef(value: Value, place: Place): Ref {
  if (value instanceof Pointer || value instanceof Unknown || typeof value === "bigint") return value;
  return poison("missing-type", "a struct was expected", place);
}

function storeScalar(object: ByteThing, offset: number, type: CType, value: Value, place: Place): void {
  const scalar = type.kind === "dynamic" ? (object.type ?? type) : type;
  const size = sizeOf(scalar) ?? 8;
  const converted = type.kind === "dynamic" ? convert(value, type, scalar, place) : value;
  checkWrite(object, offset, size, place);
  if (typeof converted === "number" || typeof converted === "bigint")
    object.writeInteger(offset, size, converted);
  else if ("type" in converted) object.writeInteger(offset, size, converted.value);
  else object.writeOpaque(offset, size, converted);
}

function storeBits(object: ByteThing, ref: Pointer, value: Value, place: Place): void {
  const span = bitSpan(ref);
  checkWrite(object, span.offset, span.size, place);
  const { known, value: before } = gather(object, span.offset, span.size);
  const hole = span.mask << span.shift;
  const all = (1n << BigInt(span.size * 8)) - 1n;
  if (typeof value === "number" || typeof value === "bigint") {
    const bits = (BigInt(value) & span.mask) << span.shift;
    writeKnown(object, span, { mask: (known | hole) & all, value: (before & ~hole) | bits }, place);
    return;
  }
  const bits = value instanceof Unknown ? value.bits : null;
  const mask = ((bits?.mask ?? 0n) & span.mask) << span.shift;
  const partly = ((bits?.value ?? 0n) << span.shift) & mask;
  writeKnown(object, span, { mask: (known & ~hole) | mask, value: (before & ~hole) | partly }, place);
}

function writeKnown(
  object: ByteThing,
  span: { offset: number; size: number },
  bits: { mask: bigint; value: bigint },
  place: Place,
): void {
  const all = (1n << BigInt(span.size * 8)) - 1n;
  if (bits.mask === all) object.writeInteger(span.offset, span.size, bits.value);
  else {
    const unknown = object.unknownAt(span.offset, span.size, place);
    object.writeOpaque(span.offset, span.size, unknown.with(unknown.text, bits));
  }
}

/** `base.name` of a record, or of something whose type is missing. */
export function memberRef(machine: Runtime, base: Ref, type: CType, name: string, place: Place): Ref {
  if (base instanceof Unknown) {
    return base.poison ? base : outside(`${base.text}.${name}`, place);
  }
  if (typeof base === "bigint") return memberOfNull(base, type, name, place);
  if (base.somewhere !== null) {
    const somewhere = outside(`${base.somewhere.text}.${name}`, place);
    return new Pointer(base.object, 0, null, somewhere);
  }
  if (base.object.kind === "bytes") return memberOfBytes(base, base.object, type, name, place);
  const object = type.kind === "record" ? seenAs(base.object, type) : base.object;
  if (object === null) {
    return poison(
      "missing-type",
      `${base.object.name} is no ${type.kind === "record" ? type.name : type.kind}`,
      place,
    );
  }
  if (object.kind === "bytes") return memberOfBytes(new Pointer(object), object, type, name, place);
  return memberOfFields(machine, object, type, name, place);
}

function memberOfNull(base: bigint, type: CType, name: string, place: Place): Ref {
  const offset = type.kind === "record" ? findField(type, name)?.offset : null;
  if (offset === undefined || offset === null) return nullRead(base, place);
  return base + BigInt(offset);
}

function memberOfBytes(base: Pointer, object: ByteThing, type: CType, name: string, place: Place): Ref {
  const record = type.kind === "record" ? type : object.type;
  const found = record?.kind === "record" ? findField(record, name) : null;
  if (found === null) return poison("missing-type", `the struct of '${name}' is not defined`, place);
  const { offset, shift } = found;
  if (offset === null)
    return poison(
      "missing-type",
      `the layout of ${record?.kind === "record" ? record.name : name} is not known`,
      place,
    );
  const bits = shift === null ? null : { shift, width: found.field.bits ?? 0 };
  return new Pointer(object, base.offset + offset, bits);
}

function memberOfFields(machine: Runtime, object: FieldThing, type: CType, name: string, place: Place): Ref {
  const found = type.kind === "record" ? findField(type, name) : null;
  if (found === null) return new Pointer(asThing(object.child(name, dynamic(name))));
  for (const [i, outer] of found.through.entries()) {
    if (outer.type.kind !== "record" || !outer.type.union) continue;
    const inner = asThing(object.child(`<union ${i} of ${outer.type.name}>`, outer.type));
    return memberRef(machine, new Pointer(inner), outer.type, name, place);
  }
  const child = asThing(object.child(name, found.field.type));
  return new Pointer(child, 0, found.field.bits === null ? null : { shift: 0, width: found.field.bits });
}

/** The object as a struct of another name: itself where that is open, its first member, or its owner. */
function seenAs(object: FieldThing, type: RecordType): Thing | null {
  if (object.type.kind === "record" && object.type.name === type.name) return object;
  if (object.type.kind === "dynamic") {
    if (object.value === null) object.type = type;
    return object;
  }
  const first = object.type.definition()?.fields[0];
  if (first?.name && first.type.kind === "record" && first.type.name === type.name) {
    return asThing(object.child(first.name, first.type));
  }
  const owner = object.owner?.kind === "field" ? object.owner : null;
  const outer = owner?.object.type;
  const isFirst =
    outer?.kind === "record" &&
    outer.name === type.name &&
    outer.definition()?.fields[0]?.name === owner?.field;
  if (owner !== null && isFirst) return owner.object;
  return object.type.definition() === null || type.definition() === null ? object : null;
}

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

/** Copies a struct: bytes with bytes, else field by field. */
export function copyRecord(machine: Runtime, to: Ref, from: Ref, type: RecordType, place: Place): void {
  const target = writable(to, place);
  if (from instanceof Pointer && from.somewhere === null) {
    const size = layoutSize(target.object, from.object, type);
    if (size === null) copyFields(machine, target, from, type, place);
    else copyBytes(target, from, size, place);
    return;
  }
  machine.forget(target.object, from instanceof Unknown ? from.text : "null", "outside", place);
}

function layoutSize(a: Thing, b: Thing, type: RecordType): number | null {
  return a.kind === "bytes" && b.kind === "bytes" ? sizeOf(type) : null;
}

export function copyBytes(to: Pointer, from: Pointer, size: number, place: Place): void {
  if (to.object.kind !== "bytes" || from.object.kind !== "bytes") {
    throw new StopSignal("unsupported", `bytes of ${from.object.name} copied to ${to.object.name}`, place);
  }
  checkWrite(to.object, to.offset, size, place);
  const problem = checkRead(from.object, from.offset, size, place);
  if (problem !== null) throw new StopSignal(problem.code, problem.reason, place);
  to.object.copyFrom(from.object, { from: from.offset, to: to.offset, size });
}

function copyFields(machine: Runtime, to: Pointer, from: Pointer, type: RecordType, place: Place): void {
  const definition = type.definition();
  if (definition === null) {
    machine.forget(to.object, from.object.name, "outside", place);
    return;
  }
  for (const field of definition.fields) {
    if (field.name === null) continue;
    const target = memberRef(machine, to, type, field.name, place);
    const source = memberRef(machine, from, type, field.name, place);
    copyValue(machine, target, source, field.type, place);
  }
}

function copyValue(machine: Runtime, to: Ref, from: Ref, type: CType, place: Place): void {
  if (type.kind === "array") {
    const length = Math.min(type.length ?? 0, 4096);
    for (let i = 0; i < length; i++) {
      const target = asRef(advance(machine, to, type.of, i, place), place);
      copyValue(machine, target, asRef(advance(machine, from, type.of, i, place), place), type.of, place);
    }
    return;
  }
  store(machine, to, type, load(machine, from, type, place), place);
}
