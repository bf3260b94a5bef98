/** Reading and writing bit-fields in the bytes that hold them. */
import type { Integer } from "./arithmetic.ts";
import type { Place } from "../parse/ast.ts";
import { checkRead, checkWrite } from "./memory.ts";
import type { IntType } from "./types.ts";
import { type ByteThing, Pointer, Unknown, type Value } from "./value.ts";

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

export function loadBits(object: ByteThing, ref: Pointer, type: IntType, place: Place): Value {
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

export function storeBits(object: ByteThing, ref: Pointer, value: Value, place: Place): void {
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
