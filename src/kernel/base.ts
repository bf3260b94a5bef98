/**
 * Finds the kernel source a series applies to, and says how sure that is. Order: the revision whose files have
 * the blob ids of the diff's index lines; those blobs themselves; the base-commit of the mail; the configured
 * branches on which every hunk applies. A given revision or directory is taken as it is.
 */
import {
  MAX_TOUCHED,
  unusableDiff,
  type AppliedPatch,
  type ApplyFailure,
  type PatchToApply,
} from "./apply-patch.ts";
import { findAncestor, listCandidates, type Candidate, type Candidates } from "./candidates.ts";
import { applySeries, describeFailure, preImages, type PreImages } from "./series.ts";
import type { KernelSource, TreeRef } from "./source.ts";

export type BaseHow = "blob" | "base-commit" | "branch" | "tree" | "given";

export interface Base {
  readonly how: BaseHow;
  /** Commit id, or `tree` for a directory. */
  readonly revision: string;
  /** Every file the series touches is, by its blob id, the one its author had, and so is the tree around it. */
  readonly verified: boolean;
  /** One sentence for people. */
  readonly note: string;
  /** The kernel before the series. */
  readonly tree: TreeRef;
}

/** Why there is no base, or why the series does not apply to it. */
export interface Undetermined {
  /** One sentence: file, hunk, what was tried. */
  readonly reason: string;
  /** Number of the patch in its series. */
  readonly patch: number | null;
  readonly file: string | null;
  readonly hunk: number | null;
  /** Each revision that was tried and what was in the way, best first. */
  readonly tried: readonly { readonly revision: string; readonly reason: string }[];
}

export type BaseResult =
  | { readonly ok: true; readonly base: Base; readonly patches: readonly AppliedPatch[] }
  | { readonly ok: false; readonly undetermined: Undetermined };

export interface BaseOptions {
  /** A revision to take whatever the mail says. */
  readonly base?: string;
  /** Revisions to try, best first; HEAD when there is none. */
  readonly branches?: readonly string[];
  /** From the mail's `base-commit:`. */
  readonly baseCommit?: string | null;
  /** Patches the mail says it builds on (`prerequisite-patch-id:`). */
  readonly prerequisites?: readonly string[];
}

interface Search {
  readonly patches: readonly PatchToApply[];
  readonly source: KernelSource;
  readonly images: PreImages;
  readonly candidates: Candidates;
  readonly failures: { readonly candidate: Candidate; readonly failure: ApplyFailure }[];
}

type Found = Extract<BaseResult, { ok: true }>;

/**
 * The base of a series and the trees after each of its patches. Rejects with KernelError when the source itself
 * fails; a series that applies nowhere is a value.
 */
export async function findBase(
  patches: readonly PatchToApply[],
  source: KernelSource,
  options: BaseOptions = {},
): Promise<BaseResult> {
  const unusable = patches.map(unusableDiff).find((failure) => failure !== null);
  if (unusable) {
    const reason = describeFailure(unusable);
    const patch = unusable.patch;
    return { ok: false, undetermined: { reason, patch, file: null, hunk: null, tried: [] } };
  }
  const images = preImages(patches);
  const candidates = await listCandidates(source, options, images);
  const search: Search = { patches, source, images, candidates, failures: [] };
  const found = (await byBlobs(search)) ?? (await byStatedBlobs(search)) ?? (await byHunks(search));
  return found === null ? undetermined(search) : withRemarks(found, search, options);
}

/** The first candidate whose files are all those of the index lines. */
async function byBlobs(search: Search): Promise<Found | null> {
  for (const candidate of search.candidates.list) {
    const found = candidate.proven ? await asProven(search, candidate) : null;
    if (found) return found;
  }
  return null;
}

async function asProven(search: Search, candidate: Candidate): Promise<Found | null> {
  const how = candidate.how === "tree" || candidate.how === "given" ? candidate.how : "blob";
  const note = `applies to ${nameOf(candidate)}, whose files have the blob ids of the diff.`;
  return attempt(search, candidate, { how, verified: true, note });
}

