/** Which names the macros that an item invokes could possibly make: names are whole tokens or tokens pasted. */
import type { Macro } from "./macro.ts";
import type { Token } from "./token.ts";

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
  const reached = new Array<boolean>(name.length + 1).fill(false);
  reached[0] = true;
  for (let from = 0; from < name.length; from++) {
    if (!reached[from]) continue;
    for (let to = from + 1; to <= name.length; to++) {
      const part = name.slice(from, to);
      if (pieces.has(part) || /^\d$/.test(part)) reached[to] = true;
    }
  }
  return reached[name.length] ?? false;
}
