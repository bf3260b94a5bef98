/** The versions of a work before and after a series. */
import { key } from "./keys.ts";
import { readRecords, type Db } from "./record.ts";
import { findSeries, type SeriesRecord } from "./series.ts";

/** Nobody follows a chain further back. */
const LEVELS = 12;

/** For each of these series the versions whose place it took, latest first. */
export async function findOlderVersions(
  db: Db,
  all: readonly SeriesRecord[],
): Promise<Map<string, SeriesRecord[]>> {
  const chains = new Map(all.map((one) => [one.key, [] as SeriesRecord[]]));
  /** Key of a series whose predecessors are asked for, and of the one at the head of its chain. */
  let asked = all.map((one) => ({ name: one.key, head: one.key }));
  for (let level = 0; level < LEVELS && asked.length > 0; level += 1) {
    const pipeline = db.redis.pipeline();
    for (const { name } of asked) pipeline.smembers(key("older", name));
    const answers = (await pipeline.exec()) ?? [];
    const next = asked.flatMap(({ head }, at) =>
      ((answers[at]?.[1] ?? []) as string[])
        .filter((name) => name !== head && !chains.get(head)?.some((one) => one.key === name))
        .map((name) => ({ name, head })),
    );
    const records = await readRecords<SeriesRecord>(
      db,
      next.map(({ name }) => key("series", name)),
    );
    const byKey = new Map(records.map((one) => [one.key, one]));
    for (const { name, head } of next) {
      const found = byKey.get(name);
      if (found !== undefined) chains.get(head)?.push(found);
    }
    asked = next;
  }
  for (const chain of chains.values()) chain.sort((a, b) => b.version - a.version);
  return chains;
}

/** The series that took this one's place, if one did and is still kept. */
export async function findSuccessor(db: Db, { closed }: SeriesRecord): Promise<SeriesRecord | null> {
  const successor = closed?.successor ?? null;
  return successor === null ? null : ((await findSeries(db, successor))?.value ?? null);
}
