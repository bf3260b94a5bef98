/**
 * Answers to the public, kept in memory until anything changes in the store. They are used only while the stream of
 * changes is being read; ages that pages show are right to a minute.
 */
import type { Answer } from "./answer.ts";

const ENTRIES_MAX = 1000;
const BYTES_MAX = 64 * 1024 * 1024;
const LIFE_MS = 60_000;
const KEY_MAX = 1000;

/** An answer as it was sent before, with all its headers but those of one request. */
export interface Sent {
  readonly answer: Answer;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** The body as a byte string: node writes it together with the headers. */
  readonly text: string;
}

interface Entry {
  readonly made: Promise<Answer>;
  readonly at: number;
  sent: Sent | null;
}

export interface AnswerCache {
  /** The answer under a key, made at most once at a time. */
  readonly get: (key: string, make: () => Promise<Answer>) => Promise<Answer>;
  /** Keeps how the answer under a key was sent. */
  readonly noteSent: (key: string, sent: Sent) => void;
  /** What was sent for a key and is still right; null: ask the handler. */
  readonly sent: (key: string) => Sent | null;
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
  const find = (key: string) => {
    const entry = isFresh() ? entries.get(key) : undefined;
    return entry !== undefined && now() - entry.at < LIFE_MS ? entry : null;
  };
  const make = async (key: string, answer: Promise<Answer>) => {
    const entry: Entry = { made: answer, at: now(), sent: null };
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
      return find(key)?.made ?? make(key, makeAnswer());
    },
    noteSent: (key, sent) => {
      const entry = find(key);
      // Meanwhile another answer may stand there.
      if (entry !== null)
        void entry.made.then((answer) => (entry.sent = answer === sent.answer ? sent : null));
    },
    sent: (key) => find(key)?.sent ?? null,
    clear,
  };
}
