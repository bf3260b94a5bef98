/** Reads the stream of changes once for a whole process and tells everybody in it who listens. */
import { describeError, type Logger } from "../log.ts";
import { pause } from "../queue/watcher.ts";
import { awaitEvents, latestEvent, type SeriesEvent } from "../store/events.ts";
import type { RedisClient } from "../store/redis.ts";

/** A reading lasts at most so long; two without an answer, and nobody knows what was missed. */
const READ_MS = 2000;
const FRESH_MS = 5000;
const RETRY_MS = 500;

export interface EventHub {
  readonly listen: (listener: (event: SeriesEvent) => void) => () => void;
  /** Whether the stream was read to its end a moment ago. */
  readonly isFresh: () => boolean;
  readonly stop: () => Promise<void>;
}

/** `connection` is the hub's own: it waits on it. */
export async function startHub(
  connection: RedisClient,
  log: Logger,
  now = () => Date.now(),
): Promise<EventHub> {
  const listeners = new Set<(event: SeriesEvent) => void>();
  const ending = new AbortController();
  let place = await latestEvent(connection);
  let heard = now();
  const tell = (events: readonly SeriesEvent[]) => {
    for (const event of events) {
      place = event.id;
      for (const listener of listeners) listener(event);
    }
  };
  const read = async () => {
    while (!ending.signal.aborted) {
      try {
        tell(await awaitEvents(connection, place, READ_MS));
        heard = now();
      } catch (error) {
        if (ending.signal.aborted) return;
        log.warn({ error: describeError(error) }, "the stream of changes cannot be read");
        await pause(RETRY_MS, ending.signal);
      }
    }
  };
  const reading = read();
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isFresh: () => now() - heard < FRESH_MS,
    stop: async () => {
      ending.abort();
      connection.disconnect();
      await reading;
    },
  };
}
