/**
 * Objects addressed by bytes, each bit known or not. What has no bits to show (pointers, functions,
 * unknown values) is kept beside the bytes as a slot, so that reading it back gives the same again.
 */
import type { Place } from "../parse/ast.ts";
import { describeAt } from "./describe.ts";
import type { CType } from "./types.ts";
import {
  type Background,
  type Boxed,
  type ByteThing,
  outside,
  type Owner,
  type Pointer,
  poison,
  StopSignal,
  Unknown,
  type Value,
  type WriteEvent,
} from "./value.ts";

export const ZERO: Background = { kind: "zero" };
export const OUTSIDE: Background = { kind: "outside", code: "outside", suffix: "" };
export const UNINITIALISED: Background = {
  kind: "poison",
  code: "uninitialised",
  reason: "an uninitialised value",
};

interface Slot {
  readonly size: number;
  readonly value: Pointer | Unknown | Exclude<Value, number | bigint | Boxed>;
}

/** Objects whose extent is not known grow to this many bytes and no further. */
export const GROWTH_LIMIT = 1 << 16;

export interface ByteObjectOptions {
  readonly name: string;
  /** null: raw bytes. */
  readonly type: CType | null;
  readonly size: number;
  readonly background: Background;
  /** The extent is not known: it grows as it is touched. */
  readonly growable?: boolean;
  readonly readonly?: boolean;
  readonly owner?: Owner | null;
}

const NOTHING = new Uint8Array(0);
/** Bytes that a slot may begin before what it overlaps: the largest has 16. */
const SLOT_REACH = 15;
/** Bytes or slots that are looked at one by one in the time of a step. */
const LOOKS_PER_STEP = 8;

export class ByteObject implements ByteThing {
  readonly kind = "bytes";
  readonly name: string;
  readonly type: CType | null;
  readonly growable: boolean;
  readonly owner: Owner | null;
  size: number;
  background: Background;
  readonly: boolean;
  alive = true;
  watch: ((event: WriteEvent) => void) | null = null;
  /** Made when the first byte is written or zero: objects from outside are often only read once. */
  private data: Uint8Array = NOTHING;
  /** A bit for each bit of `data`; empty as long as all are known. */
  private known: Uint8Array = NOTHING;
  private lazyView: DataView | null = null;
  private slots: Map<number, Slot> | null = null;
  /** Every bit of every byte is known: the common case needs no look at `known`. */
  private whole: boolean;

  constructor(options: ByteObjectOptions) {
    this.name = options.name;
    this.type = options.type;
    this.size = options.size;
    this.background = options.background;
    this.growable = options.growable ?? false;
    this.readonly = options.readonly ?? false;
    this.owner = options.owner ?? null;
    this.whole = options.background.kind === "zero";
    if (this.whole) this.materialise();
  }

  private materialise(): void {
    if (this.data.length === this.size) return;
    this.data = new Uint8Array(this.size);
    if (!this.whole) this.known = new Uint8Array(this.size);
  }

  private get view(): DataView {
    return (this.lazyView ??= new DataView(this.data.buffer));
  }

  /** From here on not every bit is known. */
  private lose(): void {
    if (!this.whole) return;
    this.whole = false;
    this.known = new Uint8Array(this.size).fill(0xff);
  }

  /** Makes room up to `end` where the extent is open; false where the object ends before. */
  reach(offset: number, end: number): boolean {
    if (offset < 0) return false;
    if (end <= this.size) return true;
    if (!this.growable || end > GROWTH_LIMIT) return false;
    this.grow(Math.min(GROWTH_LIMIT, Math.max(end, this.size * 2)));
    return true;
  }

  private grow(size: number): void {
    if (this.data.length === 0) {
      this.size = size;
      if (this.whole) this.materialise();
      return;
    }
    const before = this.size;
    if (this.background.kind !== "zero") this.lose();
    const { data, known } = this;
    this.size = size;
    this.data = new Uint8Array(size);
    this.data.set(data);
    this.lazyView = null;
    if (this.whole) return;
    this.known = new Uint8Array(size);
    this.known.set(known);
    if (this.background.kind === "zero") this.known.fill(0xff, before);
  }

  /** The integer at an offset: signed or not, as asked; Unknown where bits are missing. */
  readInteger(offset: number, size: number, signed: boolean, place: Place): Value {
    if (!this.whole) {
      const partial = this.readPartial(offset, size, place);
      if (partial !== null) return partial;
    }
    switch (size) {
      case 1:
        return signed ? this.view.getInt8(offset) : (this.data[offset] ?? 0);
      case 2:
        return signed ? this.view.getInt16(offset, true) : this.view.getUint16(offset, true);
      case 4:
        return signed ? this.view.getInt32(offset, true) : this.view.getUint32(offset, true);
      case 8:
        return signed ? this.view.getBigInt64(offset, true) : this.view.getBigUint64(offset, true);
      default:
        return this.readLong(offset, signed);
    }
  }

  private readLong(offset: number, signed: boolean): bigint {
    const low = this.view.getBigUint64(offset, true);
    const high = this.view.getBigUint64(offset + 8, true);
    const value = (high << 64n) | low;
    return signed ? BigInt.asIntN(128, value) : value;
  }

