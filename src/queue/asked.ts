/** What a person gets who asks for a message-id: the series with all that is known of it, or why there is none. */
import type { OutboxRecord } from "../reply/outbox/record.ts";
import { findSeriesByText } from "../store/lookup.ts";
import type { Audience } from "../store/listing.ts";
import type { Db } from "../store/record.ts";
import { findReply } from "../store/replies.ts";
import { findReview, type ReviewRecord } from "../store/reviews.ts";
import { isHidden, type SeriesRecord } from "../store/series.ts";
import { findTrace, type Trace } from "./trace.ts";

export interface AskedSeries {
  readonly kind: "series";
  readonly series: SeriesRecord;
  readonly review: ReviewRecord | null;
  readonly reply: OutboxRecord | null;
}

export type Asked =
  AskedSeries | { readonly kind: "seen"; readonly trace: Trace } | { readonly kind: "unknown" };

const UNKNOWN: Asked = { kind: "unknown" };

/** A hidden series is unknown to the public, by every id of it. */
export async function findAsked(db: Db, text: string, audience: Audience): Promise<Asked> {
  const series = (await findSeriesByText(db, text))?.value ?? null;
  if (series === null) {
    const trace = await findTrace(db, text);
    return trace === null ? UNKNOWN : { kind: "seen", trace };
  }
  if (audience === "public" && isHidden(series)) return UNKNOWN;
  const [review, reply] = await Promise.all([findReview(db, series.key), findReply(db, series.key)]);
  return { kind: "series", series, review, reply: reply?.value ?? null };
}

/** As `findTrace`, without what only an operator may know. */
export async function findTraceFor(db: Db, text: string, audience: Audience): Promise<Trace | null> {
  const trace = await findTrace(db, text);
  if (trace === null || audience === "operator") return trace;
  const series = (await findSeriesByText(db, text))?.value ?? null;
  if (series !== null && isHidden(series)) return null;
  // A part that a hidden version took over keeps that version's decisions, too.
  return { ...trace, steps: trace.steps.filter(({ rule }) => rule !== "critical") };
}
