/** The patches of a series with their diffs, and whether they concern the interception at all. */
import type { Series } from "../mail/series.ts";
import { touchedPaths } from "../patch/diff.ts";
import type { FileChange, PatchProblem } from "../patch/diff.ts";
import { parseDiff } from "../patch/parse.ts";

export interface PatchPart {
  readonly index: number;
  readonly messageId: string | null;
  /** Without the tag in brackets. */
  readonly subject: string;
  readonly files: readonly FileChange[];
  readonly problems: readonly PatchProblem[];
  readonly paths: readonly string[];
}

/** Parses the diff of every patch. */
export function patchParts(series: Series): PatchPart[] {
  return series.patches.map(({ index, message, subject }) => {
    const { files, problems } = parseDiff(message.patchText);
    const { messageId } = message;
    return { index, messageId, subject: subject.title, files, problems, paths: touchedPaths(files) };
  });
}

/** What the interception of x2APIC MSRs can depend on: KVM for x86 and the headers it includes. */
const CONCERNED = /^(?:arch\/x86\/(?:kvm|include)|include|virt\/kvm)\//;

function concernsInterception(paths: readonly string[]): boolean {
  return paths.some((path) => CONCERNED.test(path));
}

/** Why a series has nothing to do with the interception, or null when it may have. */
export function notApplicable(series: Series, parts: readonly PatchPart[]): string | null {
  if (series.foreign !== null) return `the series is for ${series.foreign}, not for the kernel`;
  if (parts.some(({ problems }) => problems.length > 0)) return null;
  if (parts.length === 0) return "no patch of the series is in the input";
  if (parts.some(({ paths }) => concernsInterception(paths))) return null;
  return "no patch touches KVM for x86 or a header it includes";
}

const MAX_NAMED = 6;

/** Why nothing is determined without a kernel, and what the patches touch. */
export function withoutKernel(parts: readonly PatchPart[]): string {
  const paths = [...new Set(parts.flatMap((part) => part.paths))]
    .filter((path) => CONCERNED.test(path))
    .sort();
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : "";
  return `no kernel source is given; the patches touch ${paths.slice(0, MAX_NAMED).join(", ")}${more}`;
}

/** The first diff that cannot be relied on. */
export function firstProblem(parts: readonly PatchPart[]): { part: PatchPart; problem: PatchProblem } | null {
  for (const part of parts) {
    const problem = part.problems[0];
    if (problem !== undefined) return { part, problem };
  }
  return null;
}
