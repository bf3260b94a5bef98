/** Forgetting: series nobody waits for any more, after the configured time. Single messages expire by themselves. */
import { dropUnusedWords } from "./facets.ts";
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

/** Series that are forgotten at the same time: they share the way to Redis. */
const TOGETHER = 25;

/** Drops series closed long enough ago, with all that hangs on them; returns how many. */
export async function dropOldSeries(db: Db, days: RetentionDays): Promise<number> {
  let dropped = 0;
  const soonest = Math.min(days.uninterestingDays, days.closedDays);
  const names = await listClosedBefore(db, db.now() - soonest * DAY_MS);
  for (let at = 0; at < names.length; at += TOGETHER) {
    const some = names.slice(at, at + TOGETHER).map((name) => dropIfOver(db, name, days));
    dropped += (await Promise.all(some)).filter(Boolean).length;
  }
  await dropUnusedWords(db);
  return dropped;
}

async function dropIfOver(db: Db, name: string, days: RetentionDays): Promise<boolean> {
  const found = await findSeries(db, name);
  if (found === null || !isOver(found.value, days, db.now())) return false;
  const keys = found.value.parts.filter((part) => !part.inherited).map((part) => part.key);
  const decisions = keys.map((part): Write => ["DEL", key("decision", part)]);
  const mails = (await listChain(db, name)).flatMap(mailRemoval);
  return replaceSeries(db, [found], [], { writes: [...dropMessages(keys), ...decisions, ...mails] });
}

function isOver({ closed }: SeriesRecord, days: RetentionDays, now: number): boolean {
  if (closed === null) return false;
  const uninteresting = closed.state === "ignored" && closed.by === "rule";
  const kept = uninteresting ? days.uninterestingDays : days.closedDays;
  return closed.at <= now - kept * DAY_MS;
}
