/** Reading and writing through references, whatever kind of object stands behind them. */
import { advance } from "./advance.ts";
import type { Place } from "../parse/ast.ts";
import { loadBits, storeBits } from "./bit-fields.ts";
import { BYTES_PER_STEP, type Ref, type Runtime } from "./context.ts";
import { convert } from "./convert.ts";
import { sizeOf } from "./layout.ts";
import { memberRef, nullRead } from "./members.ts";
import { checkRead, checkWrite } from "./memory.ts";
import { symbolicConvert } from "./symbolic.ts";
import { BOOL, type CType, dynamic, type IntType, type RecordType } from "./types.ts";
import {
  type ByteThing,
  type FieldThing,
  Pointer,
  poison,
  StopSignal,
  type Thing,
  Unknown,
  type Value,
} from "./value.ts";

const BIT_FIELD_STEPS = 1;

/** The value of `type` at a place; for records and arrays the place itself. */
export function load(machine: Runtime, ref: Ref, type: CType, place: Place): Value {
  if (typeof ref === "bigint") return nullRead(ref, place);
  if (ref instanceof Unknown) return ref;
  if (ref.somewhere !== null) return ref.somewhere;
  if (type.kind === "record" || type.kind === "array" || type.kind === "function") return ref;
  const { object } = ref;
  if (object.kind === "fields") return machine.settle(readWhole(object, type, place), type);
  if (type.kind === "dynamic") return readUntyped(machine, ref, object, place);
  if (type.kind === "int") {
    if (ref.bits !== null) {
      machine.spend(BIT_FIELD_STEPS);
      return loadBits(object, ref, type, place);
    }
    return loadInteger(machine, object, ref.offset, type, place);
  }
  const size = type.kind === "pointer" ? 8 : (sizeOf(type) ?? 1);
  return (
    checkRead(object, ref.offset, size, place) ??
    machine.settle(object.readInteger(ref.offset, size, false, place), type)
  );
}

/** The integer that lies `offset` bytes from the object's start. */
export function loadInteger(
  machine: Runtime,
  object: ByteThing,
  offset: number,
  type: IntType,
  place: Place,
): Value {
  const problem = checkRead(object, offset, type.size, place);
  if (problem !== null) return problem;
  const value = object.readInteger(offset, type.size, type.signed, place);
  if (!(value instanceof Unknown)) return value;
  const settled = machine.settle(value, type);
  if (!type.bool || !(settled instanceof Unknown) || settled.poison) return settled;
  return symbolicConvert(settled, type, BOOL);
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
  if (target.bits !== null) {
    machine.spend(BIT_FIELD_STEPS);
    storeBits(object, target, value, place);
  } else storeScalar(object, target.offset, type, value, place);
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

/** Copies a struct: bytes with bytes, else field by field. */
export function copyRecord(machine: Runtime, to: Ref, from: Ref, type: RecordType, place: Place): void {
  const target = writable(to, place);
  if (from instanceof Pointer && from.somewhere === null) {
    const size = layoutSize(target.object, from.object, type);
    if (size === null) copyFields(machine, target, from, type, place);
    else copyBytes(machine, target, from, size, place);
    return;
  }
  machine.forget(target.object, from instanceof Unknown ? from.text : "null", "outside", place);
}

function layoutSize(a: Thing, b: Thing, type: RecordType): number | null {
  return a.kind === "bytes" && b.kind === "bytes" ? sizeOf(type) : null;
}

export function copyBytes(machine: Runtime, to: Pointer, from: Pointer, size: number, place: Place): void {
  machine.spend(size / BYTES_PER_STEP);
  if (to.object.kind !== "bytes" || from.object.kind !== "bytes") {
    throw new StopSignal("unsupported", `bytes of ${from.object.name} copied to ${to.object.name}`, place);
  }
  checkWrite(to.object, to.offset, size, place);
  const problem = checkRead(from.object, from.offset, size, place);
  if (problem !== null) throw new StopSignal(problem.code, problem.reason, place);
  machine.spend(to.object.copyFrom(from.object, { from: from.offset, to: to.offset, size }));
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
  machine.spend(1);
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
