/** A Redis of the test's own: real server, own socket, gone with the test. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPrivateRedis } from "../../src/store/private-redis.ts";
import type { Db } from "../../src/store/record.ts";
import { awaitReady, connectRedis, type RedisClient } from "../../src/store/redis.ts";

/** For node:test's `skip`. */
export const noRedis =
  spawnSync("redis-server", ["--version"]).status === 0 ? false : "no redis-server on this machine";

export interface TestRedis {
  readonly url: string;
  readonly dataDir: string;
  readonly redis: RedisClient;
  /** A store on it with a clock of its own. */
  readonly db: Db & { time: number };
  /** `kill -9`; it is started again by its keeper. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startTestRedis(): Promise<TestRedis> {
  const dataDir = mkdtempSync(join(tmpdir(), "avr-"));
  const server = await startPrivateRedis(dataDir);
  const redis = connectRedis(server.url, "wait", () => undefined);
  await awaitReady(redis, 5000);
  const db = { redis, time: Date.parse("2026-01-02T03:04:05Z"), now: (): number => db.time };
  return {
    url: server.url,
    dataDir,
    redis,
    db,
    kill: async () => {
      const pid = Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
      const closed = new Promise((resolve) => redis.once("close", resolve));
      process.kill(pid, "SIGKILL");
      await closed;
    },
    stop: async () => {
      redis.disconnect();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
