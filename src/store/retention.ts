/** Forgetting: series nobody waits for any more, after the configured time. Single messages expire by themselves. */
import { dropMessages } from "./messages.ts";
import { key } from "./keys.ts";
import type { Db } from "./record.ts";
import { findSeries, listClosedBefore, replaceSeries } from "./series.ts";
import type { Write } from "./transact.ts";

const DAY_MS = 86_400_000;

/** Drops series closed more than `days` ago with all that hangs on them; returns how many. */
export async function dropOldSeries(db: Db, days: number): Promise<number> {
  let dropped = 0;
  for (const record of await listClosedBefore(db, db.now() - days * DAY_MS)) {
    const found = await findSeries(db, record.key);
    if (found === null || found.value.closed === null) continue;
    const keys = record.parts.map((part) => part.key);
    const decisions = keys.map((name): Write => ["DEL", key("decision", name)]);
    const further = [...dropMessages(keys), ...decisions];
    if (await replaceSeries(db, [found], [], further)) dropped += 1;
  }
  return dropped;
}
