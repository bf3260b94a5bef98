/**
 * How far each source was read, and which process may read it. A position moves only while the lease is
 * held: a reader that was paused (a stopped process, a lost network) cannot move it back.
 */
import { hashOf, key } from "./keys.ts";
import { encodeRecord, readRecord, type Db } from "./record.ts";

/** What a source needs to go on; plain JSON, meaningful to it alone. */
export type Position = Readonly<Record<string, unknown>>;

export interface Lease {
  readonly source: string;
  /** Grows with every new holder. */
  readonly fence: number;
}

/** KEYS lease, fence; ARGV milliseconds. The new fence, or 0 when somebody holds it. */
const ACQUIRE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], fence, 'PX', ARGV[1])
return fence`;

/** KEYS lease; ARGV fence, milliseconds. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`;

/** KEYS lease, position; ARGV fence, record. */
const MOVE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1`;

export async function acquireLease(db: Db, source: string, milliseconds: number): Promise<Lease | null> {
  const name = hashOf(source);
  const fence = Number(await db.redis.eval(ACQUIRE, 2, key("lease", name), key("fence", name), milliseconds));
  return fence === 0 ? null : { source, fence };
}

/** False: the lease is lost, stop reading. */
export async function renewLease(db: Db, lease: Lease, milliseconds: number): Promise<boolean> {
  return (await db.redis.eval(RENEW, 1, key("lease", hashOf(lease.source)), lease.fence, milliseconds)) === 1;
}

export async function releaseLease(db: Db, lease: Lease): Promise<void> {
  await db.redis.eval(RELEASE, 1, key("lease", hashOf(lease.source)), lease.fence);
}

interface PositionRecord {
  readonly position: Position;
  /** Its past was read to the end: what comes now is new. */
  readonly caughtUp?: boolean;
}

export async function readPosition(db: Db, source: string): Promise<Position | null> {
  return (await findPosition(db, source))?.position ?? null;
}

/** Whether the past of a source was read to the end, once. */
export async function hasCaughtUp(db: Db, source: string): Promise<boolean> {
  return (await findPosition(db, source))?.caughtUp === true;
}

async function findPosition(db: Db, source: string): Promise<PositionRecord | null> {
  return (await readRecord<PositionRecord>(db, key("position", hashOf(source))))?.value ?? null;
}

export interface Reading {
  /** Whether a process holds the source. */
  readonly held: boolean;
  /** ISO 8601: when its position last moved; null: never. */
  readonly movedAt: string | null;
}

/** How far the reading of a source is from now. */
export async function readReading(db: Db, source: string): Promise<Reading> {
  const name = hashOf(source);
  const [held, found] = await Promise.all([
    db.redis.exists(key("lease", name)),
    readRecord<{ at: string }>(db, key("position", name)),
  ]);
  return { held: held === 1, movedAt: found?.value.at ?? null };
}

/** Call it after the messages up to there are stored. False: the lease is lost, nothing was written. */
export async function movePosition(
  db: Db,
  lease: Lease,
  position: Position,
  caughtUp = false,
): Promise<boolean> {
  const name = hashOf(lease.source);
  const at = new Date(db.now()).toISOString();
  const record = encodeRecord({ source: lease.source, at, position, caughtUp });
  return (await db.redis.eval(MOVE, 2, key("lease", name), key("position", name), lease.fence, record)) === 1;
}
