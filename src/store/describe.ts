/** One line of the list of series, for people and scripts. */
import type { OutboxState } from "../reply/outbox/record.ts";
import type { ReviewSummary } from "../review/summary.ts";
import { findOlderVersions } from "./chain.ts";
import { listSeries, type ListQuery } from "./listing.ts";
import type { Db } from "./record.ts";
import { findReplies } from "./replies.ts";
import { currentReview, isHidden, listed, stateOf, type SeriesRecord, type SeriesState } from "./series.ts";

export interface ListedVersion {
  readonly version: number;
  readonly messageId: string;
  readonly state: SeriesState;
}

export interface ListedSeries {
  readonly messageId: string;
  readonly state: SeriesState;
  readonly verdict: string | null;
  readonly title: string;
  readonly author: { readonly name: string; readonly address: string };
  /** ISO 8601. */
  readonly date: string | null;
  /** ISO 8601: when something last happened to it. */
  readonly updated: string;
  readonly version: number;
  /** Former versions, latest first. */
  readonly versions: readonly ListedVersion[];
  readonly parts: { readonly received: number; readonly total: number; readonly missing: readonly number[] };
  readonly lists: readonly string[];
  readonly base: ReviewSummary["base"];
  readonly changedCells: number;
  readonly worstFinding: ReviewSummary["worst"];
  /** The mail in the outbox. */
  readonly reply: {
    readonly messageId: string;
    readonly state: OutboxState;
    readonly reason: string | null;
  } | null;
  /** Why it failed, is undetermined, or is closed. */
  readonly reason: string | null;
}

export interface SeriesList {
  readonly total: number;
  readonly series: readonly ListedSeries[];
  readonly next: string | null;
}

function describe(
  record: SeriesRecord,
  reply: ListedSeries["reply"],
  older: readonly SeriesRecord[],
): ListedSeries {
  const current = currentReview(record);
  return {
    messageId: record.id,
    state: stateOf(record),
    verdict: current?.verdict ?? null,
    title: record.title,
    author: record.author,
    date: record.date,
    updated: new Date(listed(record).activity).toISOString(),
    version: record.version,
    versions: older.map((one) => ({ version: one.version, messageId: one.id, state: stateOf(one) })),
    parts: {
      received: record.parts.filter((part) => part.index > 0).length,
      total: record.total,
      missing: record.missing,
    },
    lists: record.lists,
    base: current?.summary.base ?? null,
    changedCells: current?.summary.changedCells ?? 0,
    worstFinding: current?.summary.worst ?? null,
    reply,
    reason: record.closed?.reason ?? record.reason,
  };
}

/** Describes series as a list shows them to this audience. */
export async function describeSeries(
  db: Db,
  records: readonly SeriesRecord[],
  audience: ListQuery["audience"],
): Promise<ListedSeries[]> {
  const keys = records.map((one) => one.key);
  const replies = new Map((await findReplies(db, keys)).map((one) => [one.key, one]));
  const chains = await findOlderVersions(db, records);
  return records.map((record) => {
    const found = replies.get(record.key);
    const reply = found && { messageId: found.messageId, state: found.state, reason: found.reason };
    const older = (chains.get(record.key) ?? []).filter((one) => audience === "operator" || !isHidden(one));
    return describe(record, reply ?? null, older);
  });
}

/** A page of the list: the dashboard, its JSON, and `avicbot pending`. */
export async function listDescribed(db: Db, query: ListQuery): Promise<SeriesList> {
  const page = await listSeries(db, query);
  return { ...page, series: await describeSeries(db, page.series, query.audience) };
}
