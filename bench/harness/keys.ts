/** What is in a store: keys by kind, and whether the records fit each other. */
import { countReplies } from "../../src/store/replies.ts";
import { countSeries } from "../../src/store/listing.ts";
import { HASH_TAG } from "../../src/store/keys.ts";
import type { Db } from "../../src/store/record.ts";
import { SERIES_STATES, stateOf, type SeriesRecord } from "../../src/store/series.ts";
import { readRecords } from "../../src/store/record.ts";
import { OUTBOX_STATES, type OutboxRecord } from "../../src/reply/outbox/record.ts";

const SCAN = 1000;

/** Keys of the store by kind (`message`, `series` …), those without an expiry only on request. */
export async function keysByKind({ redis }: Db, lasting = false): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  let cursor = "0";
  do {
    const [next, keys] = (await redis.call("SCAN", cursor, "MATCH", `${HASH_TAG}:*`, "COUNT", SCAN)) as [
      string,
      string[],
    ];
    const times = lasting ? await Promise.all(keys.map((name) => redis.ttl(name))) : [];
    for (const [at, name] of keys.entries()) {
      if (lasting && times[at] !== -1) continue;
      const kind = name.slice(HASH_TAG.length + 1).split(":")[0] ?? "";
      const names = found.get(kind) ?? found.set(kind, []).get(kind);
      names?.push(name);
    }
    cursor = next;
  } while (cursor !== "0");
  return found;
}

/** Where counters, indexes and records do not agree, a line each; SCAN may name a key twice. */
export async function disagreements(db: Db): Promise<string[]> {
  const lasting = await keysByKind(db, true);
  const distinct = (kind: string) => [...new Set(lasting.get(kind) ?? [])];
  const series = await readRecords<SeriesRecord>(db, distinct("series"));
  const lines: string[] = [];
  const expect = (what: string, counted: number, found: number) => {
    if (counted !== found) lines.push(`${what}: ${counted} counted, ${found} found`);
  };
  for (const state of SERIES_STATES) {
    const records = series.filter((record) => stateOf(record) === state);
    expect(`series ${state}`, await countSeries(db, state, "operator"), records.length);
  }
  const replies = await readRecords<OutboxRecord>(db, distinct("reply"));
  for (const state of OUTBOX_STATES) {
    const records = replies.filter((record) => record.state === state);
    expect(`replies ${state}`, await countReplies(db, state, true), records.length);
  }
  const parts = new Set(series.flatMap((record) => record.parts.map((part) => part.key)));
  expect("mails kept with their series", parts.size, distinct("message").length);
  const reviewed = series.filter((record) => record.reviewed !== null);
  expect("reviews", reviewed.length, distinct("review").length);
  return lines;
}
