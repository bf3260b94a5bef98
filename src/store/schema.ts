/**
 * Version of the key layout and the way from one to the next. A newer avicbot's data is refused; older data
 * is brought up step by step, each step idempotent, so that a crash in between repeats it.
 */
import { SCHEMA_VERSION, singleKey } from "./keys.ts";
import { indexLists } from "./index-lists.ts";
import type { Db } from "./record.ts";

export interface Migration {
  /** The version it makes. */
  readonly to: number;
  readonly run: (db: Db) => Promise<void>;
}

/**
 * In ascending order. Schema 1 is the first. Since 3 bytes are stored in form 002: those in form 001 stay and are read,
 * but an older avicbot would take the new ones for damaged.
 */
const MIGRATIONS: readonly Migration[] = [
  { to: 2, run: indexLists },
  { to: 3, run: () => Promise.resolve() },
];

/** When this store was first used, in milliseconds since the epoch: what was asked before was asked elsewhere. */
export async function beganAt(db: Db): Promise<number> {
  await db.redis.setnx(singleKey("began"), db.now());
  return Number(await db.redis.get(singleKey("began")));
}

/** Makes the layout current. Rejects when the data was written by a newer version. */
export async function ensureSchema(
  db: Db,
  migrations: readonly Migration[] = MIGRATIONS,
  current = SCHEMA_VERSION,
): Promise<void> {
  const where = singleKey("schema");
  if ((await db.redis.setnx(where, current)) === 1) return;
  const found = Number(await db.redis.get(where));
  if (found > current) {
    throw new Error(
      `the records in Redis have schema ${found}, this avicbot knows ${current}: use a newer avicbot`,
    );
  }
  for (const migration of migrations) {
    if (migration.to <= found || migration.to > current) continue;
    await migration.run(db);
    await db.redis.set(where, migration.to);
  }
}
