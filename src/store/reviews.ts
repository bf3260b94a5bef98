/** Reviews, one for each series: what was found for its latest set of mails. */
import type { Grounds } from "../review/grounds.ts";
import { summarise } from "../review/summary.ts";
import type { Review } from "../review/types.ts";
import { countReview } from "./counters.ts";
import { key } from "./keys.ts";
import { encodeBytes, encodeRecord, readBytes, readRecord, type Db } from "./record.ts";
import {
  changeSeries,
  findSeries,
  isHidden,
  replaceSeries,
  type Progress,
  type SeriesRecord,
} from "./series.ts";
import { untilCommitted, type Write } from "./transact.ts";

export interface ReviewRecord {
  readonly series: string;
  /** `inputs` of the series it was made from. */
  readonly inputs: string;
  /** ISO 8601. */
  readonly at: string;
  readonly review: Review;
}

export async function findReview(db: Db, series: string): Promise<ReviewRecord | null> {
  return (await readRecord<ReviewRecord>(db, key("review", series)))?.value ?? null;
}

/** A review of a whole kernel has about 4 KB; what is far beyond that explains nothing to anybody. */
const GROUNDS_MAX = 256 * 1024;

function groundsWrite(series: string, grounds: Grounds | null): Write {
  const bytes = grounds === null ? null : encodeBytes(Buffer.from(JSON.stringify(grounds)));
  const where = key("grounds", series);
  return bytes === null || bytes.length > GROUNDS_MAX ? ["DEL", where] : ["SET", where, bytes];
}

/** What the latest review rests on; null where that is not kept. */
export async function findGrounds(db: Db, series: string): Promise<Grounds | null> {
  const bytes = await readBytes(db, key("grounds", series));
  return bytes === null ? null : (JSON.parse(bytes.toString("utf8")) as Grounds);
}

/**
 * What storing a review came to: `stored`; `known`, it was there already; `stale`, the series has changed
 * or gone since, and the review is not kept.
 */
export type Storing = "stored" | "known" | "stale";

/**
 * Stores a review and moves its series, in one step and once; `milliseconds` is how long it took. The series is
 * undecided from then on.
 */
export async function storeReview(
  db: Db,
  made: { series: string; inputs: string; review: Review; grounds?: Grounds | null; milliseconds?: number },
): Promise<{ storing: Storing; series: SeriesRecord | null }> {
  return untilCommitted<{ storing: Storing; series: SeriesRecord | null }>(async () => {
    const found = await findSeries(db, made.series);
    if (found === null || found.value.inputs !== made.inputs) {
      return { done: true, result: { storing: "stale", series: found?.value ?? null } };
    }
    if (found.value.reviewed?.inputs === made.inputs && found.value.progress !== "reviewing") {
      return { done: true, result: { storing: "known", series: found.value } };
    }
    const at = new Date(db.now()).toISOString();
    const next = afterReview(found.value, made.review, at);
    const { milliseconds } = made;
    const { verdict } = made.review;
    const counted =
      milliseconds === undefined ? [] : countReview({ verdict, milliseconds, hidden: isHidden(next) });
    const writes = [...reviewWrites({ grounds: null, ...made }, at), ...counted];
    if (!(await replaceSeries(db, [found], [next], { writes }))) return { done: false };
    return { done: true, result: { storing: "stored", series: next } };
  });
}

/** What becomes of the review of these mails is decided. */
export async function noteDecided(
  db: Db,
  { series, inputs }: { series: string; inputs: string },
): Promise<void> {
  await changeSeries(db, series, (record) =>
    record.undecided === true && record.inputs === inputs ? { ...record, undecided: false } : record,
  );
}

/** Puts a later review of the same mails in the place of a stored one; the series stays where it is. */
export async function renewReview(
  db: Db,
  made: { series: string; inputs: string; review: Review; grounds: Grounds | null },
): Promise<void> {
  const at = new Date(db.now()).toISOString();
  const renew = (series: SeriesRecord): SeriesRecord =>
    series.inputs === made.inputs ? { ...series, ...reviewedAs(series, made.review, at) } : series;
  await changeSeries(db, made.series, renew, reviewWrites(made, at));
}

function reviewWrites(
  { series, inputs, review, grounds }: Parameters<typeof renewReview>[1],
  at: string,
): Write[] {
  const record: ReviewRecord = { series, inputs, at, review };
  return [["SET", key("review", series), encodeRecord(record)], groundsWrite(series, grounds)];
}

const PROGRESS: Readonly<Record<Review["verdict"], Progress>> = {
  changed: "held",
  unchanged: "unchanged",
  undetermined: "undetermined",
  "not-applicable": "unchanged",
};

function reviewedAs(
  { inputs, steps }: SeriesRecord,
  review: Review,
  at: string,
): Pick<SeriesRecord, "reviewed" | "steps"> {
  const { verdict, digest, reason } = review;
  return {
    reviewed: { inputs, verdict, digest, summary: summarise(review), at },
    steps: [...steps, { at, stage: "review", rule: verdict, outcome: "noted", text: reason ?? "reviewed" }],
  };
}

function afterReview(record: SeriesRecord, review: Review, at: string): SeriesRecord {
  const next: SeriesRecord = {
    ...record,
    ...reviewedAs(record, review, at),
    progress: PROGRESS[review.verdict],
    reason: review.reason ?? null,
    undecided: true,
  };
  if (review.verdict !== "not-applicable" || record.closed !== null) return next;
  const reason = review.reason ?? "no patch of it touches code that decides interception";
  return { ...next, closed: { state: "ignored", by: "rule", at: Date.parse(at), reason, successor: null } };
}
