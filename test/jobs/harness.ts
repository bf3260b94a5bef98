/** The service in this process, on a Redis of its own, with reviews by the stub. */
import { configFrom, type Config } from "../../src/config.ts";
import { createLogger } from "../../src/log.ts";
import { ingest } from "../../src/queue/ingest.ts";
import { openService, work, type Service } from "../../src/queue/service.ts";
import { wholeMessage } from "../../src/sources/source.ts";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { stateOf, type SeriesRecord } from "../../src/store/series.ts";
import type { TestRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";

export const STUB = new URL("./stub-review.ts", import.meta.url);

export interface Harness {
  readonly service: Service;
  readonly deliver: (mail: string, source?: string) => Promise<boolean>;
  /** Starts the workers; they are stopped with the harness. */
  readonly work: () => Promise<void>;
  readonly find: (id: string) => Promise<SeriesRecord | null>;
  /** Resolves when the series has one of these states. */
  readonly untilState: (id: string, ...states: string[]) => Promise<SeriesRecord>;
  readonly close: () => Promise<void>;
}

export async function startHarness(
  server: Pick<TestRedis, "url">,
  settings: Record<string, unknown> = {},
): Promise<Harness> {
  const config: Config = configFrom({
    redisUrl: server.url,
    queue: { lockSeconds: 1, leaseSeconds: 1, backoffSeconds: 0.01, attempts: 2 },
    log: { level: "silent" },
    ...settings,
  });
  const service = await openService(config, createLogger(config.log.level));
  const working: { stop: () => Promise<void> }[] = [];
  const find = async (id: string) => (await findSeriesByText(service.context.db, id))?.value ?? null;
  return {
    service,
    deliver: async (mail, source = "test") => {
      const bytes = wholeMessage(Buffer.from(mail, "latin1"), "here");
      const [handled] = await ingest(service.context, [{ mail: bytes, source, list: null, live: true }]);
      return handled === true;
    },
    work: async () => void working.push(await work(service, STUB)),
    find,
    untilState: (id, ...states) =>
      untilStored(service.context.db.redis, async () => {
        const series = await find(id);
        return series !== null && states.includes(stateOf(series)) ? series : null;
      }),
    close: async () => {
      await Promise.all(working.map((one) => one.stop()));
      await service.close();
    },
  };
}
