/**
 * Applies one patch, a mail's diffs, to a kernel tree in memory. Within a patch it goes by git's rules:
 * renames and copies read the tree before the patch, other changes see what the sections above them wrote.
 */
import { applyFile } from "../patch/apply.ts";
import { hasBlobId } from "../patch/blob.ts";
import type { FileChange, PatchProblem } from "../patch/diff.ts";
import type { TreeRef } from "./source.ts";
import { readTree } from "./tree.ts";

/** One patch of a series, as parseDiff gave it. */
export interface PatchToApply {
  /** Its number in the series. */
  readonly index: number;
  readonly files: readonly FileChange[];
  readonly problems: readonly PatchProblem[];
}

/** Whether the files after the patch are, by their blob ids, those its author had. */
export type PostImage = "matched" | "differs" | "not-stated";

export interface AppliedPatch {
  readonly index: number;
  readonly tree: TreeRef;
  readonly postImage: PostImage;
  /** Hunks that were found at another line than stated. */
  readonly displaced: number;
  /** Files that a partial tree does not have and that were left out. */
  readonly leftOut: readonly string[];
}

export interface ApplyFailure {
  readonly patch: number;
  readonly file: string | null;
  /** Counted from 1; 0 when it is the file as a whole. */
  readonly hunk: number;
  /** One clause without a full stop. */
  readonly reason: string;
  /** How many files went well before it: the best of several tries went farthest. */
  readonly files: number;
}

/** What the patches of a series before this one came to. */
export interface Progress {
  readonly files: number;
  /** Bytes of text they touched. */
  readonly bytes: number;
}

export type PatchResult =
  | { readonly ok: true; readonly patch: AppliedPatch; readonly progress: Progress }
  | { readonly ok: false; readonly failure: ApplyFailure };

/** Bytes of text one series may touch: each of its files stays in memory. */
export const MAX_TOUCHED = 64 * 1024 * 1024;
/** Files with these modes have no text: symlinks, submodules. */
const NO_TEXT_MODES = ["120000", "160000"];
const SOURCE_FILE = /\.(?:[chsS]|inc|def|tbl)$/;
/** Where a file decides what KVM does; a partial tree without it cannot be evaluated after the patch. */
const NEEDED = /^arch\/x86\/kvm\/|^arch\/x86\/include\/asm\/(?:apicdef|svm|msr-index|kvm_host)\.h$/;

interface Work {
  readonly before: TreeRef;
  readonly writes: Map<string, string | null>;
  /** Paths that a section of this patch takes away, wherever it stands. */
  readonly removed: ReadonlySet<string>;
  readonly images: PostImage[];
  readonly leftOut: string[];
  displaced: number;
  touched: number;
}

/** The tree after a patch, or what does not apply. */
export async function applyPatch(
  before: TreeRef,
  patch: PatchToApply,
  progress: Progress = { files: 0, bytes: 0 },
): Promise<PatchResult> {
  const unusable = unusableDiff(patch);
  if (unusable !== null) return { ok: false, failure: { ...unusable, files: progress.files } };
  const work = startWork(before, patch, progress.bytes);
  for (const [at, file] of patch.files.entries()) {
    const wrong = await applySection(work, file);
    if (wrong === null) continue;
    const path = file.oldPath ?? file.newPath;
    const failure = { patch: patch.index, file: path, ...wrong, files: progress.files + at };
    return { ok: false, failure };
  }
  const files = progress.files + patch.files.length;
  return { ok: true, patch: finish(work, patch), progress: { files, bytes: work.touched } };
}

/** A diff with a problem is never applied, whatever the tree. */
export function unusableDiff(patch: PatchToApply): ApplyFailure | null {
  const [problem] = patch.problems;
  if (problem === undefined) return null;
  const reason = `its diff cannot be used: ${problem.text} (line ${problem.line} of the mail's text)`;
  return { patch: patch.index, file: null, hunk: 0, reason, files: 0 };
}

