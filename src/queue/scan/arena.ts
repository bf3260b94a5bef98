/**
 * Room of a fixed size for byte strings that come and go in about the order in which they came. Buffers of their
 * own would be freed much later than they are let go: with a whole archive of them, memory grows and grows.
 */

/** A place in the arena; its bytes hold until something is kept after it was released. */
export interface Slot {
  readonly start: number;
  readonly end: number;
  /** Bytes that are too large for the ring. */
  readonly outside: Uint8Array | null;
  released: boolean;
}

export class Arena {
  readonly #ring: Buffer;
  /** In the order of their places; the first is never released. */
  readonly #slots: Slot[] = [];
  #first = 0;
  #next = 0;

  constructor(size: number) {
    this.#ring = Buffer.allocUnsafeSlow(size);
  }

  /** A copy of the bytes; null when older ones have to be released first. */
  keep(bytes: Uint8Array): Slot | null {
    if (bytes.length > this.#ring.length / 4)
      return { start: 0, end: 0, outside: Buffer.from(bytes), released: false };
    const start = this.#startOf(bytes.length);
    if (start < 0) return null;
    this.#ring.set(bytes, start);
    const slot = { start, end: start + bytes.length, outside: null, released: false };
    this.#slots.push(slot);
    this.#next = slot.end;
    return slot;
  }

  bytesOf({ start, end, outside }: Slot): Uint8Array {
    return outside ?? this.#ring.subarray(start, end);
  }

  release(slot: Slot): void {
    slot.released = true;
    while (this.#slots[0]?.released) this.#first = this.#slots.shift()?.end ?? 0;
  }

  /** Where that many bytes fit between the newest slot and the oldest; -1 if nowhere. */
  #startOf(length: number): number {
    const { length: size } = this.#ring;
    if (this.#slots.length === 0) return length <= size - this.#next ? this.#next : 0;
    if (this.#next <= this.#first) return this.#next + length < this.#first ? this.#next : -1;
    if (this.#next + length <= size) return this.#next;
    return length < this.#first ? 0 : -1;
  }
}
