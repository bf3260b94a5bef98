/** Wrong tokens from an address, counted for a while in all processes together. */
import { hashOf, key } from "./keys.ts";
import type { Db } from "./record.ts";

const WINDOW_SECONDS = 600;
const TRIES_MAX = 10;

export async function hasTriesLeft(db: Db, address: string): Promise<boolean> {
  return Number((await db.redis.get(key("tries", hashOf(address)))) ?? 0) < TRIES_MAX;
}

export async function countTry(db: Db, address: string): Promise<void> {
  const where = key("tries", hashOf(address));
  if ((await db.redis.incr(where)) === 1) await db.redis.expire(where, WINDOW_SECONDS);
}
