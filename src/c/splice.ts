/** Lines joined by a backslash at their end (C11 5.1.1.2, phase 2). */

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
