/**
 * Applies the hunks of one file as `git apply` does: exact lines, offset allowed, no fuzz. What git refuses
 * is refused; where git would apply hunks out of their order this refuses too.
 */
import type { FileChange, Hunk } from "./diff.ts";

export interface Applied {
  readonly ok: true;
  readonly text: string;
  /** For each hunk how many lines off its stated place it was found. */
  readonly offsets: readonly number[];
}

export interface NotApplied {
  readonly ok: false;
  /** Which hunk, counted from 1; 0 when it is the file as a whole. */
  readonly hunk: number;
  readonly reason: string;
}

/** Line comparisons one file may cost: thousands of hunks far off their place are no honest patch. */
const MAX_COMPARISONS = 20_000_000;

/** Old lines that stand in the new image: patched ones are never matched again. */
interface Segment {
  /** First line in the image as it is after the former hunks, counted from 0. */
  readonly imageStart: number;
  /** First line in the old text, or null for lines a hunk has written. */
  readonly oldStart: number | null;
  readonly count: number;
}

interface Image {
  readonly text: string;
  /** Where each line of `text` begins, and its length as the last element. */
  readonly starts: readonly number[];
  readonly segments: Segment[];
  readonly pieces: string[];
  /** Lines of the image that are settled, and old lines used up for them. */
  settled: number;
  consumed: number;
  comparisons: number;
}

/** The new text of a file (a byte string; "" for a new file), or which hunk does not fit and why. */
export function applyFile(text: string, change: FileChange): Applied | NotApplied {
  if (change.binary) return { ok: false, hunk: 0, reason: "the change is binary" };
  const image = openImage(text);
  const offsets: number[] = [];
  for (const [at, hunk] of change.hunks.entries()) {
    const offset = applyHunk(image, hunk);
    if (typeof offset === "string") return { ok: false, hunk: at + 1, reason: offset };
    offsets.push(offset);
  }
  image.pieces.push(text.slice(image.starts[image.consumed]));
  return { ok: true, text: image.pieces.join(""), offsets };
}

function openImage(text: string): Image {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length);
  return { text, starts, segments: [], pieces: [], settled: 0, consumed: 0, comparisons: 0 };
}

/** Lines of one side of a hunk, each with its LF unless it ends the file without one. */
function sideOf(hunk: Hunk, other: "+" | "-", endsWithoutLf: boolean): string[] {
  const lines = hunk.lines.filter((line) => !line.startsWith(other)).map((line) => `${line.slice(1)}\n`);
  const last = lines.at(-1);
  if (endsWithoutLf && last !== undefined) lines[lines.length - 1] = last.slice(0, -1);
  return lines;
}

/** The offset of the hunk, or the reason why it does not apply. */
function applyHunk(image: Image, hunk: Hunk): number | string {
  const before = sideOf(hunk, "+", hunk.oldEndsWithoutLf);
  const after = sideOf(hunk, "-", hunk.newEndsWithoutLf);
  const found = findPlace(image, hunk, before);
  if (typeof found === "string") return found;
  if (found < image.settled) return "its lines stand before those of the hunk before it";
  settle(image, found - image.settled);
  const expected = Math.max(hunk.newStart - 1, 0);
  image.pieces.push(after.join(""));
  image.segments.push({ imageStart: image.settled, oldStart: null, count: after.length });
  image.settled += after.length;
  image.consumed += before.length;
  return found - expected;
}

/** Takes `count` old lines over as they are. */
function settle(image: Image, count: number): void {
  if (count === 0) return;
  const { text, starts, consumed } = image;
  image.pieces.push(text.slice(starts[consumed], starts[consumed + count]));
  image.segments.push({ imageStart: image.settled, oldStart: consumed, count });
  image.settled += count;
  image.consumed += count;
}

function lineCount(image: Image): number {
  return image.settled + image.starts.length - 1 - image.consumed;
}

/**
 * The line of the image where the hunk's old lines stand: git's order of search, which is the stated line,
 * then one after, one before, two after, two before. A hunk that starts at line 1 must match at the start, one
 * without context behind its changes must match at the end (git apply.c, apply_one_fragment).
 */
function findPlace(image: Image, hunk: Hunk, before: readonly string[]): number | string {
  const total = lineCount(image);
  const atStart = hunk.oldStart <= 1;
  const atEnd = !(hunk.lines.at(-1) ?? "").startsWith(" ");
  // git would put it at the end of the file wherever it belongs.
  if (!atStart && !hunk.lines.some((line) => line.startsWith(" "))) return "it has no context lines";
  const stated = Math.max(hunk.newStart - 1, 0);
  const first = atStart ? 0 : atEnd ? total - before.length : Math.min(stated, total);
  if (first < 0) return "the file is shorter than the hunk";
  const farthest = atStart || atEnd ? 0 : Math.max(first, total - first);
  for (let distance = 0; distance <= farthest; distance++) {
    if (image.comparisons > MAX_COMPARISONS) return "too many places to look for it";
    if (matches(image, before, first + distance, atEnd)) return first + distance;
    if (distance > 0 && matches(image, before, first - distance, atEnd)) return first - distance;
  }
  return whyNot(hunk, atStart, atEnd);
}

function whyNot(hunk: Hunk, atStart: boolean, atEnd: boolean): string {
  if (atStart && atEnd) return "the file is not what the hunk replaces as a whole";
  if (atStart) return "the file does not begin with its lines";
  if (atEnd) return "the file does not end with its lines";
  return `its lines are not in the file (line ${hunk.oldStart} of the old file)`;
}

function matches(image: Image, before: readonly string[], at: number, atEnd: boolean): boolean {
  image.comparisons++;
  if (at < 0 || at + before.length > lineCount(image)) return false;
  if (atEnd && at + before.length !== lineCount(image)) return false;
  const old = oldLineAt(image, at, before.length);
  return old !== null && before.every((line, index) => sameLine(image, old + index, line));
}

function sameLine(image: Image, old: number, line: string): boolean {
  image.comparisons++;
  const start = image.starts[old] ?? 0;
  const end = image.starts[old + 1] ?? 0;
  return end - start === line.length && image.text.startsWith(line, start);
}

/** The old line that stands at a line of the image; null when a hunk has written one of the next `count` lines. */
function oldLineAt(image: Image, at: number, count: number): number | null {
  if (at >= image.settled) return at - image.settled + image.consumed;
  const segment = segmentAt(image.segments, at);
  if (segment === undefined || segment.oldStart === null) return null;
  const within = at - segment.imageStart;
  const reachesEnd = within + count > segment.count;
  return reachesEnd ? null : segment.oldStart + within;
}

function segmentAt(segments: readonly Segment[], at: number): Segment | undefined {
  let low = 0;
  let high = segments.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.imageStart ?? 0) <= at) low = middle;
    else high = middle;
  }
  return segments[low];
}
