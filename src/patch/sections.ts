/**
 * Splits patch text into one section a file, counting hunk lines strictly. The library that reads a section
 * gives the lines of a cut hunk to the next file, so it must never see one: what is wrong is found here.
 */
import type { PatchProblem, PatchProblemCode } from "./diff.ts";

export interface RawHunk {
  /** Line of the `@@` in the patch text, counted from 1. */
  readonly line: number;
  /** `@@ -1,2 +1,2 @@` without the heading behind it. */
  readonly range: string;
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Lines with their first char; a blank context line is " ", the mark of a missing LF is NO_LF. */
  readonly body: readonly string[];
}

export interface RawSection {
  /** Line in the patch text, counted from 1. */
  readonly line: number;
  /** From `diff --git` or `--- ` up to the first hunk. */
  readonly header: readonly string[];
  readonly hunks: readonly RawHunk[];
}

export interface SplitLimits {
  readonly chars: number;
  readonly files: number;
  readonly hunks: number;
}

export const NO_LF = "\\ No newline at end of file";

/** Names of 4096 bytes, twice, quoted: a longer header line is no header. */
const MAX_HEADER_LINE = 33_000;
export const MAX_PROBLEMS = 20;
const RANGE =
  /^@@ -(?<oldStart>\d{1,9})(?:,(?<oldLines>\d{1,9}))? \+(?<newStart>\d{1,9})(?:,(?<newLines>\d{1,9}))? @@/;
const EXTENDED_HEADER =
  /^(?:old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|rename old|rename new|similarity index|dissimilarity index|index) |^GIT binary patch$|^Binary files .* differ$/;

interface Scan {
  readonly lines: readonly string[];
  readonly sections: RawSection[];
  readonly problems: PatchProblem[];
  readonly limits: SplitLimits;
  at: number;
  /** The section came with CR LF ends: its header has them, which no diff of a CR LF file has. */
  crlf: boolean;
  hunks: number;
}

/** The sections of a patch text in its order; prose between them is skipped. Linear in the text, never throws. */
export function splitSections(
  text: string,
  limits: SplitLimits,
): { sections: readonly RawSection[]; problems: readonly PatchProblem[] } {
  if (text.length > limits.chars) {
    const reason = `the diff is longer than ${limits.chars} bytes`;
    return { sections: [], problems: [{ code: "too-large", line: 1, text: reason }] };
  }
  const lines = text.split("\n");
  const scan: Scan = {
    lines,
    sections: [],
    problems: [],
    limits,
    at: 0,
    crlf: false,
    hunks: 0,
  };
  while (scan.at < lines.length && scan.hunks <= limits.hunks) {
    if (scan.sections.length > limits.files) {
      report(scan, "too-large", `the diff has more than ${limits.files} files`);
      break;
    }
    scanLine(scan);
  }
  return scan;
}

function scanLine(scan: Scan): void {
  const line = scan.lines[scan.at] ?? "";
  scan.crlf = line.endsWith("\r");
  if (line.startsWith("diff --git ")) return readGitSection(scan);
  if (line.startsWith("--- ") && isPlainStart(scan)) return readPlainSection(scan);
  if (/^diff --(?:cc|combined) |^@@@+ -/.test(line)) {
    report(scan, "combined", "a combined diff (of a merge) cannot be applied");
  } else if (scan.sections.length > 0 && RANGE.test(line)) {
    report(scan, "damaged", "a hunk that belongs to no file");
  }
  scan.at++;
}

function report(scan: Scan, code: PatchProblemCode, text: string, line = scan.at + 1): void {
  if (scan.problems.length < MAX_PROBLEMS) scan.problems.push({ code, line, text });
}

/** The line at `at` without the CR of the transport; undefined behind the end. */
function lineAt(scan: Scan, at: number): string | undefined {
  const line = scan.lines[at];
  return scan.crlf && line?.endsWith("\r") ? line.slice(0, -1) : line;
}

/** A diff without `diff --git` starts with three lines nobody writes in prose. */
function isPlainStart(scan: Scan): boolean {
  const plus = lineAt(scan, scan.at + 1) ?? "";
  return plus.startsWith("+++ ") && (lineAt(scan, scan.at + 2) ?? "").startsWith("@@ -");
}

