/**
 * Whether a word can stand in a text: most names stand in few files, and a filter made in one pass over a file
 * says no for nearly all the others. It may say yes for a word that is not there, never no for one that is.
 */
import { isIdentifierPart } from "./lexer.ts";

/** One bit for the hash of each word of a text; the number of bits is a power of two. */
export type WordFilter = Uint32Array;

/** Leaves about nine bits of ten clear in a file of the kernel. */
const CHARS_EACH_BIT = 2;
const LEAST_BITS = 512;
const MOST_BITS = 1 << 20;

/** 1 for characters of a word; beyond the table (no text has them) a character counts as one. */
const PARTS = Uint8Array.from({ length: 256 }, (_, code) => (isIdentifierPart(code) ? 1 : 0));

export function filterOf(text: string): WordFilter {
  let bits = LEAST_BITS;
  while (bits < MOST_BITS && bits * CHARS_EACH_BIT < text.length) bits *= 2;
  const filter = new Uint32Array(bits >> 5);
  let hash = 0;
  // wordHash() written out: before V8 optimises the loop, a call for each character would cost most of its time
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (PARTS[code] !== 0) hash = (Math.imul(hash, 31) + code) | 0;
    else if (hash !== 0) {
      add(filter, hash);
      hash = 0;
    }
  }
  add(filter, hash);
  return filter;
}

/** The hash of a word, to be asked of any number of filters. */
export function wordHash(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at++) hash = (Math.imul(hash, 31) + word.charCodeAt(at)) | 0;
  return hash;
}

export function mayHold(filter: WordFilter, hash: number): boolean {
  // 0 stands for no word in filterOf: a word with that hash is not in the filter
  return hash === 0 || ((filter[placeOf(filter, hash)] ?? 0) & (1 << hash)) !== 0;
}

function add(filter: WordFilter, hash: number): void {
  const place = placeOf(filter, hash);
  filter[place] = (filter[place] ?? 0) | (1 << hash);
}

/** The low five bits of a hash choose the bit, those above the word it stands in. */
function placeOf(filter: WordFilter, hash: number): number {
  return ((hash >>> 5) ^ (hash >>> 19)) & (filter.length - 1);
}
