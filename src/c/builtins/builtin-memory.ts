/** Strings and blocks of memory (include/linux/string.h; on x86 the tree's own are assembly). */
import { copyBytes } from "../evaluate/access.ts";
import type { Place } from "../parse/ast.ts";
import { bytesAt, plainNumber } from "./bitmap.ts";
import { type BuiltinTable, fn, named, type Running } from "./builtin.ts";
import { BYTES_PER_STEP, type Runtime } from "../evaluate/context.ts";
import { checkRead, checkWrite, ZERO } from "../evaluate/memory.ts";
import { INT, UNSIGNED_LONG, VOID_POINTER } from "../evaluate/types.ts";
import {
  type ByteThing,
  type FieldThing,
  outside,
  Pointer,
  StopSignal,
  Unknown,
  type Value,
} from "../evaluate/value.ts";

/** Bytes that are looked at one by one in the time of a step. */
const LOOKS_PER_STEP = 8;

function length(value: Value, what: string, { frame, place }: Running): number {
  const bytes = plainNumber(value);
  if (bytes instanceof Unknown)
    throw new StopSignal(bytes.code, `${bytes.reason} decides the length of ${what}`, place);
  if (!Number.isSafeInteger(bytes)) throw new StopSignal("out-of-bounds", `${what} of ${bytes} bytes`, place);
  frame.machine.spend(bytes / BYTES_PER_STEP);
  return bytes;
}

/** Where a block operation works; a struct from outside as a whole is handled by its fields. */
function block(machine: Runtime, address: Value, place: Place): Pointer {
  if (address instanceof Pointer) return address;
  const at = bytesAt(machine, address, place);
  if (at instanceof Unknown) throw new StopSignal(at.code, at.reason, place);
  return at;
}

const memset = fn(VOID_POINTER, [VOID_POINTER, INT, UNSIGNED_LONG], (running, to, byte, size) => {
  const { frame, place } = running;
  const at = block(frame.machine, to, place);
  if (at.object.kind === "fields") return clearFields(at.object, byte, to, place);
  if (plainNumber(size) instanceof Unknown) {
    frame.machine.forget(at.object, "memset() of unknown length", "outside", place);
    return to;
  }
  const bytes = length(size, "memset()", running);
  checkWrite(at.object, at.offset, bytes, place);
  const value = plainNumber(byte);
  if (value instanceof Unknown)
    frame.machine.forget(at.object, "memset() of an unknown byte", "outside", place);
  else at.object.fill(value & 0xff, at.offset, bytes);
  return to;
});

/** A struct from outside set to zero: its fields are 0 from here on. */
function clearFields(object: FieldThing, byte: Value, to: Value, place: Place): Value {
  if (byte !== 0) throw new StopSignal("unsupported", `memset() of ${object.name} to other than 0`, place);
  object.reset(ZERO);
  return to;
}

const memcpy = fn(VOID_POINTER, [VOID_POINTER, VOID_POINTER, UNSIGNED_LONG], (running, to, from, size) => {
  const { frame, place } = running;
  const target = block(frame.machine, to, place);
  if (from instanceof Unknown && from.poison) throw new StopSignal(from.code, from.reason, place);
  if (plainNumber(size) instanceof Unknown) {
    frame.machine.forget(target.object, "memcpy() of unknown length", "outside", place);
    return to;
  }
  const source = block(frame.machine, from, place);
  if (target.object.kind === "fields" || source.object.kind === "fields") {
    frame.machine.forget(target.object, `memcpy() from ${source.object.name}`, "outside", place);
    return to;
  }
  copyBytes(frame.machine, target, source, length(size, "memcpy()", running), place);
  return to;
});

/** A byte, or what stands in the way of knowing it. */
function byteAt(at: Pointer, offset: number, place: Place): number | Unknown {
  const object = at.object as ByteThing;
  const problem = checkRead(object, at.offset + offset, 1, place);
  if (problem !== null) return problem;
  const { value, known } = object.byteAt(at.offset + offset);
  return known === 0xff ? value : object.unknownAt(at.offset + offset, 1, place);
}

/** The first difference decides; an unknown byte before it leaves the result open. */
function compareBytes(limit: number, stopAtZero: boolean, a: Pointer, b: Pointer, running: Running): Value {
  const { frame, place } = running;
  for (let i = 0; i < limit; i++) {
    if (i % LOOKS_PER_STEP === 0) frame.machine.spend(1);
    const [x, y] = [byteAt(a, i, place), byteAt(b, i, place)];
    if (x instanceof Unknown) return x.poison ? x : outside(`comparison of ${x.text}`, place);
    if (y instanceof Unknown) return y.poison ? y : outside(`comparison of ${y.text}`, place);
    if (x !== y) return x < y ? -1 : 1;
    if (stopAtZero && x === 0) return 0;
  }
  return 0;
}

function comparing(stopAtZero: boolean, bounded: boolean): ReturnType<typeof fn> {
  const parameters = bounded ? [VOID_POINTER, VOID_POINTER, UNSIGNED_LONG] : [VOID_POINTER, VOID_POINTER];
  return fn(INT, parameters, (running, a, b, size) => {
    const { frame, place } = running;
    const [x, y] = [bytesAt(frame.machine, a, place), bytesAt(frame.machine, b, place)];
    if (x instanceof Unknown) return x;
    if (y instanceof Unknown) return y;
    const limit = size === undefined ? Number.POSITIVE_INFINITY : length(size, "a comparison", running);
    return compareBytes(limit, stopAtZero, x, y, running);
  });
}

const strlen = fn(UNSIGNED_LONG, [VOID_POINTER], ({ frame, place }, text) => {
  const at = bytesAt(frame.machine, text, place);
  if (at instanceof Unknown) return at.poison ? at : outside(`strlen(${at.text})`, place);
  for (let i = 0; ; i++) {
    if (i % LOOKS_PER_STEP === 0) frame.machine.spend(1);
    const byte = byteAt(at, i, place);
    if (byte instanceof Unknown) return byte.poison ? byte : outside(`strlen(${at.object.name})`, place);
    if (byte === 0) return BigInt(i);
  }
});

export const MEMORY_BUILTINS: BuiltinTable = {
  ...named("memset __memset __builtin_memset", memset),
  ...named("memcpy __memcpy __builtin_memcpy memmove __memmove __builtin_memmove", memcpy),
  ...named("memcmp __builtin_memcmp bcmp", comparing(false, true)),
  ...named("strcmp __builtin_strcmp", comparing(true, false)),
  ...named("strncmp __builtin_strncmp", comparing(true, true)),
  ...named("strlen __builtin_strlen", strlen),
};