  /** null where every bit is known. */
  private readPartial(offset: number, size: number, place: Place): Value | null {
    if (this.data.length === 0) return this.unknownAt(offset, size, place);
    const slot = this.slots?.get(offset);
    if (slot?.size === size) return slot.value;
    let value = 0n;
    let mask = 0n;
    let missing = false;
    for (let i = size - 1; i >= 0; i--) {
      const known = this.known[offset + i] ?? 0;
      if (known !== 0xff) missing = true;
      mask = (mask << 8n) | BigInt(known);
      value = (value << 8n) | BigInt((this.data[offset + i] ?? 0) & known);
    }
    if (!missing) return null;
    const unknown = this.unknownAt(offset, size, place);
    return mask === 0n ? unknown : unknown.with(unknown.text, { mask, value });
  }

  /** What stands for the unknown bits there. */
  unknownAt(offset: number, size: number, place: Place): Unknown {
    const slot = this.overlapping(offset, size);
    if (slot?.value instanceof Unknown && slot.value.poison) return slot.value;
    const { background } = this;
    const path = this.path(offset, size);
    if (slot === null && background.kind === "poison") {
      return poison(background.code, `${background.reason}: ${path}`, place);
    }
    const suffix = background.kind === "outside" ? background.suffix : "";
    return outside(`${path}${suffix}`, place, background.kind === "outside" ? background.code : "outside");
  }

  private overlapping(offset: number, size: number): Slot | null {
    if (this.slots === null) return null;
    for (let at = offset - SLOT_REACH; at < offset + size; at++) {
      const slot = this.slots.get(at);
      if (slot !== undefined && offset < at + slot.size) return slot;
    }
    return null;
  }

  path(offset: number, size: number): string {
    return this.name + describeAt(this.type, offset, size);
  }

  /** Writes an integer's low `size` bytes. */
  writeInteger(offset: number, size: number, value: number | bigint): void {
    if (this.data.length === 0) this.materialise();
    const before = this.watch === null ? null : this.snapshot(offset, size);
    if (this.slots !== null) this.dropSlots(offset, size);
    this.put(offset, size, value);
    if (!this.whole) this.known.fill(0xff, offset, offset + size);
    if (before !== null) this.tell(offset, size, before);
  }

  private put(offset: number, size: number, value: number | bigint): void {
    switch (size) {
      case 1:
        this.data[offset] = Number(value);
        return;
      case 2:
        this.view.setUint16(offset, Number(value), true);
        return;
      case 4:
        this.view.setUint32(offset, Number(value), true);
        return;
      default:
        this.putBytes(offset, size, BigInt(value));
    }
  }

