/** The revisions a series may be based on, and how much of each is what its diffs start from. */
import { hasBlobId } from "../patch/blob.ts";
import { TREE_REVISION } from "./directory.ts";
import { isObjectId } from "./revision.ts";
import type { PreImages } from "./series.ts";
import { KernelError, type KernelSource } from "./source.ts";

export interface Candidate {
  readonly how: "base-commit" | "branch" | "tree" | "given";
  /** As it was named. */
  readonly name: string;
  /** Commit id, or `tree`. */
  readonly revision: string;
  /** Whether it may be taken because the hunks apply; else only because its blobs prove it. */
  readonly byHunks: boolean;
  /** Files with the stated blob id. */
  readonly matching: number;
  /** All files are stated, and all match. */
  readonly proven: boolean;
}

export interface Candidates {
  readonly list: readonly Candidate[];
  /** Sentences about what could not be found. */
  readonly remarks: readonly string[];
}

interface CandidateOptions {
  readonly base?: string;
  readonly branches?: readonly string[];
  readonly baseCommit?: string | null;
}

type Named = Pick<Candidate, "how" | "name" | "byHunks">;

/** The candidates in the order in which they are preferred, each revision once. */
export async function listCandidates(
  source: KernelSource,
  options: CandidateOptions,
  images: PreImages,
): Promise<Candidates> {
  const list: Candidate[] = [];
  const remarks: string[] = [];
  for (const named of namesOf(source, options)) {
    const revision = await source.resolve(named.name);
    if (revision === null) {
      if (named.byHunks) remarks.push(notFound(named));
    } else if (!list.some((candidate) => candidate.revision === revision)) {
      list.push({ ...named, revision, ...(await compare(source, revision, images)) });
    }
  }
  return { list, remarks };
}

function namesOf(source: KernelSource, options: CandidateOptions): Named[] {
  if (source.partial) return [{ how: "tree", name: TREE_REVISION, byHunks: true }];
  if (options.base !== undefined) return [{ how: "given", name: options.base, byHunks: true }];
  const branches = options.branches ?? [];
  const baseCommit = options.baseCommit ?? "";
  return [
    // From a mail: an id and nothing else.
    ...(isObjectId(baseCommit) ? [{ how: "base-commit" as const, name: baseCommit, byHunks: true }] : []),
    ...branches.map((name) => ({ how: "branch" as const, name, byHunks: true })),
    { how: "branch", name: "HEAD", byHunks: branches.length === 0 },
  ];
}

function notFound({ how, name }: Named): string {
  if (how === "base-commit") return `The base-commit ${name} is not in the repository.`;
  return `${JSON.stringify(name)} is no revision of the repository.`;
}

async function compare(
  source: KernelSource,
  revision: string,
  images: PreImages,
): Promise<Pick<Candidate, "matching" | "proven">> {
  const checks = [...images.stated].map(([path, id]) => hasFile(source, { revision, path, id }));
  const results = await Promise.all(checks);
  const matching = results.filter((result) => result === "matches").length;
  const proven = matching > 0 && !results.includes("differs") && images.unstated.length === 0;
  return { matching, proven };
}

interface Stated {
  readonly revision: string;
  readonly path: string;
  readonly id: string;
}

/** Whether a file has a stated id. What a partial tree does not hold proves nothing either way. */
async function hasFile(
  source: KernelSource,
  { revision, path, id }: Stated,
): Promise<"matches" | "differs" | "absent"> {
  if (source.hash !== null) {
    return (await source.blobId(revision, path))?.startsWith(id) ? "matches" : "differs";
  }
  // A directory does not know which hash the author's repository used.
  const text = await source.read(revision, path);
  if (text === null) return source.partial ? "absent" : "differs";
  return hasBlobId(text, id) ? "matches" : "differs";
}

/** Ancestors looked at, along first parents: a branch that moved on since the series was written. */
const MAX_ANCESTORS = 1024;
/** Of these as many are asked for at once. */
const STRIDE = 32;

/** The youngest ancestor of a branch whose files all have the stated ids; null when there is none close by. */
export async function findAncestor(
  source: KernelSource,
  branch: Candidate,
  images: PreImages,
): Promise<Candidate | null> {
  try {
    return await walkBack(source, branch, images);
  } catch (error) {
    // A partial clone may lack old trees, which are a help and no need.
    if (error instanceof KernelError && error.code === "missing-object") return null;
    throw error;
  }
}

async function walkBack(
  source: KernelSource,
  branch: Candidate,
  images: PreImages,
): Promise<Candidate | null> {
  let from = branch.revision;
  for (let done = 0; done < MAX_ANCESTORS; done += STRIDE) {
    const steps = Array.from({ length: STRIDE }, (_, at) => at + 1);
    const revisions = await Promise.all(steps.map((step) => source.resolve(`${from}~${step}`)));
    const fits = await Promise.all(
      revisions.map(async (revision) => revision !== null && (await hasAll(source, revision, images))),
    );
    const at = fits.indexOf(true);
    const revision = revisions[at];
    if (revision) {
      const name = `${branch.name}~${done + at + 1}`;
      return { ...branch, name, revision, matching: images.stated.size, proven: true };
    }
    const last = revisions.at(-1);
    if (!last) return null;
    from = last;
  }
  return null;
}

async function hasAll(source: KernelSource, revision: string, images: PreImages): Promise<boolean> {
  for (const [path, id] of images.stated) {
    if ((await hasFile(source, { revision, path, id })) !== "matches") return false;
  }
  return images.stated.size > 0;
}
