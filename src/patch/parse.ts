/**
 * Reads the diffs of a patch mail. parse-diff reads each section; the splitting before it, and the checks
 * and names around it, are ours, for parse-diff believes whatever a mail says.
 */
import readWithLibrary from "parse-diff";
import { hasBlobId, statedBlobId } from "./blob.ts";
import type { FileChange, Hunk, ParsedDiff, PatchProblem } from "./diff.ts";
import { readHeader, type Header } from "./header.ts";
import { isSafePath, readGitNames } from "./names.ts";
import { MAX_PROBLEMS, NO_LF, splitSections, type RawHunk, type RawSection } from "./sections.ts";

/** Chars of one patch text, and files and hunks in it: more than any patch on a list has. */
export const PATCH_LIMITS = { chars: 32 * 1024 * 1024, files: 10_000, hunks: 50_000 };

/** What the headers of a text's diffs say, for who has nothing to apply them to. */
export interface DiffOutline {
  /** Every path the changes read or write, sorted, without duplicates. */
  readonly paths: readonly string[];
  readonly problems: readonly PatchProblem[];
}

/**
 * Reads headers and counts hunk lines, but does not look into the hunks: several times as fast as `parseDiff`.
 * Finds the same paths, and of the problems those of headers and of hunks that are too short or too long.
 */
export function outlineDiff(patchText: string, limits = PATCH_LIMITS): DiffOutline {
  const { sections, problems } = splitSections(patchText, limits);
  const heads = sections.filter((section) => !isProse(section)).map(readHead);
  const paths = heads.flatMap((head) => ("oldName" in head ? [head.oldName, head.newName] : []));
  return {
    paths: [...new Set(paths.filter((path) => path !== null))].sort(),
    problems: inOrder([...problems, ...heads.flatMap((head) => ("oldName" in head ? [] : [head]))]),
  };
}

function inOrder(problems: readonly PatchProblem[]): PatchProblem[] {
  return [...problems].sort((a, b) => a.line - b.line).slice(0, MAX_PROBLEMS);
}

type Section = Readonly<{ file: FileChange | null; problem: PatchProblem | null }>;

/**
 * All file changes in a text in its order: diffs of git and of quilt, with prose, diffstat and signature
 * around them. A quoted diff (`> diff --git`) is prose. Never throws: what is wrong is in `problems`.
 */
export function parseDiff(patchText: string, limits = PATCH_LIMITS): ParsedDiff {
  const { sections, problems } = splitSections(patchText, limits);
  const read = sections.map(readSection);
  const found = read.map((section) => section.problem).filter((problem) => problem !== null);
  return {
    files: read.map((section) => section.file).filter((file) => file !== null),
    problems: inOrder([...problems, ...found]),
  };
}

function readSection(section: RawSection): Section {
  if (isProse(section)) return { file: null, problem: null };
  const head = readHead(section);
  if (!("oldName" in head)) return { file: null, problem: head };
  const file = readFile(section, head);
  if (file === null) return { file, problem: damage(section, "two ways of reading it disagree") };
  const wrong = contradiction(file);
  return { file, problem: wrong === null ? null : damage(section, wrong) };
}

/** The header of a section, or why it cannot be used. */
function readHead(section: RawSection): Header | PatchProblem {
  const header = readHeader(section.header);
  if ("problem" in header) return damage(section, header.problem);
  const unsafe = [header.oldName, header.newName].find((name) => name !== null && !isSafePath(name));
  if (unsafe === undefined) return header;
  const text = `the path ${JSON.stringify(unsafe)} is not inside the tree`;
  return { code: "unsafe-path", line: section.line, text };
}

function damage(section: RawSection, text: string): PatchProblem {
  return { code: "damaged", line: section.line, text };
}

/** A sentence that begins with `diff --git`: no two names, no header, no hunk. */
function isProse(section: RawSection): boolean {
  const alone = section.header.length === 1 && section.hunks.length === 0;
  return alone && readGitNames((section.header[0] ?? "").slice("diff --git ".length)) === null;
}