function readPlainSection(scan: Scan): void {
  const line = scan.at + 1;
  const header = [lineAt(scan, scan.at) ?? "", lineAt(scan, scan.at + 1) ?? ""];
  scan.at += 2;
  finishSection(scan, line, header);
}

function readGitSection(scan: Scan): void {
  const line = scan.at + 1;
  const header = [lineAt(scan, scan.at) ?? ""];
  scan.at++;
  for (let next = lineAt(scan, scan.at); next !== undefined; next = lineAt(scan, scan.at)) {
    const isName = /^(?:---|\+\+\+) ./.test(next);
    if (next.length > MAX_HEADER_LINE || !(isName || EXTENDED_HEADER.test(next))) break;
    header.push(next);
    scan.at++;
  }
  finishSection(scan, line, header);
}

function finishSection(scan: Scan, line: number, header: string[]): void {
  if (header.some((text) => text.length > MAX_HEADER_LINE)) {
    return report(scan, "damaged", "a header line without end", line);
  }
  scan.sections.push({ line, header, hunks: readHunks(scan) });
}

function readHunks(scan: Scan): RawHunk[] {
  const hunks: RawHunk[] = [];
  for (;;) {
    const match = RANGE.exec((lineAt(scan, scan.at) ?? "").slice(0, 100));
    if (!match) break;
    if (++scan.hunks > scan.limits.hunks) {
      report(scan, "too-large", `the diff has more than ${scan.limits.hunks} hunks`);
      return hunks;
    }
    const hunk = readHunk(scan, match);
    hunks.push(hunk);
    if (scan.problems.at(-1)?.line === hunk.line) return hunks;
  }
  if (hunks.length > 0) checkEnd(scan);
  return hunks;
}

function readHunk(scan: Scan, match: RegExpExecArray): RawHunk {
  const groups = match.groups ?? {};
  const head = {
    line: scan.at + 1,
    range: match[0],
    oldStart: Number(groups["oldStart"]),
    oldLines: Number(groups["oldLines"] ?? 1),
    newStart: Number(groups["newStart"]),
    newLines: Number(groups["newLines"] ?? 1),
  };
  scan.at++;
  const body: string[] = [];
  const missing = readBody(scan, head.oldLines, head.newLines, body);
  if (missing !== null) report(scan, "damaged", `hunk ${head.range}: ${missing}`, head.line);
  return { ...head, body };
}

/** Reads the declared number of lines into `body`; says what is wrong, null when nothing is. */
function readBody(scan: Scan, oldLines: number, newLines: number, body: string[]): string | null {
  let oldLeft = oldLines;
  let newLeft = newLines;
  if (oldLeft + newLeft === 0) return "it is empty";
  while (oldLeft > 0 || newLeft > 0 || lineAt(scan, scan.at)?.startsWith("\\")) {
    const line = lineAt(scan, scan.at);
    const last = scan.at === scan.lines.length - 1;
    // The last element of a text that ends in LF is no line.
    const kind = line === undefined || (line === "" && last) ? "end" : line.charAt(0) || " ";
    if (kind === "\\" && body.length > 0 && body.at(-1) !== NO_LF) {
      body.push(NO_LF);
    } else if (kind === " " || kind === "-" || kind === "+") {
      if (kind !== "+") oldLeft--;
      if (kind !== "-") newLeft--;
      if (oldLeft < 0 || newLeft < 0) return "its lines do not add up to what its range says";
      body.push(line === "" ? " " : (line ?? " "));
    } else {
      return "it is shorter than its range says";
    }
    scan.at++;
  }
  return null;
}

/** Directly behind the last hunk stands a blank line, the signature, the next file or prose. */
function checkEnd(scan: Scan): void {
  const line = lineAt(scan, scan.at) ?? "";
  if (line.startsWith("@@ ")) {
    report(scan, "damaged", "a hunk whose range cannot be read");
  } else if (/^[ +-]/.test(line) && !/^--\s*$/.test(line) && !isPlainStart(scan)) {
    report(scan, "damaged", "a hunk is longer than its range says");
  }
}
