/** The sentences of the reply: each says one fact of the review. */
import { accessPhrase, msrsPhrase } from "../model/phrase.ts";
import type { Access } from "../x2apic.ts";
import type { Review, ReviewCondition, ReviewPatch, ReviewRow } from "../review/types.ts";
import { cleanLine } from "./clean.ts";

const INSTRUCTIONS: readonly [Access, string][] = [
  ["read", "RDMSR"],
  ["write", "WRMSR"],
];

/** How sure the result of applying is: by the blob ids that the diffs name. */
function sureness(patches: readonly ReviewPatch[]): string {
  const known = patches.filter(({ postImageVerified }) => postImageVerified !== null);
  if (known.length === 0) return "The diffs name no blob ids to check the result of applying them against.";
  const wrong = known.filter(({ postImageVerified }) => postImageVerified === false);
  if (wrong.length === 0) return "After applying they have those that the patches name.";
  const list = wrong.map(({ index }) => index).join(", ");
  return `All hunks apply, but the blob ids after patch ${list} are not those the mails name: the author's tree differs.`;
}

/** What was compared, and how sure that is. */
export function baseSentence(review: Review): string {
  if (review.base === null) return "";
  return `${cleanLine(review.base.note, 600)} ${sureness(review.series.patches)}`;
}

/** Parts of the series that the input did not hold; empty when it held all. */
export function missingSentence({ series }: Review): string {
  const { missing, total } = series;
  if (missing.length === 0) return "";
  const many = missing.length > 1;
  return `${many ? "Patches" : "Patch"} ${missing.join(", ")} of ${total} ${many ? "were" : "was"} not in the input.`;
}

/** `2/5`, or `the patch` where there is only one. */
export function patchName(review: Review, index: number): string {
  return review.series.total <= 1 ? "the patch" : `${index}/${review.series.total}`;
}

function changedBy(rows: readonly ReviewRow[], access: Access, index: number): number[] {
  return rows.filter((row) => row[access].by.includes(index)).flatMap(({ msrs }) => msrs.map(Number));
}

/** One line a patch that changes a cell of the table: `2/5 changes RDMSR of 0x809, 0x833..0x839`. */
export function patchSentences(review: Review): string[] {
  return review.series.patches.flatMap(({ index }) => {
    const parts = INSTRUCTIONS.flatMap(([access, name]) => {
      const msrs = changedBy(review.rows, access, index);
      return msrs.length === 0 ? [] : [`${name} of ${msrsPhrase(msrs)}`];
    });
    return parts.length === 0 ? [] : [`${patchName(review, index)} changes ${parts.join("; ")}`];
  });
}

/** KVM's own answers that change and that the table does not show, one sentence for each kind of change. */
export function answerSentences({ answers }: Review): string[] {
  const groups = new Map<string, { access: Access; old: string; new: string; msrs: number[] }>();
  for (const { msr, access, old, new: now, shown } of answers) {
    const key = `${access} ${old} ${now}`;
    const group = groups.get(key) ?? { access, old, new: now, msrs: [] };
    if (!shown) group.msrs.push(Number(msr));
    groups.set(key, group);
  }
  const hidden = [...groups.values()].filter(({ msrs }) => msrs.length > 0);
  return hidden.map(
    ({ access, old, new: now, msrs }) =>
      `${accessPhrase(access, msrs)}: ${old} before, ${now} after, where AVIC is off; with x2AVIC active KVM is not asked.`,
  );
}

function difference(one: readonly string[], other: readonly string[]): number[] {
  const known = new Set(other);
  return one.filter((msr) => !known.has(msr)).map(Number);
}

/** How one way of a condition differs from the default way, before or after the series. */
function wayDifference(review: Review, way: ReviewCondition, side: "old" | "new"): string[] {
  return INSTRUCTIONS.flatMap(([access, name]) => {
    const usual = review.sets?.active[side][access] ?? [];
    const here = way.sets.active[side][access];
    const more = difference(here, usual);
    const less = difference(usual, here);
    return [
      ...(more.length === 0 ? [] : [`passes through ${name} of ${msrsPhrase(more)} too`]),
      ...(less.length === 0 ? [] : [`intercepts ${name} of ${msrsPhrase(less)}`]),
    ];
  });
}

/** What one way of a condition does that the table does not show. */
export function conditionSentence(review: Review, way: ReviewCondition): string {
  const when = cleanLine(way.when, 200);
  const sides = (["old", "new"] as const).flatMap((side) => {
    const parts = wayDifference(review, way, side);
    return parts.length === 0 ? [] : [`the ${side === "old" ? "base" : "series"} ${parts.join(" and ")}`];
  });
  return `when ${when}: ${sides.length === 0 ? "as in the table" : sides.join("; ")}.`;
}
