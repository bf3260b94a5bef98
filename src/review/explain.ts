/** Why a cell of the table is what it is, on both sides: the code that decided, the model's stage, the sources. */
import type { Answer } from "../model/answers.ts";
import { compareAccess } from "../model/changes.ts";
import type { AccessState, ComparisonInput } from "../model/changes.ts";
import type { HardwareCell, Profile } from "../model/profile.ts";
import { registerAt } from "../model/registers.ts";
import { buildRows } from "../model/rows.ts";
import { msrHex } from "../x2apic.ts";
import type { Access, AccessSet } from "../x2apic.ts";
import { answerAt, answersOf, decisionAt } from "./grounds.ts";
import type { Grounds, GroundsSide, QuotedLine } from "./grounds.ts";
import type { HexSet, Review, ReviewRow, ReviewSets } from "./types.ts";

export interface ExplainedSide {
  readonly code: string;
  readonly evidence: string;
  readonly passed: boolean;
  /** The call that last decided; null: nothing touched the access, and the map starts out intercepting. */
  readonly decidedAt: QuotedLine | null;
  /** From the entry point down to the write into the map. */
  readonly chain: readonly QuotedLine[];
  /** What the CPU does when the access is passed through. */
  readonly hardware: Pick<HardwareCell, "code" | "evidence" | "source" | "variants">;
  /** What KVM answers when it has to emulate. */
  readonly answer: Pick<Answer, "guest" | "from"> & { readonly at: QuotedLine | null };
}

export interface Explanation {
  readonly series: string;
  readonly msr: string;
  readonly register: string;
  readonly access: Access;
  readonly profile: string;
  /** The way of a condition that is asked for; null: the usual way. */
  readonly when: string | null;
  readonly old: ExplainedSide;
  readonly new: ExplainedSide;
  /** Patches that change the cell. */
  readonly by: readonly { readonly index: number; readonly subject: string }[];
}

/** A review with what it rests on, the hardware it is asked about, and the way of a condition. */
export interface Viewed {
  readonly review: Review;
  readonly grounds: Grounds;
  readonly profile: Profile;
  /** Position in the review's conditions; null: the usual way. */
  readonly way: number | null;
}

function numbers(set: HexSet): AccessSet {
  return { read: set.read.map(Number), write: set.write.map(Number) };
}

function setsOf({ review, way }: Pick<Viewed, "review" | "way">): ReviewSets | null {
  return way === null ? review.sets : (review.conditions[way]?.sets ?? null);
}

function comparison(viewed: Viewed): ComparisonInput | null {
  const sets = setsOf(viewed);
  if (sets === null) return null;
  const { grounds, profile } = viewed;
  return {
    old: numbers(sets.active.old),
    new: numbers(sets.active.new),
    oldAnswers: answersOf(grounds.old),
    newAnswers: answersOf(grounds.new),
    profile,
  };
}

function changedBy({ grounds, profile }: Viewed): (msr: number, access: Access) => number[] {
  const patches = grounds.changedBy[profile.name] ?? [];
  return (msr, access) =>
    patches.filter((patch) => patch[access].includes(msrHex(msr))).map(({ index }) => index);
}

/** The rows of the table as this profile and this way have them. */
export function rowsFor(viewed: Viewed): readonly ReviewRow[] {
  const input = comparison(viewed);
  if (input === null) return [];
  return buildRows({ ...input, changedBy: changedBy(viewed) });
}

interface Asked {
  readonly msr: number;
  readonly access: Access;
}

/** What decided is known for the usual way alone. */
function knownDecision(side: GroundsSide, passed: boolean, usual: boolean, { msr, access }: Asked) {
  return passed === usual ? decisionAt(side, msr, access) : null;
}

function explainSide(
  viewed: Viewed,
  which: "old" | "new",
  { state, asked }: { state: AccessState; asked: Asked },
) {
  const side = viewed.grounds[which];
  const { msr, access } = asked;
  const usual = viewed.review.sets?.active[which][access].includes(msrHex(msr)) ?? false;
  const decision = knownDecision(side, state.passed, usual, asked);
  const { code, evidence, source, variants } = viewed.profile.cell(msr, access);
  return {
    code: state.outcome.code,
    evidence: state.outcome.evidence,
    passed: state.passed,
    decidedAt: decision?.at ?? null,
    chain: decision?.chain ?? [],
    hardware: { code, evidence, source, variants },
    answer: {
      guest: state.answer.guest,
      from: state.answer.from,
      at: answerAt(side, msr, access)?.at ?? null,
    },
  };
}

/** Explains one access of a review; null when the review is undetermined or not applicable. */
export function explainAccess(viewed: Viewed, asked: Asked): Explanation | null {
  const input = comparison(viewed);
  if (input === null) return null;
  const { review, profile, way } = viewed;
  const { msr, access } = asked;
  const change = compareAccess(input)(msr, access);
  const changed = change.old.outcome.code !== change.new.outcome.code;
  const by = new Set(changed ? changedBy(viewed)(msr, access) : []);
  return {
    series: review.series.subject,
    msr: msrHex(msr),
    register: registerAt(msr).name,
    access,
    profile: profile.name,
    when: way === null ? null : (review.conditions[way]?.when ?? null),
    old: explainSide(viewed, "old", { state: change.old, asked }),
    new: explainSide(viewed, "new", { state: change.new, asked }),
    by: review.series.patches
      .filter(({ index }) => by.has(index))
      .map(({ index, subject }) => ({ index, subject })),
  };
}
