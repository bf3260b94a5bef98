/** Waiting for what a service puts into Redis, told by Redis itself (keyspace notifications). */
import { Cluster } from "ioredis";
import type { RedisClient } from "../../src/store/redis.ts";

/**
 * Asks whenever something was written, until the answer is not null; a question that fails is asked again. The
 * server may be killed and started again meanwhile.
 */
export async function untilStored<T>(redis: RedisClient, ask: () => Promise<T | null>): Promise<T> {
  const [control, events] = [twin(redis), twin(redis)];
  try {
    return await new Promise<T>((resolve) => {
      let asking = false;
      let again = false;
      const look = async () => {
        again = true;
        if (asking) return;
        asking = true;
        while (again) {
          again = false;
          const found = await ask().catch(() => null);
          if (found !== null) return resolve(found);
        }
        asking = false;
      };
      for (const client of [control, events]) client.on("error", () => undefined);
      events.on("pmessage", () => void look());
      const listen = async () => {
        // A server that was started again has forgotten it.
        await control.call("CONFIG", "SET", "notify-keyspace-events", "KEA");
        await events.psubscribe("__keyspace@*");
        await look();
      };
      for (const client of [control, events]) client.on("ready", () => void listen().catch(() => undefined));
      void listen().catch(() => undefined);
    });
  } finally {
    control.disconnect();
    events.disconnect();
  }
}

function twin(redis: RedisClient): RedisClient {
  return redis instanceof Cluster ? redis.duplicate() : redis.duplicate();
}
