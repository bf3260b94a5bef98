/**
 * Answers to the public, kept in memory until anything changes in the store. It is used only while the stream of
 * changes is being read; ages that pages show are right to a minute.
 */
import type { Answer } from "./answer.ts";

const ENTRIES_MAX = 1000;
const BYTES_MAX = 64 * 1024 * 1024;
const LIFE_MS = 60_000;
const KEY_MAX = 1000;

interface Entry {
  readonly made: Promise<Answer>;
  readonly at: number;
}

export interface AnswerCache {
  /** The answer under a key, made at most once at a time. */
  readonly get: (key: string, make: () => Promise<Answer>) => Promise<Answer>;
  readonly clear: () => void;
}

/** `isFresh`: whether every change up to now would have been heard of. */
export function createCache(now: () => number, isFresh: () => boolean): AnswerCache {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const clear = () => {
    entries.clear();
    bytes = 0;
  };
  const make = async (key: string, answer: Promise<Answer>) => {
    const entry = { made: answer, at: now() };
    if (entries.size >= ENTRIES_MAX || bytes > BYTES_MAX) clear();
    entries.set(key, entry);
    try {
      bytes += (await answer).body.length;
      return await answer;
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key);
      throw error;
    }
  };
  return {
    get: (key, makeAnswer) => {
      if (key.length > KEY_MAX || !isFresh()) return makeAnswer();
      const known = entries.get(key);
      if (known !== undefined && now() - known.at < LIFE_MS) return known.made;
      return make(key, makeAnswer());
    },
    clear,
  };
}
