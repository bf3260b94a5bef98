/** What changed, as a stream: written with the change itself, read by whoever shows series to people. */
import { singleKey } from "./keys.ts";
import type { Write } from "./transact.ts";
import type { RedisClient } from "./redis.ts";

/** About so many are kept for readers that come back. */
const KEPT = 1000;

export interface SeriesEvent {
  /** Place in the stream, `1767323045000-0`. */
  readonly id: string;
  /** Key of the series that changed. */
  readonly series: string;
}

export function announce(series: string): Write {
  return ["XADD", singleKey("events"), "MAXLEN", "~", KEPT, "*", "series", series];
}

/** Whether a text is a place in the stream. */
export function isEventId(text: string): boolean {
  return /^[0-9]{1,16}-[0-9]{1,10}$/.test(text);
}

type Entry = [id: string, fields: string[]];

function toEvent([id, fields]: Entry): SeriesEvent {
  return { id, series: fields[1] ?? "" };
}

/** Place of the latest event. */
export async function latestEvent(redis: RedisClient): Promise<string> {
  const [last] = (await redis.xrevrange(singleKey("events"), "+", "-", "COUNT", 1)) as Entry[];
  return last?.[0] ?? "0-0";
}

/** Events after a place, oldest first. */
export async function eventsAfter(redis: RedisClient, id: string): Promise<SeriesEvent[]> {
  const entries = (await redis.xrange(singleKey("events"), `(${id}`, "+", "COUNT", KEPT)) as Entry[];
  return entries.map(toEvent);
}

/** As `eventsAfter`, but waits for one up to so many milliseconds; the connection is not to be shared. */
export async function awaitEvents(
  redis: RedisClient,
  id: string,
  milliseconds: number,
): Promise<SeriesEvent[]> {
  const answer = await redis.xread("COUNT", 100, "BLOCK", milliseconds, "STREAMS", singleKey("events"), id);
  const entries = (answer?.[0]?.[1] ?? []) as Entry[];
  return entries.map(toEvent);
}
