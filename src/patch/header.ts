/** The header of one section: names, and what happens to the file as a whole. */
import type { ChangeKind } from "./diff.ts";
import { readGitNames, readName, stripPrefixes, type NamePair } from "./names.ts";

export interface Header extends NamePair {
  readonly change: ChangeKind;
  readonly binary: boolean;
}

/** An expected outcome: why a header cannot be used. */
export interface HeaderProblem {
  readonly problem: string;
}

/** diff(1) gives a file that does not exist this time, in whatever zone. */
const EPOCH = /\t(?:1970-01-01|1969-12-31) /;

/** Reads the header lines of a section that starts with `diff --git` or with `--- `. */
export function readHeader(lines: readonly string[]): Header | HeaderProblem {
  const first = lines[0] ?? "";
  return first.startsWith("diff --git ") ? readGitHeader(lines) : readPlainHeader(lines);
}

function valueOf(lines: readonly string[], ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const line = lines.find((candidate) => candidate.startsWith(key));
    if (line !== undefined) return line.slice(key.length);
  }
  return null;
}

function readPlainHeader(lines: readonly string[]): Header | HeaderProblem {
  const [oldLine = "", newLine = ""] = lines.map((line) => line.slice(4));
  const oldName = EPOCH.test(oldLine) ? "/dev/null" : readName(oldLine);
  const newName = EPOCH.test(newLine) ? "/dev/null" : readName(newLine);
  if (oldName === null || newName === null) return { problem: "a file name that cannot be read" };
  const names = stripPrefixes({ oldName, newName });
  if (names.oldName === null && names.newName === null) return { problem: "a diff of no file" };
  if (names.oldName === null) return { ...names, change: "add", binary: false };
  if (names.newName === null) return { ...names, change: "delete", binary: false };
  // `quilt` and `diff` name a backup of the same file on the old side: the new name is the file's.
  return { oldName: names.newName, newName: names.newName, change: "modify", binary: false };
}

function readGitHeader(lines: readonly string[]): Header | HeaderProblem {
  const binary = lines.some((line) => line === "GIT binary patch" || line.startsWith("Binary "));
  const kind = kindOf(lines);
  const names = kind === "rename" || kind === "copy" ? movedNames(lines) : gitNames(lines, kind);
  if (names === null) return { problem: "file names that are missing or contradict each other" };
  return { ...names, change: kind, binary };
}

function kindOf(lines: readonly string[]): ChangeKind {
  const has = (key: string): boolean => lines.some((line) => line.startsWith(key));
  if (has("new file mode ")) return "add";
  if (has("deleted file mode ")) return "delete";
  if (has("rename ")) return "rename";
  if (has("copy ")) return "copy";
  const content = has("index ") || has("--- ") || has("GIT binary ") || has("Binary ");
  return !content && has("new mode ") ? "mode" : "modify";
}

/** Names behind `rename from` have no prefix; `---` and `+++`, where there are any, must agree with them. */
function movedNames(lines: readonly string[]): NamePair | null {
  const oldText = valueOf(lines, "rename from ", "rename old ", "copy from ");
  const newText = valueOf(lines, "rename to ", "rename new ", "copy to ");
  if (oldText === null || newText === null) return null;
  const moved = { oldName: readName(oldText), newName: readName(newText) };
  if (moved.oldName === null || moved.newName === null) return null;
  return agrees(lines, moved) ? moved : null;
}

/** `diff --git` says both names, also of added and deleted files; `---` and `+++` say which is /dev/null. */
function gitNames(lines: readonly string[], kind: ChangeKind): NamePair | null {
  const pair = readGitNames((lines[0] ?? "").slice("diff --git ".length));
  if (pair === null) return null;
  const names = stripPrefixes(pair);
  if (names.oldName === null || names.oldName !== names.newName) return null;
  const wanted = {
    oldName: kind === "add" ? null : names.oldName,
    newName: kind === "delete" ? null : names.newName,
  };
  return agrees(lines, wanted) ? wanted : null;
}

function agrees(lines: readonly string[], names: NamePair): boolean {
  return sideAgrees(lines, "--- ", names.oldName) && sideAgrees(lines, "+++ ", names.newName);
}

function sideAgrees(lines: readonly string[], key: string, name: string | null): boolean {
  const found = lines.filter((line) => line.startsWith(key));
  if (found.length === 0) return true;
  const stated = readName((found[0] ?? "").slice(key.length));
  if (found.length > 1 || stated === null) return false;
  if (name === null) return stated === "/dev/null";
  return stated === name || stated.slice(stated.indexOf("/") + 1) === name;
}
