/** Seconds of processor that a Redis has used since it started. */
import type { TestRedis } from "../../test/store/test-redis.ts";

export async function processorOf({ redis }: Pick<TestRedis, "redis">): Promise<number> {
  const info = await redis.info("cpu");
  const of = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);
  return of("used_cpu_user") + of("used_cpu_sys");
}
