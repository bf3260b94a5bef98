/**
 * Several writes or none: what one step of a series changes is changed at once, and only if nobody changed
 * the records it was worked out from. A script instead of WATCH, so that one connection serves everybody.
 */
import { STAMP_LENGTH, type Db } from "./record.ts";

/** The record must still have this stamp; null: there must be none. */
export interface Guard {
  readonly key: string;
  readonly stamp: string | null;
}

export type Write = readonly [command: WriteCommand, key: string, ...args: (string | number | Buffer)[]];

type WriteCommand =
  "SET" | "DEL" | "SADD" | "SREM" | "ZADD" | "ZREM" | "EXPIRE" | "PERSIST" | "XADD" | "HINCRBY";

/** KEYS: guarded, then written. ARGV: number of guards, stamps, then for each write: command, count, arguments. */
const SCRIPT = `
local guards = tonumber(ARGV[1])
for i = 1, guards do
  local found = redis.call('GETRANGE', KEYS[i], 0, ${STAMP_LENGTH - 1})
  if found ~= ARGV[1 + i] then return 0 end
end
local at = 2 + guards
for i = guards + 1, #KEYS do
  local count = tonumber(ARGV[at + 1])
  redis.call(ARGV[at], KEYS[i], unpack(ARGV, at + 2, at + 1 + count))
  at = at + 2 + count
end
return 1`;

/** False when a guard did not hold: nothing was written, read again and retry. */
export async function transact(db: Db, guards: readonly Guard[], writes: readonly Write[]): Promise<boolean> {
  const keys = [...guards.map((guard) => guard.key), ...writes.map((write) => write[1])];
  const args = writes.flatMap(([command, , ...rest]) => [command, rest.length, ...rest]);
  const stamps = guards.map((guard) => guard.stamp ?? "");
  const done = await db.redis.eval(SCRIPT, keys.length, ...keys, guards.length, ...stamps, ...args);
  return done === 1;
}

const TRIES = 50;

/** Runs `attempt` until it reports that its guards held. Rejects if others win without end. */
export async function untilCommitted<T>(
  attempt: () => Promise<{ done: true; result: T } | { done: false }>,
): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const outcome = await attempt();
    if (outcome.done) return outcome.result;
  }
  throw new Error(`a record changed ${TRIES} times while it was being written`);
}
