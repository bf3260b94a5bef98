/** From evaluated trees to the review: pure, no source is read here. */
import type { KernelBehaviour } from "../interception/behaviour.ts";
import { describeExits } from "../model/exits.ts";
import { exitLines } from "../model/exits-text.ts";
import type { Finding, PatchFacts, TreeFacts } from "../model/finding.ts";
import { findFindings } from "../model/findings.ts";
import type { Profile } from "../model/profile.ts";
import { buildRows } from "../model/rows.ts";
import {
  behavesDifferently,
  changedAccesses,
  changedAnswers,
  conditionWays,
  reviewConditions,
  reviewSets,
} from "./behaviours.ts";
import { msrHex } from "../x2apic.ts";
import type { ReviewFinding, UnsealedReview } from "./types.ts";

/** One patch and the tree after it. */
export interface Step {
  readonly index: number;
  readonly subject: string;
  readonly after: KernelBehaviour;
}

export interface Evaluated {
  readonly base: KernelBehaviour;
  readonly steps: readonly Step[];
  readonly profile: Profile;
}

/** What the evaluation contributes to the review. */
export type Result = Pick<
  UnsealedReview,
  "verdict" | "sets" | "conditions" | "rows" | "answers" | "findings" | "exits"
>;

/** Each patch with the accesses it changes, and whether it changes anything at all. */
export interface PatchEffect extends PatchFacts {
  readonly changesSets: boolean;
}

export function patchEffects({ base, steps, profile }: Evaluated): PatchEffect[] {
  return steps.map(({ index, subject, after }, position) => {
    const before = steps[position - 1]?.after ?? base;
    const changed = before === after ? [] : changedAccesses(before, after, profile);
    return { index, subject, changed, changesSets: behavesDifferently(before, after, profile) };
  });
}

function treeFacts({ sets, outside, answers }: KernelBehaviour): TreeFacts {
  return { sets, outside, answers };
}

function toFinding({ rule, severity, msr, access, text }: Finding): ReviewFinding {
  return { rule, severity, msr, access, text };
}

function findings(
  evaluated: Evaluated,
  now: KernelBehaviour,
  patches: readonly PatchEffect[],
): ReviewFinding[] {
  const { base, profile } = evaluated;
  const ways = conditionWays(base, now).map(({ when, old, new: after }) => ({
    when,
    old: { sets: old, outside: base.outside },
    new: { sets: after, outside: now.outside },
  }));
  const input = { old: treeFacts(base), new: treeFacts(now), profile, patches, ways };
  return findFindings(input).map(toFinding);
}

function exits(base: KernelBehaviour, now: KernelBehaviour, profile: Profile): string[] {
  return exitLines(
    describeExits({
      old: base.sets.active,
      new: now.sets.active,
      oldAnswers: base.answers,
      newAnswers: now.answers,
      profile,
      handler: now.unaccelerated,
    }),
  );
}

/**
 * Compares the base with the series up to the last patch that changes anything: the columns of the table.
 * `unchanged` when nothing differs between the two, also when one patch undoes another.
 */
export function assemble(evaluated: Evaluated, effects: readonly PatchEffect[]): Result {
  const { base, steps, profile } = evaluated;
  const last = effects.findLastIndex(({ changesSets }) => changesSets);
  const now = steps[last]?.after ?? base;
  const changedBy = (msr: number, access: string) =>
    effects
      .filter(({ changed }) => changed.some((one) => one.msr === msr && one.access === access))
      .map(({ index }) => index);
  const changed = behavesDifferently(base, now, profile);
  return {
    verdict: changed ? "changed" : "unchanged",
    sets: reviewSets(base.sets, now.sets),
    conditions: reviewConditions(conditionWays(base, now)),
    rows: buildRows({
      old: base.sets.active,
      new: now.sets.active,
      oldAnswers: base.answers,
      newAnswers: now.answers,
      profile,
      changedBy,
    }),
    answers: changedAnswers(base, now, profile).map((one) => ({ ...one, msr: msrHex(one.msr) })),
    findings: changed ? findings(evaluated, now, effects) : [],
    exits: exits(base, now, profile),
  };
}
