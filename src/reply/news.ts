/** What a reply says against an earlier one: a new version's table against the last, a correction against what was sent. */
import type { Review } from "../review/types.ts";
import { codesOf, countPhrase, renderDifference, type Names } from "./difference.ts";
import { differingRows, type RowDifference, type ShownRow } from "./shown.ts";
import { wrap, wrapItem } from "./wrap.ts";

/** An earlier reply, by its table. */
export interface Earlier {
  readonly rows: readonly ShownRow[];
}

/** The last version of the series that was answered. */
export interface FormerVersion extends Earlier {
  readonly version: number;
}

/** The reply that a correction corrects. */
export interface Corrected extends Earlier {
  /** Sentences of findings that it had and that do not stand. */
  readonly withdrawn: readonly string[];
}

/** The form of a reply: with neither it is the common one. */
export interface ReplyForm {
  readonly former?: FormerVersion | null;
  readonly corrected?: Corrected | null;
}

export interface News {
  /** Empty, or paragraphs that each end with a line feed. */
  readonly text: string;
  /** Codes in it that the legend has to explain. */
  readonly codes: readonly string[];
}

const NOTHING: News = { text: "", codes: [] };

function newsOf(title: string, rows: readonly RowDifference[], names: Names): News {
  return { text: `${wrap(title)}\n${renderDifference(rows, names)}`, codes: codesOf(rows) };
}

function newsOfVersion(review: Review, former: FormerVersion): News {
  const rows = former.rows.length === 0 ? [] : differingRows(former.rows, review.rows);
  if (rows.length === 0) return NOTHING;
  const names = { former: `v${former.version}`, now: `v${review.series.version}` };
  return newsOf(`${names.now} against ${names.former}: ${countPhrase(rows)}.`, rows, names);
}

function newsOfCorrection(review: Review, { rows: sent, withdrawn }: Corrected): News {
  const rows = differingRows(sent, review.rows);
  const what = rows.length === 0 ? "other findings" : countPhrase(rows);
  const title = `Correction of the reply above, after a fix of the model: ${what}.`;
  const news = newsOf(title, rows, { former: "Sent", now: "Now" });
  if (withdrawn.length === 0) return news;
  const findings = withdrawn.map((text) => `${wrapItem(text)}\n`).join("");
  return { ...news, text: `${news.text}\nFindings that do not stand:\n${findings}` };
}

/** What is new against earlier replies; empty for the common form. */
export function newsIn(review: Review, { former, corrected }: ReplyForm): News {
  if (corrected) return newsOfCorrection(review, corrected);
  return former ? newsOfVersion(review, former) : NOTHING;
}

const MAX_QUOTED = 4;

/** The lines of the earlier table that were wrong, for the quote above a correction. */
export function quoteRows(sentText: string, review: Review, { rows }: Corrected): string[] {
  const wrong = new Set(differingRows(rows, review.rows).flatMap(({ former }) => former?.label ?? []));
  const lines = sentText
    .split("\n")
    .filter((line) => line.startsWith("| 0x") && wrong.has(line.split("|")[1]?.trim() ?? ""));
  return lines.length <= MAX_QUOTED ? lines : [...lines.slice(0, MAX_QUOTED), "[...]"];
}
