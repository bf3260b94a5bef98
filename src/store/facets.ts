/**
 * What a series is found by in lists: facets (state, verdict, author, list) and words, and the orders lists have.
 * These keys are changed together with the record, so that a list never shows what the record does not say.
 */
import { hashOf, key, singleKey } from "./keys.ts";
import type { Db } from "./record.ts";
import type { Write } from "./transact.ts";

export type Facet = "state" | "verdict" | "author" | "list" | "word";

/** What lists know of a series. */
export interface Listed {
  readonly key: string;
  readonly state: string;
  readonly verdict: string | null;
  readonly author: { readonly name: string; readonly address: string };
  /** List ids, `kvm.vger.kernel.org`. */
  readonly lists: readonly string[];
  /** Title of the series and of its parts. */
  readonly titles: readonly string[];
  /** Milliseconds since the epoch: when it was sent, when something last happened to it. */
  readonly date: number;
  readonly activity: number;
  readonly changedCells: number;
  /** Shown to nobody without a token. */
  readonly hidden: boolean;
}

const WORDS_MAX = 120;
const WORD_LENGTH_MAX = 40;

/** Lower-case words of letters, digits and underscores, each once. */
export function wordsOf(text: string, limit = WORDS_MAX): string[] {
  const words = new Set<string>();
  for (const [word] of text
    .slice(0, 20_000)
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}_]+/gu)) {
    if (words.size >= limit) break;
    words.add(word.slice(0, WORD_LENGTH_MAX));
  }
  return [...words];
}

export function facetKey(facet: Facet, value: string): string {
  return key("index", hashOf(`${facet} ${value.toLowerCase()}`));
}

function ownWords({ titles, author }: Listed): string[] {
  return wordsOf([author.name, author.address, ...titles].join(" "));
}

function facetKeys(one: Listed): Set<string> {
  const { author } = one;
  const authors = [author.address, author.name, ...wordsOf(`${author.name} ${author.address}`, 20)];
  return new Set([
    facetKey("state", one.state),
    ...(one.verdict === null ? [] : [facetKey("verdict", one.verdict)]),
    ...authors.map((value) => facetKey("author", value)),
    ...one.lists.map((value) => facetKey("list", value)),
    ...ownWords(one).map((word) => facetKey("word", word)),
  ]);
}

const ORDER_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** A number that orders names by their first nine letters and digits. */
function nameScore(name: string): number {
  const letters = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
  return [...letters.slice(0, 9).padEnd(9, "0")].reduce(
    (score, letter) => score * 36 + ORDER_DIGITS.indexOf(letter),
    0,
  );
}

/** Writes that make the lists say of a series what `next` says; `former` is what they said before. */
export function listingWrites(next: Listed, former: Listed | null): Write[] {
  const before = former === null ? new Set<string>() : facetKeys(former);
  const now = facetKeys(next);
  const words =
    former === null ? ownWords(next) : ownWords(next).filter((w) => !before.has(facetKey("word", w)));
  return [
    ...[...before].filter((name) => !now.has(name)).map((name): Write => ["SREM", name, next.key]),
    ...[...now].filter((name) => !before.has(name)).map((name): Write => ["SADD", name, next.key]),
    ...words.map((word): Write => ["ZADD", singleKey("words"), 0, word]),
    ["ZADD", singleKey("by-date"), next.date, next.key],
    ["ZADD", singleKey("by-activity"), next.activity, next.key],
    ["ZADD", singleKey("by-author"), nameScore(next.author.name || next.author.address), next.key],
    ["ZADD", singleKey("by-changes"), next.changedCells, next.key],
    [next.hidden ? "SADD" : "SREM", singleKey("hidden"), next.key],
  ];
}

/** Writes that take a series out of every list. */
export function listingRemoval(former: Listed): Write[] {
  const orders = (["by-date", "by-activity", "by-author", "by-changes"] as const).map((name): Write => [
    "ZREM",
    singleKey(name),
    former.key,
  ]);
  return [
    ...[...facetKeys(former)].map((name): Write => ["SREM", name, former.key]),
    ...orders,
    ["SREM", singleKey("hidden"), former.key],
  ];
}

/** KEYS: all words, then the index of each. ARGV: the words. A word comes and goes with its index in one step. */
const DROP_UNUSED = `
for i, word in ipairs(ARGV) do
  if redis.call('EXISTS', KEYS[i + 1]) == 0 then redis.call('ZREM', KEYS[1], word) end
end`;

const PAGE = 500;

/** Forgets the words that no series has any more. */
export async function dropUnusedWords({ redis }: Db): Promise<void> {
  const all = singleKey("words");
  for (let after = "-"; ;) {
    const words = await redis.zrangebylex(all, after, "+", "LIMIT", 0, PAGE);
    const indexes = words.map((word) => facetKey("word", word));
    await redis.eval(DROP_UNUSED, words.length + 1, all, ...indexes, ...words);
    if (words.length < PAGE) return;
    after = `(${words.at(-1)}`;
  }
}
