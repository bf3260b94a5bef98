/** Kernel trees before and after each patch of a series, proven where the diffs allow it. */
import type { AppliedPatch, PostImage } from "../kernel/apply-patch.ts";
import { findBase } from "../kernel/base.ts";
import type { BaseOptions } from "../kernel/base.ts";
import type { KernelSource, TreeRef } from "../kernel/source.ts";
import type { Series } from "../mail/series.ts";
import type { PatchPart } from "./parts.ts";
import type { ReviewBase, ReviewPlace } from "./types.ts";

export interface PatchedTree {
  readonly part: PatchPart;
  readonly tree: TreeRef;
  /** null: the diffs name no blob ids. */
  readonly postImageVerified: boolean | null;
}

export interface Trees {
  readonly base: ReviewBase;
  readonly tree: TreeRef;
  readonly after: readonly PatchedTree[];
}

/** Why there are none, in one sentence, and where it went wrong. */
export interface NoTrees {
  readonly reason: string;
  readonly place: ReviewPlace;
}

const VERIFIED: Readonly<Record<PostImage, boolean | null>> = {
  matched: true,
  differs: false,
  "not-stated": null,
};

function pairUp(parts: readonly PatchPart[], patches: readonly AppliedPatch[]): PatchedTree[] {
  return patches.flatMap(({ tree, postImage }, at) => {
    const part = parts[at];
    return part === undefined ? [] : [{ part, tree, postImageVerified: VERIFIED[postImage] }];
  });
}

/** Finds the base and applies the patches in order, each to the result of the one before. */
export async function patchedTrees(
  series: Series,
  parts: readonly PatchPart[],
  source: KernelSource,
  options: Pick<BaseOptions, "base" | "branches">,
): Promise<Trees | NoTrees> {
  const { baseCommit, prerequisites } = series;
  const result = await findBase(parts, source, {
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.branches === undefined ? {} : { branches: options.branches }),
    baseCommit,
    prerequisites,
  });
  if (!result.ok) {
    const { reason, file, hunk } = result.undetermined;
    return { reason, place: { patch: null, file, hunk, line: null } };
  }
  const { how, revision, verified, note, tree } = result.base;
  return { base: { how, revision, verified, note }, tree, after: pairUp(parts, result.patches) };
}
