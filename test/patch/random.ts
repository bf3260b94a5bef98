/** Seeded generation of texts and edits; the seed of a failing run is in its message. */

export type Random = (below: number) => number;

/** mulberry32: small, seedable, good enough to vary test input. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random(rest.length), 1)[0] as T);
}

/** Lines of C-like text; few different ones, so that a hunk fits in several places. */
function randomLine(random: Random): string {
  const words = ["", "}", "\treturn 0;", "{", "\tint i;", "\tfoo(vcpu);", "-- ", "--- a/x", "+", " ", "\\"];
  return random(3) === 0 ? (words[random(words.length)] ?? "") : `\tline ${random(30)};`;
}

/** A text of up to `max` lines, sometimes without the last LF, sometimes with bytes beyond ASCII. */
export function randomText(random: Random, max: number): string {
  const lines = Array.from({ length: random(max) }, () => randomLine(random));
  if (random(5) === 0) lines.push("\t/* \xc3\xa4 \xff */");
  return joinLines(random, lines);
}

function joinLines(random: Random, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const text = lines.join("\n");
  return random(4) === 0 && !text.endsWith("\n") && text !== "" ? text : `${text}\n`;
}

/** A few lines inserted, removed or replaced. */
export function randomEdit(random: Random, text: string, edits = 1 + random(4)): string {
  const lines = text.replace(/\n$/, "").split("\n");
  for (let edit = 0; edit < edits; edit++) {
    const added = Array.from({ length: random(3) }, () => randomLine(random));
    lines.splice(random(lines.length + 1), random(3), ...added);
  }
  return joinLines(random, lines);
}

/** The seed of this run: AVICBOT_SEED, or another one each day. */
export function runSeed(): number {
  return Number(process.env["AVICBOT_SEED"] ?? Math.floor(Date.now() / 86_400_000));
}
