/**
 * The latest candidates of a scan: wide enough for the parts of a series to meet, and no wider, so that memory
 * does not grow with the archive.
 */
import { Arena, type Slot } from "./arena.ts";
import type { Candidate } from "./candidate.ts";

/** Mails of the window, and bytes: whatever is reached first. */
const WINDOW_MAILS = 1000;
const WINDOW_BYTES = 6 * 1024 * 1024;

interface Kept extends Omit<Candidate, "bytes"> {
  readonly slot: Slot;
}

/** The latest candidates, by what may connect them. */
export class Window {
  readonly #arena = new Arena(WINDOW_BYTES);
  readonly #kept = new Map<string, Kept>();
  readonly #groups = new Map<number, Kept[]>();

  /** Takes a candidate in, each id once; false when older ones have to be taken out first. */
  add({ key, groups, concerns, bytes }: Candidate): boolean {
    if (this.#kept.has(key)) return true;
    const slot = this.#kept.size < WINDOW_MAILS ? this.#arena.keep(bytes) : null;
    if (slot === null) return false;
    const kept = { key, groups, concerns, slot };
    this.#kept.set(key, kept);
    for (const group of groups) {
      const members = this.#groups.get(group);
      if (members) members.push(kept);
      else this.#groups.set(group, [kept]);
    }
    return true;
  }

  isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  /** The oldest mail's whole thread, forgotten here; its bytes hold until the next one is added. */
  takeOldest(): Candidate[] {
    const [oldest] = this.#kept.values();
    if (oldest === undefined) return [];
    const taken = this.#connected(oldest);
    for (const one of taken) this.#remove(one);
    return taken.map(({ slot, ...one }) => ({ ...one, bytes: this.#arena.bytesOf(slot) }));
  }

  #connected(start: Kept): Kept[] {
    const found = new Set([start]);
    const asked = new Set<number>();
    for (const next of found) {
      for (const group of next.groups) {
        if (asked.has(group)) continue;
        asked.add(group);
        for (const other of this.#groups.get(group) ?? []) found.add(other);
      }
    }
    return [...found];
  }

  /** A thread is taken whole, so that its groups have no other members. */
  #remove({ key, groups, slot }: Kept): void {
    this.#kept.delete(key);
    this.#arena.release(slot);
    for (const group of groups) this.#groups.delete(group);
  }
}
