/** Single bits of memory, as the kernel's bit operations see it: bit n lies in byte n/8 (little endian). */
import type { Place } from "../parse/ast.ts";
import type { Runtime } from "../evaluate/context.ts";
import { checkRead, checkWrite } from "../evaluate/memory.ts";
import { UNSIGNED_LONG } from "../evaluate/types.ts";
import {
  Boxed,
  type ByteThing,
  outside,
  Pointer,
  poison,
  StopSignal,
  Unknown,
  type Value,
} from "../evaluate/value.ts";

/** The bytes behind an address; a piece of a struct whose type is missing gets bytes of its own. */
export function bytesAt(machine: Runtime, address: Value, place: Place): Pointer | Unknown {
  const ref = machine.deref(address, UNSIGNED_LONG, place);
  if (typeof ref === "bigint") return poison("invalid-pointer", "a bitmap at a null pointer", place);
  if (ref instanceof Unknown || ref.object.kind === "bytes") return ref;
  const { object } = ref;
  if (object.value instanceof Pointer) return bytesAt(machine, object.value, place);
  const named = machine.deref(outside(object.name, place), UNSIGNED_LONG, place);
  return named instanceof Pointer && named.object.kind === "bytes"
    ? named
    : poison("missing-type", `bits of ${object.name}`, place);
}

interface Spot {
  readonly object: ByteThing;
  readonly byte: number;
  readonly mask: number;
}

function spotOf(at: Pointer, bit: number): Spot {
  const byte = at.offset + Math.floor(bit / 8);
  return { object: at.object as ByteThing, byte, mask: 1 << (((bit % 8) + 8) % 8) };
}

/** 0, 1, or what is not known about the bit. */
export function readBit(machine: Runtime, address: Value, bit: Value, place: Place): Value {
  const at = bytesAt(machine, address, place);
  if (at instanceof Unknown) return at;
  const number = plainNumber(bit);
  if (number instanceof Unknown)
    return number.poison ? number : outside(`test_bit(${number.text}, ${machine.textOf(address)})`, place);
  const { object, byte, mask } = spotOf(at, number);
  const problem = checkRead(object, byte, 1, place);
  if (problem !== null) return problem;
  const { value, known } = object.byteAt(byte);
  if ((known & mask) !== 0) return (value & mask) !== 0 ? 1 : 0;
  const unknown = object.unknownAt(byte, 1, place);
  return unknown.poison ? unknown : outside(`test_bit(${number}, ${object.name})`, place);
}

/** Writes one bit; `to` null flips it. An unknown position makes the whole object unknown. */
export function writeBit(machine: Runtime, address: Value, bit: Value, to: Value | null, place: Place): void {
  const at = bytesAt(machine, address, place);
  if (at instanceof Unknown) throw new StopSignal(at.code, at.reason, place);
  const number = plainNumber(bit);
  if (number instanceof Unknown) {
    if (number.poison) throw new StopSignal(number.code, number.reason, place);
    machine.forget(at.object, `a bit at ${number.text}`, "outside", place);
    return;
  }
  const { object, byte, mask } = spotOf(at, number);
  checkWrite(object, byte, 1, place);
  const { value, known } = object.byteAt(byte);
  const bitValue = to === null ? flipped(value, known, mask) : truth(to);
  const bits = {
    mask: BigInt(bitValue === null ? known & ~mask : known | mask),
    value: BigInt(bitValue === true ? value | mask : value & ~mask),
  };
  if (bits.mask === 0xffn) object.writeInteger(byte, 1, Number(bits.value));
  else object.writeBits(byte, bits);
}

function flipped(value: number, known: number, mask: number): boolean | null {
  return (known & mask) === 0 ? null : (value & mask) === 0;
}

/** null: not known. */
function truth(value: Value): boolean | null {
  if (value instanceof Unknown) return null;
  const plain = value instanceof Boxed ? value.value : value;
  return plain !== 0 && plain !== 0n;
}

export function plainNumber(value: Value): number | Unknown {
  if (value instanceof Unknown) return value;
  if (value instanceof Boxed) return Number(value.value);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN;
}
