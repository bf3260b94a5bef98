/** What lists say of a review: few numbers instead of the whole. */
import type { Review, ReviewBase } from "./types.ts";

/** From the worst to the least. */
const SEVERITIES = ["critical", "warning", "info"] as const;
export type WorstSeverity = (typeof SEVERITIES)[number];

export interface ReviewSummary {
  /** Cells of the table that differ; a row of several words counts as one. */
  readonly changedCells: number;
  readonly worst: WorstSeverity | null;
  readonly base: Pick<ReviewBase, "how" | "revision" | "verified"> | null;
}

export function summarise(review: Review): ReviewSummary {
  const cells = review.rows.flatMap(({ read, write }) => [read, write]);
  const found = new Set(review.findings.map(({ severity }) => severity));
  const { base } = review;
  return {
    changedCells: cells.filter(({ changed }) => changed).length,
    worst: SEVERITIES.find((severity) => found.has(severity)) ?? null,
    base: base === null ? null : { how: base.how, revision: base.revision, verified: base.verified },
  };
}
