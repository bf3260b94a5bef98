/** The way to schema 2: lists of series are answered from indexes, and records hold what these are made of. */
import type { OutboxRecord } from "../reply/outbox/record.ts";
import { summarise } from "../review/summary.ts";
import { findDecisions, union } from "./decisions.ts";
import { key, singleKey } from "./keys.ts";
import { DamagedRecord, readRecord, type Db, type Stored } from "./record.ts";
import { findReply, rewriteReply } from "./replies.ts";
import { findReview } from "./reviews.ts";
import { rewriteSeries, type Reviewed, type SeriesRecord } from "./series.ts";
import { untilCommitted } from "./transact.ts";

/** A series as schema 1 has it. */
type FormerSeries = Omit<SeriesRecord, "lists" | "reviewed"> & {
  readonly lists?: SeriesRecord["lists"];
  readonly reviewed: (Omit<Reviewed, "summary"> & Partial<Pick<Reviewed, "summary">>) | null;
};

const NO_SUMMARY: Reviewed["summary"] = { changedCells: 0, worst: null, base: null };

async function broughtUp(db: Db, former: FormerSeries): Promise<SeriesRecord> {
  const decisions = await findDecisions(
    db,
    former.parts.map((part) => part.key),
  );
  const lists = decisions.reduce<readonly string[]>((all, one) => union(all, one.lists), former.lists ?? []);
  if (former.reviewed === null) return { ...former, lists, reviewed: null };
  const review = await findReview(db, former.key);
  const summary = review === null ? NO_SUMMARY : summarise(review.review);
  return { ...former, lists, reviewed: { ...former.reviewed, summary } };
}

/** A damaged record stays as it is: whoever reads it is told. */
async function passingDamage<T>(read: Promise<Stored<T> | null>): Promise<Stored<T> | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof DamagedRecord) return null;
    throw error;
  }
}

async function indexOne(db: Db, name: string): Promise<{ done: true; result: void } | { done: false }> {
  const found = await passingDamage(readRecord<FormerSeries>(db, key("series", name)));
  if (found !== null && !(await rewriteSeries(db, found, await broughtUp(db, found.value))))
    return { done: false };
  return { done: true, result: undefined };
}

async function indexReply(db: Db, name: string): Promise<{ done: true; result: void } | { done: false }> {
  const found = await passingDamage(findReply(db, name));
  if (found === null) return { done: true, result: undefined };
  // Schema 1 knew of no mail that came back.
  const value = { ...found.value, bounces: (found.value as Partial<OutboxRecord>).bounces ?? [] };
  return (await rewriteReply(db, { ...found, value })) ? { done: true, result: undefined } : { done: false };
}

/** Repeatable, and to be run while others work. */
export async function indexLists(db: Db): Promise<void> {
  for (const where of ["open", "closed"] as const) {
    for (const name of await db.redis.zrange(singleKey(where), "0", "-1"))
      await untilCommitted(() => indexOne(db, name));
  }
  for (const name of await db.redis.zrange(singleKey("replies"), "0", "-1"))
    await untilCommitted(() => indexReply(db, name));
}
