/**
 * The shape of a parsed diff. All text is a byte string: one char (0..255) a byte, so that hunks and blob
 * ids are exact whatever the encoding of the file.
 */

/** What a section of a diff does to its file as a whole. */
export type ChangeKind = "modify" | "add" | "delete" | "rename" | "copy" | "mode";

export interface Hunk {
  /** Line of the `@@` in the patch text, counted from 1. */
  readonly line: number;
  /** First line in the old file, counted from 1; 0 when the hunk has no old lines. */
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** ` `, `+` or `-` and then the line, without its LF. */
  readonly lines: readonly string[];
  /** The last old (new) line of the hunk is the end of the file and has no LF. */
  readonly oldEndsWithoutLf: boolean;
  readonly newEndsWithoutLf: boolean;
}

export interface FileChange {
  /** null for a file that did not exist. Relative to the top of the tree, checked: it does not climb out. */
  readonly oldPath: string | null;
  /** null for a file that exists no more. */
  readonly newPath: string | null;
  readonly change: ChangeKind;
  /** Blob id of the `index` line, 7 to 64 lower-case hex digits, maybe abbreviated; null: not stated or no file. */
  readonly oldBlob: string | null;
  readonly newBlob: string | null;
  /** Six octal digits, null when not stated. */
  readonly oldMode: string | null;
  readonly newMode: string | null;
  /** `GIT binary patch` or `Binary files differ`: there are no hunks and there will be none. */
  readonly binary: boolean;
  readonly hunks: readonly Hunk[];
}

/**
 * - `damaged`: the diff contradicts itself: a hunk shorter or longer than it says, a header cut off
 * - `combined`: a diff of a merge (`diff --cc`), which cannot be applied
 * - `unsafe-path`: a name that is absolute, climbs out of the tree or hides in .git
 * - `too-large`: over the limits of what is read
 */
export type PatchProblemCode = "damaged" | "combined" | "unsafe-path" | "too-large";

export interface PatchProblem {
  readonly code: PatchProblemCode;
  /** Line in the patch text, counted from 1. */
  readonly line: number;
  readonly text: string;
}

export interface ParsedDiff {
  readonly files: readonly FileChange[];
  /** A diff with a problem must not be applied; its `files` still say what it touches. */
  readonly problems: readonly PatchProblem[];
}

/** Every path the changes read or write, sorted, without duplicates. */
export function touchedPaths(files: readonly FileChange[]): string[] {
  const paths = files.flatMap((file) => [file.oldPath, file.newPath]);
  return [...new Set(paths.filter((path) => path !== null))].sort();
}
