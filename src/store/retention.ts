/** Forgetting: series nobody waits for any more, after the configured time. Single messages expire by themselves. */
import { key } from "./keys.ts";
import { dropMessages } from "./messages.ts";
import type { Db } from "./record.ts";
import { listChain, mailRemoval } from "./replies.ts";
import { findSeries, listClosedBefore, replaceSeries, type SeriesRecord } from "./series.ts";
import type { Write } from "./transact.ts";

const DAY_MS = 86_400_000;

export interface RetentionDays {
  /** For series that a rule found not to concern AVIC. */
  readonly uninterestingDays: number;
  /** For the other closed ones. */
  readonly closedDays: number;
}

/** Drops series closed long enough ago, with all that hangs on them; returns how many. */
export async function dropOldSeries(db: Db, days: RetentionDays): Promise<number> {
  let dropped = 0;
  const soonest = Math.min(days.uninterestingDays, days.closedDays);
  for (const record of await listClosedBefore(db, db.now() - soonest * DAY_MS)) {
    const found = await findSeries(db, record.key);
    if (found === null || !isOver(found.value, days, db.now())) continue;
    const keys = record.parts.filter((part) => !part.inherited).map((part) => part.key);
    const decisions = keys.map((name): Write => ["DEL", key("decision", name)]);
    const mails = (await listChain(db, record.key)).flatMap(mailRemoval);
    if (await replaceSeries(db, [found], [], [...dropMessages(keys), ...decisions, ...mails])) dropped += 1;
  }
  return dropped;
}

function isOver({ closed }: SeriesRecord, days: RetentionDays, now: number): boolean {
  if (closed === null) return false;
  const uninteresting = closed.state === "ignored" && closed.by === "rule";
  const kept = uninteresting ? days.uninterestingDays : days.closedDays;
  return closed.at <= now - kept * DAY_MS;
}
