/** The review as scripts see it: `avicbot.review/1`, described by review.schema.json beside this file. */
import type { Access, Scenario } from "../x2apic.ts";

export const REVIEW_SCHEMA = "avicbot.review/1";

export type Verdict = "changed" | "unchanged" | "undetermined" | "not-applicable";

/** MSR numbers as lower-case hex strings (`0x80a`), ascending, of the accesses passed through. */
export type HexSet = Readonly<Record<Access, readonly string[]>>;

export interface OldNew<T> {
  readonly old: T;
  readonly new: T;
}

export type ReviewSets = Readonly<Record<Scenario, OldNew<HexSet>>>;

export interface ReviewCondition {
  /** The C condition that the source alone cannot settle, as it stands in the code. */
  readonly when: string;
  readonly sets: ReviewSets;
}

export interface ReviewPatch {
  readonly index: number;
  readonly messageId: string | null;
  readonly subject: string;
  /** Whether the sets or KVM's answers differ before and after this patch. */
  readonly changesSets: boolean;
  /** Whether the blob ids after applying are those the diff names; null when it names none. */
  readonly postImageVerified: boolean | null;
}

export interface ReviewSeries {
  readonly messageId: string | null;
  readonly subject: string;
  readonly author: { readonly name: string; readonly address: string };
  /** ISO 8601, or null when the mail has no date that can be read. */
  readonly date: string | null;
  readonly version: number;
  readonly total: number;
  readonly patches: readonly ReviewPatch[];
  /** Indices of parts that were not in the input. */
  readonly missing: readonly number[];
}

export interface ReviewBase {
  readonly how: "blob" | "base-commit" | "branch" | "tree" | "given";
  readonly revision: string;
  /** Whether the blob ids prove that this is the source its author had. */
  readonly verified: boolean;
  /** The same in words. */
  readonly note: string;
}

/** Where an undetermined review stopped, as far as it is known. */
export interface ReviewPlace {
  readonly patch: number | null;
  readonly file: string | null;
  readonly hunk: number | null;
  readonly line: number | null;
}

export type Evidence = "measured" | "documented" | "inferred" | "unknown";

export interface ReviewCell {
  readonly old: string;
  readonly new: string;
  readonly changed: boolean;
  /** Indices of the patches that changed this cell. */
  readonly by: readonly number[];
  readonly evidence: Evidence;
}

export interface ReviewRow {
  readonly msrs: readonly string[];
  readonly label: string;
  readonly register: string;
  readonly read: ReviewCell;
  readonly write: ReviewCell;
}

/** KVM's own answer to an access, where the series changes it; `shown`: the table shows it too. */
export interface ReviewAnswer {
  readonly msr: string;
  readonly access: Access;
  readonly old: string;
  readonly new: string;
  readonly shown: boolean;
}

export interface ReviewFinding {
  readonly rule: string;
  /** `critical`, `warning` or `info`. */
  readonly severity: string;
  /** The first of the registers that the sentence names. */
  readonly msr: string;
  readonly access: Access;
  readonly text: string;
}

export interface Review {
  readonly schema: typeof REVIEW_SCHEMA;
  readonly verdict: Verdict;
  /** Why, in one sentence, when the verdict is undetermined or not-applicable. */
  readonly reason: string | null;
  readonly place: ReviewPlace | null;
  readonly series: ReviewSeries;
  readonly base: ReviewBase | null;
  readonly profile: string;
  readonly sets: ReviewSets | null;
  readonly conditions: readonly ReviewCondition[];
  readonly rows: readonly ReviewRow[];
  readonly answers: readonly ReviewAnswer[];
  readonly findings: readonly ReviewFinding[];
  /** What can still exit, in short sentences. */
  readonly exits: readonly string[];
  readonly digest: string;
}

/** A review before its digest is taken. */
export type UnsealedReview = Omit<Review, "digest">;
