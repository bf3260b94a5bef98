/**
 * Patches that the tests derive from real kernels when they run: one edit each, from the ways a patch
 * looks like a change and is none, and the ways one looks harmless and is none.
 */
import type { DerivedPatch, Edit } from "./derived/types.ts";
import { ANSWERS } from "./derived/answers.ts";
import { CALLERS } from "./derived/callers.ts";
import { MOVES } from "./derived/moves.ts";
import { NEUTRAL } from "./derived/neutral.ts";
import { SETTERS } from "./derived/setters.ts";
import { TABLES } from "./derived/tables.ts";

export type { DerivedPatch, Edit, Expected } from "./derived/types.ts";

export const DERIVED_PATCHES: readonly DerivedPatch[] = [
  ...NEUTRAL,
  ...MOVES,
  ...TABLES,
  ...CALLERS,
  ...SETTERS,
  ...ANSWERS,
];

/**
 * The files that `edits` change, with their new text. `read` gives the text of a file before (byte
 * string) or undefined. Throws when a text to find does not stand in its file exactly once: then the
 * tree is not the one that the edit was written for.
 */
export function applyEdits(
  edits: readonly Edit[],
  read: (path: string) => string | undefined,
): Map<string, string> {
  const changed = new Map<string, string>();
  function current(path: string): string {
    const text = changed.get(path) ?? read(path);
    if (text === undefined) throw new Error(`${path}: not in the tree`);
    return text;
  }
  for (const edit of edits) {
    if ("create" in edit) {
      changed.set(edit.file, edit.create);
    } else if ("find" in edit) {
      changed.set(edit.file, replaceOnce(current(edit.file), edit.find, edit.replace, edit.file));
    } else {
      const text = current(edit.file);
      const start = indexOnce(text, edit.from, edit.file);
      const end = text.indexOf(edit.to, start);
      if (end < 0) throw new Error(`${edit.file}: no ${JSON.stringify(edit.to)} after the start`);
      const moved = text.slice(start, end + edit.to.length);
      changed.set(edit.file, text.slice(0, start) + text.slice(end + edit.to.length));
      const into = current(edit.into);
      changed.set(edit.into, replaceOnce(into, edit.before, moved + edit.before, edit.into));
    }
  }
  return changed;
}

function indexOnce(text: string, find: string, file: string): number {
  const at = text.indexOf(find);
  if (at < 0) throw new Error(`${file}: no ${JSON.stringify(find)}`);
  if (text.includes(find, at + 1)) throw new Error(`${file}: twice ${JSON.stringify(find)}`);
  return at;
}

function replaceOnce(text: string, find: string, replace: string, file: string): string {
  const at = indexOnce(text, find, file);
  return text.slice(0, at) + replace + text.slice(at + find.length);
}
