/** Lines joined by a backslash at their end (C11 5.1.1.2, phase 2), and what may hide them. */

export interface Joined {
  readonly text: string;
  /** Offsets in the joined text at which a line of the source ended, ascending. */
  readonly breaks: readonly number[];
}

/** Length of the line splice at `at` (where a backslash stands), 0 if it is none. */
export function spliceLength(text: string, at: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === 10) return 2;
  return next === 13 && text.charCodeAt(at + 2) === 10 ? 3 : 0;
}

/** The part of the text with its lines joined; null if it has no splice, which is the usual case. */
export function joinLines(text: string, start: number, end: number): Joined | null {
  // The search must not run past `end`: many small parts of a big text would cost the square of it.
  const part = text.slice(start, end);
  const pieces: string[] = [];
  const breaks: number[] = [];
  let from = 0;
  let length = 0;
  for (let at = part.indexOf("\\"); at >= 0; at = part.indexOf("\\", at + 1)) {
    const splice = spliceLength(part, at);
    if (splice === 0) continue;
    pieces.push(part.slice(from, at));
    length += at - from;
    breaks.push(length);
    from = at + splice;
  }
  if (breaks.length === 0) return null;
  pieces.push(part.slice(from));
  return { text: pieces.join(""), breaks };
}

/** The offset behind the literal whose quote stands at `at`; 0 if it does not end on its logical line. */
export function literalEnd(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) return i + 1;
    if (code === 10) return 0;
    if (code === 92) i += Math.max(spliceLength(text, i) - 1, 1);
  }
  return 0;
}

/** The offset of the newline that ends the logical line, or `end`. */
export function logicalLineEnd(text: string, at: number, end: number): number {
  let newline = text.indexOf("\n", at);
  while (newline >= 0 && newline < end) {
    const last = text.charCodeAt(newline - 1) === 13 ? newline - 2 : newline - 1;
    if (last < at || text.charCodeAt(last) !== 92) return newline;
    newline = text.indexOf("\n", newline + 1);
  }
  return end;
}

/** The offset behind the comment that starts at `at`; `at` if none starts there; `end` if it does not end. */
export function commentEnd(text: string, at: number, end: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === 47) return logicalLineEnd(text, at + 2, end);
  if (next !== 42) return at;
  const stop = text.indexOf("*/", at + 2);
  return stop < 0 || stop + 2 > end ? end : stop + 2;
}
