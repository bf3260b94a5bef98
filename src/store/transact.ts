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

export interface Transaction {
  readonly guards: readonly Guard[];
  readonly writes: readonly Write[];
}

/**
 * KEYS: for each transaction those guarded, then those written. ARGV: for each its numbers of guards and writes,
 * the stamps, then for each write command, count, arguments.
 */
const SCRIPT = `
local done, key, at = {}, 0, 1
while at <= #ARGV do
  local guards, writes = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local holds = 1
  for i = 1, guards do
    local found = redis.call('GETRANGE', KEYS[key + i], 0, ${STAMP_LENGTH - 1})
    if found ~= ARGV[at + 1 + i] then holds = 0 end
  end
  key, at = key + guards, at + 2 + guards
  for i = 1, writes do
    local count = tonumber(ARGV[at + 1])
    if holds == 1 then redis.call(ARGV[at], KEYS[key + i], unpack(ARGV, at + 2, at + 1 + count)) end
    at = at + 2 + count
  end
  key = key + writes
  done[#done + 1] = holds
end
return done`;

/**
 * Each of them whole or not at all, one after the other, in one step of the server. False where a guard did not
 * hold: nothing of that one was written, read again and retry.
 */
export async function transactEach(db: Db, transactions: readonly Transaction[]): Promise<boolean[]> {
  if (transactions.length === 0) return [];
  const keys: string[] = [];
  const args: (string | Buffer)[] = [];
  for (const { guards, writes } of transactions) {
    args.push(String(guards.length), String(writes.length));
    for (const guard of guards) {
      keys.push(guard.key);
      args.push(guard.stamp ?? "");
    }
    for (const [command, where, ...rest] of writes) {
      keys.push(where);
      args.push(command, String(rest.length));
      for (const word of rest) args.push(typeof word === "number" ? String(word) : word);
    }
  }
  const done = (await db.redis.eval(SCRIPT, keys.length, [...keys, ...args])) as number[];
  return done.map((one) => one === 1);
}

/** False when a guard did not hold: nothing was written, read again and retry. */
export async function transact(db: Db, guards: readonly Guard[], writes: readonly Write[]): Promise<boolean> {
  const [done] = await transactEach(db, [{ guards, writes }]);
  return done === true;
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
