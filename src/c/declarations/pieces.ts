/** Which names the macros that an item invokes could possibly make: names are whole tokens or tokens pasted. */
import type { Macro } from "../preprocess/macro.ts";
import type { Token } from "../text/token.ts";

/** The texts a made name can consist of. */
export type Pieces = ReadonlySet<string>;

const MOST_MACROS = 2000;

/** All words of the tokens and of the bodies of macros they name, and so on. */
export function collectPieces(
  words: Iterable<string>,
  macrosOf: (name: string) => readonly Macro[],
): Pieces | null {
  const pieces = new Set<string>();
  const open = [...words];
  let macros = 0;
  for (let word = open.pop(); word !== undefined; word = open.pop()) {
    if (pieces.has(word)) continue;
    pieces.add(word);
    for (const macro of macrosOf(word)) {
      if (++macros > MOST_MACROS) return null;
      for (const { token } of macro.body) if (isWord(token)) open.push(token.text);
    }
  }
  return pieces;
}

function isWord({ kind }: Token): boolean {
  return kind === "identifier" || kind === "number";
}

/** Whether the name is made of pieces laid end to end; digits may come from __COUNTER__ and __LINE__. */
export function consistsOf(name: string, pieces: Pieces): boolean {
  if (pieces.size === 0) return false;
  const reached = new Set([0]);
  for (const from of reached) {
    if (from === name.length) return true;
    for (const piece of pieces) if (name.startsWith(piece, from)) reached.add(from + piece.length);
    if (isDigit(name.charCodeAt(from))) reached.add(from + 1);
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
