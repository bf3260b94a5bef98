/** The patches of a series with their diffs, and whether they concern the interception at all. */
import { isEvaluated } from "../evaluated-files.ts";
import type { Series } from "../mail/series.ts";
import { touchedPaths } from "../patch/diff.ts";
import type { FileChange, PatchProblem } from "../patch/diff.ts";
import { outlineDiff, parseDiff } from "../patch/parse.ts";

/** As much of a patch as can be said without a kernel. */
export interface PatchOutline {
  readonly index: number;
  readonly messageId: string | null;
  /** Without the tag in brackets. */
  readonly subject: string;
  readonly problems: readonly PatchProblem[];
  readonly paths: readonly string[];
}

export interface PatchPart extends PatchOutline {
  readonly files: readonly FileChange[];
}

/** Parses the diff of every patch. */
export function patchParts(series: Series): PatchPart[] {
  return series.patches.map(({ index, message, subject }) => {
    const { files, problems } = parseDiff(message.patchText);
    const { messageId } = message;
    return { index, messageId, subject: subject.title, files, problems, paths: touchedPaths(files) };
  });
}

/** The same without looking into the hunks. */
export function outlineParts(series: Series): PatchOutline[] {
  return series.patches.map(({ index, message, subject }) => {
    const { messageId } = message;
    return { index, messageId, subject: subject.title, ...outlineDiff(message.patchText) };
  });
}

/** Why a series has nothing to do with the interception, or null when it may have. */
export function notApplicable(series: Series, parts: readonly PatchOutline[]): string | null {
  if (series.foreign !== null) return `the series is for ${series.foreign}, not for the kernel`;
  if (parts.some(({ problems }) => problems.length > 0)) return null;
  if (parts.length === 0) return "no patch of the series is in the input";
  if (parts.some(({ paths }) => paths.some(isEvaluated))) return null;
  return "no patch touches a file that the evaluation of a kernel can read";
}

const MAX_NAMED = 6;

/** Why nothing is determined without a kernel, and what the patches touch. */
export function withoutKernel(parts: readonly PatchOutline[]): string {
  const paths = [...new Set(parts.flatMap((part) => part.paths))].filter(isEvaluated).sort();
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : "";
  return `no kernel source is given; the patches touch ${paths.slice(0, MAX_NAMED).join(", ")}${more}`;
}

/** The first diff that cannot be relied on. */
export function firstProblem(
  parts: readonly PatchOutline[],
): { part: PatchOutline; problem: PatchProblem } | null {
  for (const part of parts) {
    const problem = part.problems[0];
    if (problem !== undefined) return { part, problem };
  }
  return null;
}
