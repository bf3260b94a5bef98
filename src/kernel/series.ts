/** A series on a tree: its patches in order, each on the result of the one before. */
import {
  applyPatch,
  type AppliedPatch,
  type ApplyFailure,
  type PatchToApply,
  type Progress,
} from "./apply-patch.ts";
import type { TreeRef } from "./source.ts";

export type SeriesResult =
  | { readonly ok: true; readonly patches: readonly AppliedPatch[] }
  | { readonly ok: false; readonly failure: ApplyFailure };

/** Applies all patches or says where it ends: exact lines, offset allowed, no fuzz. */
export async function applySeries(base: TreeRef, patches: readonly PatchToApply[]): Promise<SeriesResult> {
  const applied: AppliedPatch[] = [];
  let tree = base;
  let progress: Progress = { files: 0, bytes: 0 };
  for (const patch of patches) {
    const result = await applyPatch(tree, patch, progress);
    if (!result.ok) return result;
    applied.push(result.patch);
    tree = result.patch.tree;
    progress = result.progress;
  }
  return { ok: true, patches: applied };
}

/** What the diffs say about the files they start from. */
export interface PreImages {
  /** Path and stated blob id of each file that the series finds in its base. */
  readonly stated: ReadonlyMap<string, string>;
  /** Files whose content changes without a stated id: nothing proves them. */
  readonly unstated: readonly string[];
  /** Files the series makes: they are not in its base. */
  readonly added: readonly string[];
}

/** The files that a series expects in its base: of each path only the first change counts. */
export function preImages(patches: readonly PatchToApply[]): PreImages {
  const stated = new Map<string, string>();
  const unstated: string[] = [];
  const added: string[] = [];
  const seen = new Set<string>();
  for (const file of patches.flatMap((patch) => patch.files)) {
    const { oldPath, newPath } = file;
    if (oldPath !== null && !seen.has(oldPath)) {
      if (file.oldBlob !== null) stated.set(oldPath, file.oldBlob);
      else if (file.hunks.length > 0 || file.binary) unstated.push(oldPath);
    }
    if (file.change === "add" && newPath !== null && !seen.has(newPath)) added.push(newPath);
    for (const path of [oldPath, newPath]) if (path !== null) seen.add(path);
  }
  return { stated, unstated, added };
}

/** "patch 2, arch/x86/kvm/svm/avic.c, hunk 3: its lines are not in the file". */
export function describeFailure(failure: ApplyFailure): string {
  const place = [
    `patch ${failure.patch}`,
    ...(failure.file === null ? [] : [failure.file]),
    ...(failure.hunk === 0 ? [] : [`hunk ${failure.hunk}`]),
  ];
  return `${place.join(", ")}: ${failure.reason}`;
}
