/** A series of patches and a kernel to the review of what they change: pure but for reading the source. */
import type { Evaluation, KernelBehaviour } from "../interception/behaviour.ts";
import type { KernelSource, TreeRef } from "../kernel/source.ts";
import type { Series } from "../mail/series.ts";
import { DEFAULT_PROFILE } from "../model/profiles.ts";
import type { Profile } from "../model/profile.ts";
import { assemble, patchEffects } from "./assemble.ts";
import type { Evaluated, PatchEffect, Step } from "./assemble.ts";
import { sealReview } from "./digest.ts";
import { notComparable, type Untold } from "./behaviours.ts";
import { createEvaluator } from "./evaluate.ts";
import type { Evaluator } from "./evaluate.ts";
import { firstProblem, notApplicable, outlineParts, patchParts, withoutKernel } from "./parts.ts";
import type { PatchOutline, PatchPart } from "./parts.ts";
import { patchedTrees } from "./trees.ts";
import type { PatchedTree, Trees } from "./trees.ts";
import { REVIEW_SCHEMA } from "./types.ts";
import type { Review, ReviewPlace, ReviewSeries, UnsealedReview } from "./types.ts";

export interface ReviewOptions {
  /** Default: zen4. */
  readonly profile?: Profile;
  /** A revision to take as base whatever the series says. */
  readonly base?: string;
  /** Revisions tried as base when the series names none that is known, best first. */
  readonly branches?: readonly string[];
  /** Shared by the reviews of one run, so that trees they have in common are evaluated once. */
  readonly evaluate?: Evaluator;
}

/** One side of the comparison. */
export interface StudiedTree {
  readonly tree: TreeRef;
  readonly behaviour: KernelBehaviour;
}

/** A review and what it was made from, for verbs that explain it; null where it was not determined. */
export interface Study {
  readonly review: Review;
  readonly old: StudiedTree | null;
  readonly new: StudiedTree | null;
  readonly evaluated: Evaluated | null;
}

type Outcome = Omit<UnsealedReview, "schema" | "series" | "profile">;

const NOWHERE: ReviewPlace = { patch: null, file: null, hunk: null, line: null };

function withoutResult(
  verdict: "undetermined" | "not-applicable",
  reason: string,
  place: ReviewPlace | null,
): Outcome {
  return {
    verdict,
    reason,
    place,
    base: null,
    sets: null,
    conditions: [],
    rows: [],
    answers: [],
    findings: [],
    exits: [],
  };
}

function describeSeries(
  series: Series,
  parts: readonly PatchOutline[],
  effects: readonly PatchEffect[],
  trees: readonly PatchedTree[],
): ReviewSeries {
  const changing = new Set(effects.filter(({ changesSets }) => changesSets).map(({ index }) => index));
  const verified = new Map(trees.map(({ part, postImageVerified }) => [part.index, postImageVerified]));
  const patches = parts.map(({ index, messageId, subject }) => {
    const postImageVerified = verified.get(index) ?? null;
    return { index, messageId, subject, changesSets: changing.has(index), postImageVerified };
  });
  const { id, title, author, date, version, total, missing } = series;
  const { name, address } = author;
  return { messageId: id, subject: title, author: { name, address }, date, version, total, patches, missing };
}

function problemOutcome(parts: readonly PatchOutline[]): Outcome | null {
  const found = firstProblem(parts);
  if (found === null) return null;
  const { part, problem } = found;
  const reason = `patch ${part.index}: ${problem.text} (line ${problem.line} of the mail's text)`;
  return withoutResult("undetermined", reason, { ...NOWHERE, patch: part.index });
}

/** What can be said without looking at a kernel; null when one has to be looked at. */
function outcomeOfMails(series: Series, parts: readonly PatchOutline[]): Outcome | null {
  const reason = notApplicable(series, parts);
  return reason === null ? problemOutcome(parts) : withoutResult("not-applicable", reason, null);
}

/** A patch may change the result when it changes a file that was read, or makes or removes files. */
function mayChange(former: Evaluation, part: PatchPart): boolean {
  if (part.files.some(({ change }) => change !== "modify" && change !== "mode")) return true;
  const read = new Set(former.ok ? former.behaviour.filesRead : former.filesRead);
  return part.paths.some((path) => read.has(path));
}

interface Failure {
  readonly patch: number | null;
  readonly why: Untold;
}

interface Chain {
  readonly base: KernelBehaviour;
  readonly steps: readonly Step[];
  /** Whether any patch touches what the evaluation rests on. */
  readonly touched: boolean;
}