/** parse-diff on one checked section with neutral names; null when it does not see what we counted. */
function readFile(section: RawSection, header: Header): FileChange | null {
  const facts = section.header.filter((line) => /^(?:old|new|deleted|index) ?/.test(line));
  const hunks = section.hunks.flatMap((hunk) => [hunk.range, ...hunk.body]);
  const text = ["diff --git a/f b/f", ...facts, "--- a/f", "+++ b/f", ...hunks].join("\n");
  const [file, ...others] = readWithLibrary(text);
  if (file === undefined || others.length > 0) return null;
  if (file.chunks.length !== section.hunks.length) return null;
  const read = file.chunks.map((chunk, at) => readHunk(chunk, section.hunks[at]));
  if (read.includes(null)) return null;
  const [oldBlob = "", newBlob = ""] = (file.index?.[0] ?? "").split("..");
  return {
    oldPath: header.oldName,
    newPath: header.newName,
    change: header.change,
    oldBlob: statedBlobId(oldBlob),
    newBlob: statedBlobId(newBlob),
    oldMode: file.oldMode ?? null,
    newMode: file.newMode ?? null,
    binary: header.binary,
    hunks: read.filter((hunk) => hunk !== null),
  };
}

function readHunk(chunk: readWithLibrary.Chunk, counted: RawHunk | undefined): Hunk | null {
  const { oldStart, oldLines, newStart, newLines } = chunk;
  const same =
    counted !== undefined &&
    oldStart === counted.oldStart &&
    oldLines === counted.oldLines &&
    newStart === counted.newStart &&
    newLines === counted.newLines &&
    chunk.changes.length === counted.body.length;
  if (!same) return null;
  const contents = chunk.changes.map((change) => change.content);
  if (!marksStandLast(contents)) return null;
  const lines = contents.filter((content) => content !== NO_LF);
  return { line: counted.line, oldStart, oldLines, newStart, newLines, lines, ...endings(contents) };
}

/** Which sides end without LF: the mark belongs to the line before it. */
function endings(contents: readonly string[]): {
  oldEndsWithoutLf: boolean;
  newEndsWithoutLf: boolean;
} {
  const marked = contents.filter((_, at) => contents[at + 1] === NO_LF).map((content) => content.charAt(0));
  return {
    oldEndsWithoutLf: marked.some((kind) => kind !== "+"),
    newEndsWithoutLf: marked.some((kind) => kind !== "-"),
  };
}

/** A line without LF is the last of its file: no line of the same side can follow. */
function marksStandLast(contents: readonly string[]): boolean {
  const ended = new Set<string>();
  return contents.every((content, at) => {
    if (content === NO_LF) return true;
    const kind = content.charAt(0);
    const sides = kind === " " ? ["-", "+"] : [kind];
    if (sides.some((side) => ended.has(side))) return false;
    if (contents[at + 1] === NO_LF) sides.forEach((side) => ended.add(side));
    return true;
  });
}

/** A section whose header promises a change of content that is not there was cut off. */
function contradiction(file: FileChange): string | null {
  if (file.binary) return file.hunks.length > 0 ? "a binary file with hunks" : null;
  if (file.hunks.length > 0) return hunksContradict(file);
  if (file.change === "mode" || file.change === "rename" || file.change === "copy") {
    return file.oldBlob === file.newBlob ? null : "the hunks are missing";
  }
  if (file.change === "modify") return "the hunks are missing";
  const content = file.change === "add" ? file.newBlob : file.oldBlob;
  return content === null || hasBlobId("", content) ? null : "the hunks are missing";
}

function hunksContradict(file: FileChange): string | null {
  const lines = file.hunks.reduce(
    (sum, hunk) => ({ old: sum.old + hunk.oldLines, new: sum.new + hunk.newLines }),
    { old: 0, new: 0 },
  );
  if (file.change === "mode") return "a change of mode with hunks";
  if (file.change === "add" && lines.old > 0) return "a new file that has old lines";
  if (file.change === "delete" && lines.new > 0) return "a deleted file that keeps lines";
  return null;
}
