/** What is in a Redis by weight, and how time passes for it. */
import { setTimeout as pause } from "node:timers/promises";
import type { Db } from "../../src/store/record.ts";
import { keysByKind } from "../harness/keys.ts";

const PAGE = 1000;
const LOOK_MS = 500;
/** Kinds of keys that speak of all series. */
const INDEXES = new Set(
  "index words open closed replies reply-state by-date by-activity by-author by-changes".split(" "),
);

/** Bytes in use without what the allocator holds back. */
export async function bytesUsed({ redis }: Pick<Db, "redis">): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

/**
 * Bytes in use once they have not become fewer for so many seconds: the tables of a Redis shrink after what was in
 * them, and large ones are there twice until they have.
 */
export async function bytesLeft(db: Pick<Db, "redis">, seconds: number): Promise<number> {
  let least = await bytesUsed(db);
  for (let still = 0; still * LOOK_MS < seconds * 1000;) {
    await pause(LOOK_MS);
    const bytes = await bytesUsed(db);
    still = bytes < least * 0.999 ? 0 : still + 1;
    least = Math.min(least, bytes);
  }
  return least;
}

export interface Weight {
  readonly keys: number;
  /** Those that go by themselves. */
  readonly expiring: number;
  readonly bytes: number;
}

/** Keys of each kind, by Redis' own word on each. */
export async function weigh(db: Db): Promise<Map<string, Weight>> {
  const found = new Map<string, Weight>();
  for (const [kind, all] of await keysByKind(db)) {
    const names = [...new Set(all)];
    const bytes = await Promise.all(
      names.map((name) => db.redis.call("MEMORY", "USAGE", name, "SAMPLES", "0") as Promise<number>),
    );
    const times = await Promise.all(names.map((name) => db.redis.ttl(name)));
    found.set(kind, {
      keys: names.length,
      expiring: times.filter((time) => time >= 0).length,
      bytes: bytes.reduce((sum, one) => sum + one, 0),
    });
  }
  return found;
}

const SOONER = `
for _, name in ipairs(KEYS) do
  local left = redis.call('PTTL', name)
  if left >= 0 then redis.call('PEXPIRE', name, left - tonumber(ARGV[1])) end
end`;

/** Every key that goes by itself goes so many milliseconds sooner, as if that time had passed. */
export async function passTime({ redis }: Pick<Db, "redis">, milliseconds: number): Promise<void> {
  const names = new Set<string>();
  let cursor = "0";
  do {
    const [next, some] = await redis.scan(cursor, "COUNT", PAGE);
    for (const name of some) names.add(name);
    cursor = next;
  } while (cursor !== "0");
  const all = [...names];
  for (let at = 0; at < all.length; at += PAGE) {
    const some = all.slice(at, at + PAGE);
    await redis.eval(SOONER, some.length, ...some, milliseconds);
  }
}

/**
 * Makes each index anew. Redis shrinks the table of a set only while the set is used, a few places each time; that of
 * an index which held many stays until then.
 */
export async function packIndexes(db: Db): Promise<void> {
  const { redis } = db;
  for (const [kind, names] of await keysByKind(db)) {
    if (!INDEXES.has(kind)) continue;
    const again = (name: string) =>
      redis.copy(name, `${name}:again`).then(() => redis.rename(`${name}:again`, name));
    await Promise.all([...new Set(names)].map(again));
  }
}