/** Evaluates the base and the tree after each patch, in order. */
async function evaluateChain(trees: Trees, evaluate: Evaluator): Promise<Chain | Failure> {
  const first = await evaluate(trees.tree);
  if (!first.ok) return { patch: null, why: first };
  let current = first;
  let touched = false;
  const steps: Step[] = [];
  for (const { part, tree } of trees.after) {
    if (mayChange(current, part)) {
      touched = true;
      const next = await evaluate(tree);
      if (!next.ok) return { patch: part.index, why: next };
      const obstacle = notComparable(current.behaviour, next.behaviour);
      if (obstacle !== null) return { patch: part.index, why: obstacle };
      current = next;
    }
    steps.push({ index: part.index, subject: part.subject, after: current.behaviour });
  }
  return { base: first.behaviour, steps, touched };
}

function failureOutcome({ patch, why }: Failure, trees: Trees): Outcome {
  const { reason, place } = why;
  const where =
    patch === null ? "the base cannot be evaluated" : `after patch ${patch} the code cannot be evaluated`;
  const line = place === null ? "" : `${place.file}:${place.line}: `;
  const outcome = withoutResult("undetermined", `${where}: ${line}${reason}`, {
    ...NOWHERE,
    patch,
    file: place?.file ?? null,
    line: place?.line ?? null,
  });
  return { ...outcome, base: trees.base };
}

/** The tree of the New column: after the last patch that changes something. */
function newTree(trees: Trees, chain: Chain, effects: readonly PatchEffect[]): StudiedTree {
  const last = effects.findLastIndex(({ changesSets }) => changesSets);
  const behaviour = chain.steps[last]?.after ?? chain.base;
  return { tree: trees.after[last]?.tree ?? trees.tree, behaviour };
}

interface Work {
  readonly series: Series;
  readonly parts: readonly PatchOutline[];
  readonly profile: Profile;
}

function seal(
  work: Work,
  outcome: Outcome,
  effects: readonly PatchEffect[],
  trees: readonly PatchedTree[],
): Review {
  return sealReview({
    schema: REVIEW_SCHEMA,
    verdict: outcome.verdict,
    reason: outcome.reason,
    place: outcome.place,
    series: describeSeries(work.series, work.parts, effects, trees),
    base: outcome.base,
    profile: work.profile.name,
    sets: outcome.sets,
    conditions: outcome.conditions,
    rows: outcome.rows,
    answers: outcome.answers,
    findings: outcome.findings,
    exits: outcome.exits,
  });
}

function noResult(work: Work, outcome: Outcome, trees: readonly PatchedTree[] = []): Study {
  return { review: seal(work, outcome, [], trees), old: null, new: null, evaluated: null };
}

async function studyTrees(work: Work, trees: Trees, evaluate: Evaluator): Promise<Study> {
  const chain = await evaluateChain(trees, evaluate);
  if ("why" in chain) return noResult(work, failureOutcome(chain, trees), trees.after);
  if (!chain.touched) {
    const outcome = withoutResult(
      "not-applicable",
      "no patch touches a file that the interception rests on",
      null,
    );
    return noResult(work, { ...outcome, base: trees.base }, trees.after);
  }
  const evaluated = { base: chain.base, steps: chain.steps, profile: work.profile };
  const effects = patchEffects(evaluated);
  const result = { reason: null, place: null, base: trees.base, ...assemble(evaluated, effects) };
  const old = { tree: trees.tree, behaviour: chain.base };
  return {
    review: seal(work, result, effects, trees.after),
    old,
    new: newTree(trees, chain, effects),
    evaluated,
  };
}

function studyMails(work: Work): Study {
  const { series, parts } = work;
  const early = outcomeOfMails(series, parts);
  return noResult(work, early ?? withoutResult("undetermined", withoutKernel(parts), NOWHERE));
}

/** Reviews a series and keeps what the review rests on. `source` null: no kernel is at hand. */
export async function studySeries(
  series: Series,
  source: KernelSource | null,
  options: ReviewOptions = {},
): Promise<Study> {
  const profile = options.profile ?? DEFAULT_PROFILE;
  if (source === null) return studyMails({ series, parts: outlineParts(series), profile });
  const parts = patchParts(series);
  const work = { series, parts, profile };
  const early = outcomeOfMails(series, parts);
  if (early !== null) return noResult(work, early);
  const trees = await patchedTrees(series, parts, source, options);
  if ("reason" in trees) return noResult(work, withoutResult("undetermined", trees.reason, trees.place));
  return studyTrees(work, trees, options.evaluate ?? createEvaluator());
}

/**
 * What a series changes for every x2APIC MSR access. The same series, source and options give the same
 * review, byte for byte. What cannot be determined is a verdict with a reason; it rejects with KernelError
 * only when the kernel source itself fails (git died, the directory is gone).
 */
export async function reviewSeries(
  series: Series,
  source: KernelSource | null,
  options: ReviewOptions = {},
): Promise<Review> {
  return (await studySeries(series, source, options)).review;
}