  private putBytes(offset: number, size: number, value: bigint): void {
    if (size === 8) {
      this.view.setBigUint64(offset, BigInt.asUintN(64, value), true);
      return;
    }
    for (let i = 0; i < size; i++) this.data[offset + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  /** Writes a pointer, a function, or an unknown value with the bits that are known of it. */
  writeOpaque(offset: number, size: number, value: Slot["value"]): void {
    if (this.data.length === 0) this.materialise();
    const before = this.watch === null ? null : this.snapshot(offset, size);
    // Slots do not overlap: one that is replaced as a whole is the only one there.
    if (this.slots?.get(offset)?.size !== size) this.dropSlots(offset, size);
    this.lose();
    const bits = value instanceof Unknown ? value.bits : null;
    if (bits === null || bits.mask === 0n) {
      this.data.fill(0, offset, offset + size);
      this.known.fill(0, offset, offset + size);
    } else {
      this.putBytes(offset, size, bits.value);
      for (let i = 0; i < size; i++) this.known[offset + i] = Number((bits.mask >> BigInt(8 * i)) & 0xffn);
    }
    this.slots ??= new Map();
    this.slots.set(offset, { size, value });
    if (before !== null) this.tell(offset, size, before);
  }

  /** Writes a byte of which only the bits in `mask` are known; the others keep the object's name. */
  writeBits(offset: number, bits: { mask: bigint; value: bigint }): void {
    const unknown = this.unknownAt(offset, 1, { file: "", line: 0 });
    this.writeOpaque(offset, 1, unknown.with(unknown.text, bits));
  }

  private dropSlots(offset: number, size: number): void {
    if (this.slots === null || this.slots.size === 0) return;
    if (size > this.slots.size) {
      for (const [at, slot] of this.slots)
        if (at < offset + size && offset < at + slot.size) this.slots.delete(at);
      return;
    }
    for (let at = offset - SLOT_REACH; at < offset + size; at++) {
      const slot = this.slots.get(at);
      if (slot !== undefined && at + slot.size > offset) this.slots.delete(at);
    }
  }

  /** Forgets everything, as after a function that nobody knows got the address. */
  forget(why: Background): void {
    const before = this.watch === null ? null : this.snapshot(0, this.size);
    this.background = why;
    this.slots = null;
    this.lose();
    this.known.fill(0);
    if (before !== null) this.tell(0, this.size, before);
  }

  /** Copies bytes, their knowledge and whole slots from another object (or from itself); gives its cost in steps. */
  copyFrom(source: ByteObject, range: { from: number; to: number; size: number }): number {
    const { from, to, size } = range;
    this.materialise();
    source.materialise();
    const before = this.watch === null ? null : this.snapshot(to, size);
    const slots = source.slotsWithin(from, size);
    const looked = (source.whole ? 0 : size) + Math.min(size, source.slots?.size ?? 0);
    const holes = source.whole ? [] : source.unknownRuns(from, size);
    this.dropSlots(to, size);
    if (!source.whole) this.lose();
    const known = source.whole ? null : source.known.slice(from, from + size);
    this.data.set(source.data.slice(from, from + size), to);
    if (known !== null) this.known.set(known, to);
    else if (!this.whole) this.known.fill(0xff, to, to + size);
    for (const hole of holes) this.nameHole(source, hole.offset, to + hole.offset - from, hole.size);
    for (const [at, slot] of slots) {
      this.slots ??= new Map();
      this.slots.set(at - from + to, slot);
    }
    if (before !== null) this.tell(to, size, before);
    return 2 * (holes.length + slots.length) + looked / LOOKS_PER_STEP;
  }

  /** Those that lie there as a whole, by their offset. */
  private slotsWithin(from: number, size: number): [number, Slot][] {
    if (this.slots === null) return [];
    const isWithin = ([at, slot]: [number, Slot]) => at >= from && at + slot.size <= from + size;
    if (size > this.slots.size) return [...this.slots].filter(isWithin);
    const found: [number, Slot][] = [];
    for (let at = from; at < from + size; at++) {
      const slot = this.slots.get(at);
      if (slot !== undefined && isWithin([at, slot])) found.push([at, slot]);
    }
    return found;
  }

  /** Unknown bytes keep the name of where they come from, in pieces of a natural size. */
  private nameHole(source: ByteObject, from: number, to: number, size: number): void {
    const value = source.unknownAt(from, size, { file: "", line: 0 });
    this.slots ??= new Map();
    this.slots.set(to, { size, value });
  }

  /** Aligned pieces of up to 8 bytes that have no known bit and no slot. */
  private unknownRuns(from: number, size: number): { offset: number; size: number }[] {
    const runs: { offset: number; size: number }[] = [];
    for (let at = from; at < from + size;) {
      let piece = 8;
      while (piece > 1 && (at % piece !== 0 || at + piece > from + size || !this.blank(at, piece)))
        piece /= 2;
      if (this.blank(at, piece) && this.overlapping(at, piece) === null)
        runs.push({ offset: at, size: piece });
      at += piece;
    }
    return runs;
  }

  private blank(offset: number, size: number): boolean {
    for (let i = offset; i < offset + size; i++) if (this.known[i] !== 0) return false;
    return true;
  }

  /** Bytes as numbers; null where a bit is unknown. */
  snapshot(offset: number, size: number): (number | null)[] {
    const bytes: (number | null)[] = [];
    for (let i = offset; i < offset + size; i++) {
      bytes.push(this.whole || this.known[i] === 0xff ? (this.data[i] ?? null) : null);
    }
    return bytes;
  }

  /** The byte's value and which of its bits are known. */
  byteAt(offset: number): { value: number; known: number } {
    const known = this.whole ? 0xff : (this.known[offset] ?? 0);
    return { value: (this.data[offset] ?? 0) & known, known };
  }

  fill(byte: number, offset = 0, size = this.size): void {
    this.materialise();
    const before = this.watch === null ? null : this.snapshot(offset, size);
    this.dropSlots(offset, size);
    this.data.fill(byte, offset, offset + size);
    if (!this.whole) this.known.fill(0xff, offset, offset + size);
    if (offset === 0 && size === this.size) this.whole = true;
    if (before !== null) this.tell(offset, size, before);
  }

  private tell(offset: number, size: number, before: (number | null)[]): void {
    this.watch?.({ offset, size, before, after: this.snapshot(offset, size) });
  }
}

/** Refuses an access to a dead or read-only object or beyond its end. */
export function checkWrite(object: ByteThing, offset: number, size: number, place: Place): void {
  if (!object.alive)
    throw new StopSignal("invalid-pointer", `write to ${object.name}, whose life is over`, place);
  if (object.readonly) throw new StopSignal("invalid-pointer", `write to const ${object.name}`, place);
  if (!object.reach(offset, offset + size)) {
    throw new StopSignal(
      "out-of-bounds",
      `write beyond ${object.name} (byte ${offset} of ${object.size})`,
      place,
    );
  }
}

/** Why an access cannot be read; null if it can. */
export function checkRead(object: ByteThing, offset: number, size: number, place: Place): Unknown | null {
  if (!object.alive) return poison("invalid-pointer", `read of ${object.name}, whose life is over`, place);
  if (object.reach(offset, offset + size)) return null;
  return poison("out-of-bounds", `read beyond ${object.name} (byte ${offset} of ${object.size})`, place);
}
