/** The table of a review as a page shows it: the mail's, each cell leading to its explanation. */
import type { Profile } from "../../model/profile.ts";
import { PROFILES } from "../../model/profiles.ts";
import { cleanLine } from "../../reply/clean.ts";
import { renderEvidence, renderLegend } from "../../reply/table.ts";
import { rowsFor } from "../../review/explain.ts";
import type { Grounds } from "../../review/grounds.ts";
import type { Review, ReviewCell, ReviewRow } from "../../review/types.ts";
import { ACCESSES, type Access } from "../../x2apic.ts";

/** What of a review is looked at. */
export interface TableQuery {
  readonly profile: Profile;
  /** Position of a condition's way; null: the usual one. */
  readonly way: number | null;
}

export interface Shown extends TableQuery {
  readonly review: Review;
  /** Null: not kept with this review; then there is only the table that was mailed. */
  readonly grounds: Grounds | null;
  /** Path of the series' page. */
  readonly path: string;
}

export function isUsual({ review, profile, way }: Pick<Shown, "review" | "profile" | "way">): boolean {
  return way === null && profile.name === review.profile;
}

/** `?profile=apm&way=0`, empty for what is shown by itself. */
export function tableSearch(
  review: Review,
  { profile, way }: TableQuery,
  more: Record<string, string> = {},
): string {
  const entries: [string, string][] = [
    ...Object.entries(more),
    ...(profile.name === review.profile ? [] : [["profile", profile.name] as [string, string]]),
    ...(way === null ? [] : [["way", String(way)] as [string, string]]),
  ];
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries).toString()}`;
}

function cellViews(shown: Shown, row: ReviewRow, access: Access) {
  const cell: ReviewCell = row[access];
  const search = tableSearch(shown.review, shown, { msr: row.msrs[0] ?? "", access });
  const href = shown.grounds === null ? null : `${shown.path}explain${search}`;
  return [
    { text: cell.old, href, changed: false },
    { text: cell.changed ? `* ${cell.new}` : cell.new, href, changed: cell.changed },
  ];
}

/** `R 2, W 3 4`: the patches that change reads and writes of a row. */
function patchesOf(row: ReviewRow): string {
  const letters = { read: "R", write: "W" } as const;
  return ACCESSES.filter((access) => row[access].by.length > 0)
    .map((access) => `${letters[access]} ${row[access].by.join(" ")}`)
    .join(", ");
}

function evidenceOf(row: ReviewRow): string {
  const kinds = [...new Set([row.read.evidence, row.write.evidence])].filter((kind) => kind !== "measured");
  return kinds.join(", ");
}

function switches({ review, grounds, profile, way, path }: Shown) {
  if (grounds === null) return { profiles: [], ways: [] };
  const to = (query: TableQuery) => `${path}${tableSearch(review, query)}`;
  const ways = review.conditions.map(({ when }, at) => ({
    name: cleanLine(when, 200),
    href: to({ profile, way: at }),
    current: way === at,
  }));
  return {
    profiles: PROFILES.map((one) => ({
      name: one.name,
      title: one.title,
      href: to({ profile: one, way }),
      current: one.name === profile.name,
    })),
    ways:
      ways.length === 0
        ? []
        : [{ name: "usual", href: to({ profile, way: null }), current: way === null }, ...ways],
  };
}

export function tableView(shown: Shown) {
  const { review, grounds, profile, way } = shown;
  const rows = grounds === null || isUsual(shown) ? review.rows : rowsFor({ review, grounds, profile, way });
  return {
    rows: rows.map((row) => ({
      label: row.label,
      register: row.register,
      cells: ACCESSES.flatMap((access) => cellViews(shown, row, access)),
      by: patchesOf(row),
      evidence: evidenceOf(row),
    })),
    legend: renderLegend(rows)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ code: line.slice(2, 14).trim(), meaning: line.slice(14) })),
    evidence: renderEvidence(rows, profile.name)
      .split("\n")
      .filter((line) => line !== ""),
    unmeasured: rows.some((row) => evidenceOf(row) !== ""),
    ...switches(shown),
    usual: isUsual(shown),
    profile: profile.name,
    conditions: profile.conditions,
  };
}