/** No revision that was named has all the stated files, but the repository has their blobs. */
async function byStatedBlobs(search: Search): Promise<Found | null> {
  const { images, source, candidates } = search;
  const texts = await readStated(search);
  if (texts === null) return null;
  for (const branch of images.unstated.length > 0 ? [] : candidates.list) {
    const ancestor = branch.how === "branch" ? await findAncestor(source, branch, images) : null;
    const found = ancestor && (await asProven(search, ancestor));
    if (found) return found;
  }
  const [closest] = [...candidates.list].sort((a, b) => b.matching - a.matching);
  if (closest === undefined) return null;
  const note = `applies to the blobs that the diff names; the rest of the tree is ${nameOf(closest)}.`;
  return attempt(search, closest, { how: "blob", verified: false, note, changes: texts });
}

/** The texts of the stated blobs, and that new files are not there; null when a blob is missing. */
async function readStated({
  images,
  source,
  candidates,
}: Search): Promise<ReadonlyMap<string, string | null> | null> {
  const isFixed = source.partial || candidates.list.some(({ how }) => how === "given");
  if (isFixed || images.stated.size === 0) return null;
  const changes = new Map<string, string | null>(images.added.map((path) => [path, null]));
  let bytes = 0;
  for (const [path, id] of images.stated) {
    const blob = await source.readBlob(id);
    bytes += blob.ok ? blob.text.length : 0;
    if (!blob.ok || bytes > MAX_TOUCHED) return null;
    changes.set(path, blob.text);
  }
  return changes;
}

/** The first candidate on which all hunks apply. */
async function byHunks(search: Search): Promise<Found | null> {
  for (const candidate of search.candidates.list) {
    if (candidate.proven || !candidate.byHunks) continue;
    const note = `applies to ${nameOf(candidate)}, ${whyUnproven(search.images)}.`;
    const found = await attempt(search, candidate, { how: candidate.how, verified: false, note });
    if (found) return found;
  }
  return null;
}

function whyUnproven(images: PreImages): string {
  return images.stated.size === 0
    ? "and the diff states no blob ids to prove it"
    : "but not all its files have the blob ids of the diff";
}

interface Claim {
  readonly how: BaseHow;
  readonly verified: boolean;
  readonly note: string;
  readonly changes?: ReadonlyMap<string, string | null>;
}

async function attempt(search: Search, candidate: Candidate, claim: Claim): Promise<Found | null> {
  const { revision } = candidate;
  const tree = { source: search.source, revision, changes: claim.changes ?? new Map() };
  const result = await applySeries(tree, search.patches);
  if (!result.ok) {
    search.failures.push({ candidate, failure: result.failure });
    return null;
  }
  const { how, verified, note } = claim;
  return { ok: true, base: { how, revision, verified, note, tree }, patches: result.patches };
}

/** `kvm/next (1a2b3c4d5e6f)`, the first digits of an id, or the directory. */
function nameOf({ how, name, revision }: Candidate): string {
  if (how === "tree") return "the given tree";
  const short = revision.slice(0, 12);
  return revision.startsWith(name) ? short : `${name} (${short})`;
}

/** What the reader has to know beside how the base was found. */
function withRemarks(found: Found, search: Search, options: BaseOptions): Found {
  const displaced = found.patches.reduce((sum, patch) => sum + patch.displaced, 0);
  const leftOut = [...new Set(found.patches.flatMap((patch) => patch.leftOut))];
  const count = options.prerequisites?.length ?? 0;
  const remarks = [
    `The series ${found.base.note}`,
    ...(displaced > 0 ? [`${displaced} hunk(s) apply at another line than stated.`] : []),
    ...(leftOut.length > 0 ? [`Not in the tree and left out: ${leftOut.join(", ")}.`] : []),
    ...(count > 0 ? [`It names ${count} prerequisite patch(es), which were not applied.`] : []),
    ...search.candidates.remarks,
  ];
  return { ...found, base: { ...found.base, note: remarks.join(" ") } };
}

function undetermined(search: Search): BaseResult {
  const byProgress = [...search.failures].sort((a, b) => b.failure.files - a.failure.files);
  const tried = byProgress.map(({ candidate, failure }) => ({
    revision: nameOf(candidate),
    reason: describeFailure(failure),
  }));
  const best = byProgress[0]?.failure;
  const names = [...new Set(tried.map(({ revision }) => revision))].join(", ");
  const reason = best
    ? `${describeFailure(best)}; tried ${names}.`
    : "There is no revision to apply the series to.";
  const remarks = [reason, ...search.candidates.remarks].join(" ");
  const { patch = null, file = null, hunk = null } = best ?? {};
  return { ok: false, undetermined: { reason: remarks, patch, file, hunk, tried } };
}
