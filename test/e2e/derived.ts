/** The derived patches of the interception tests as mails, and what their review has to say. */
import type { Access } from "../../src/x2apic.ts";
import { ACCESSES, msrHex } from "../../src/x2apic.ts";
import { applyEdits } from "../interception/derived-patches.ts";
import type { DerivedPatch, Expected } from "../interception/derived-patches.ts";
import { OLD_SET } from "../interception/derived/types.ts";
import type { Tree } from "../interception/kernels.ts";
import type { Files, MailPatch } from "./git-mails.ts";

type Open = Readonly<Record<Access, readonly number[]>>;
type Some = Partial<Open> | undefined;

/** The texts before, of every file an edit touches; a file that is made anew is not among them. */
export function filesBefore(tree: Tree, patch: DerivedPatch): Files {
  const after = applyEdits(patch.edits, tree.read);
  const before = [...after.keys()].map((path) => [path, tree.read(path)] as const);
  return new Map(before.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

export function mailPatch(tree: Tree, patch: DerivedPatch): MailPatch {
  return { subject: patch.subject, files: applyEdits(patch.edits, tree.read) };
}

function changed(
  base: readonly number[],
  opened: readonly number[] = [],
  closed: readonly number[] = [],
): string[] {
  const msrs = [...base, ...opened].filter((msr) => !closed.includes(msr));
  return [...new Set(msrs)].sort((a, b) => a - b).map(msrHex);
}

function hexSet(base: Open, opened: Some, closed: Some) {
  const of = (access: Access) => changed(base[access], opened?.[access], closed?.[access]);
  return { read: of("read"), write: of("write") };
}

const NOTHING: Open = { read: [], write: [] };
const OLD: Open = { read: OLD_SET, write: OLD_SET };

/** The sets after the patch, in the form of the review. */
export function expectedSets({ opened, closed, deactivated, notX2avic }: Expected) {
  return {
    active: hexSet(OLD, opened, closed),
    deactivated: hexSet(NOTHING, deactivated, undefined),
    "not-x2avic": hexSet(NOTHING, notX2avic, undefined),
  };
}

export const EXPECTED_BASE = expectedSets({});

function opensSomething(some: Some): boolean {
  return ACCESSES.some((access) => (some?.[access]?.length ?? 0) > 0);
}

/** The verdict that follows from what changes. */
export function expectedVerdict(expected: Expected): "changed" | "unchanged" | "undetermined" {
  if (expected.undetermined !== undefined || opensSomething(expected.documented)) return "undetermined";
  const { opened, closed, deactivated, notX2avic, outside, answers, condition } = expected;
  const sets = [opened, closed, deactivated, notX2avic, outside].some(opensSomething);
  return sets || (answers?.length ?? 0) > 0 || condition !== undefined ? "changed" : "unchanged";
}