function startWork(before: TreeRef, patch: PatchToApply, touched: number): Work {
  const leaves = patch.files.filter((file) => ["delete", "rename"].includes(file.change));
  const removed = leaves.map((file) => file.oldPath).filter((path) => path !== null);
  return {
    before,
    writes: new Map(),
    removed: new Set(removed),
    images: [],
    leftOut: [],
    displaced: 0,
    touched,
  };
}

function finish(work: Work, patch: PatchToApply): AppliedPatch {
  const changes = new Map(work.before.changes);
  for (const path of work.removed) changes.set(path, null);
  for (const [path, text] of work.writes) changes.set(path, text);
  return {
    index: patch.index,
    tree: { ...work.before, changes },
    postImage: worstOf(work.images),
    displaced: work.displaced,
    leftOut: work.leftOut,
  };
}

function worstOf(images: readonly PostImage[]): PostImage {
  if (images.includes("differs")) return "differs";
  return images.length > 0 && images.every((image) => image === "matched") ? "matched" : "not-stated";
}

interface Wrong {
  readonly hunk: number;
  readonly reason: string;
}

function whole(reason: string): Wrong {
  return { hunk: 0, reason };
}

/** Applies one section; what is wrong with it, or null. */
async function applySection(work: Work, file: FileChange): Promise<Wrong | null> {
  const hasNoText = [file.oldMode, file.newMode].some((mode) => NO_TEXT_MODES.includes(mode ?? ""));
  if (hasNoText || (file.binary && !isSource(file))) {
    write(work, file, null);
    return null;
  }
  if (file.binary) return whole("a binary change of a source file cannot be followed");
  const taken = await targetTaken(work, file);
  if (taken !== null) return taken;
  const text = await oldText(work, file);
  if (text === null) return missing(work, file);
  work.touched += text.length;
  if (work.touched > MAX_TOUCHED) return whole(`the series touches more than ${MAX_TOUCHED} bytes`);
  return applyText(work, file, text);
}

function isSource(file: FileChange): boolean {
  return SOURCE_FILE.test(file.newPath ?? "") || SOURCE_FILE.test(file.oldPath ?? "");
}

function write(work: Work, file: FileChange, text: string | null): void {
  if (file.newPath !== null) work.writes.set(file.newPath, text);
  else if (file.oldPath !== null) work.writes.set(file.oldPath, null);
}

/** New files must not be there yet, unless this patch takes the old one away. */
async function targetTaken(work: Work, file: FileChange): Promise<Wrong | null> {
  const isNew = ["add", "rename", "copy"].includes(file.change);
  if (!isNew || file.newPath === null) return null;
  const written = work.writes.get(file.newPath);
  const known = written === undefined && !work.removed.has(file.newPath);
  const there = known ? await readTree(work.before, file.newPath) : (written ?? null);
  return there === null ? null : whole(`${file.newPath} is already there`);
}

/** The text a section applies to: "" for a new file, null when the file is missing. */
async function oldText(work: Work, file: FileChange): Promise<string | null> {
  if (file.oldPath === null) return "";
  const moves = file.change === "rename" || file.change === "copy";
  const written = moves ? undefined : work.writes.get(file.oldPath);
  return written === undefined ? readTree(work.before, file.oldPath) : written;
}

function missing(work: Work, file: FileChange): Wrong | null {
  const paths = [file.oldPath, file.newPath].filter((path) => path !== null);
  const needed = paths.some((path) => NEEDED.test(path));
  if (!work.before.source.partial || needed) return whole("the file is not there");
  work.leftOut.push(...new Set(paths));
  return null;
}

function applyText(work: Work, file: FileChange, text: string): Wrong | null {
  const result = applyFile(text, file);
  if (!result.ok) return result;
  if (file.change === "delete" && result.text !== "")
    return whole("the file has lines that the patch does not remove");
  work.displaced += result.offsets.filter((offset) => offset !== 0).length;
  if (file.newBlob !== null) {
    work.images.push(hasBlobId(result.text, file.newBlob) ? "matched" : "differs");
  } else if (file.hunks.length > 0 && file.change !== "delete") {
    work.images.push("not-stated");
  }
  write(work, file, file.newPath === null ? null : result.text);
  return null;
}
