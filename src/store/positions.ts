/**
 * How far each source was read, and which process may read it. A position moves only while the lease is
 * held: a reader that was paused (a stopped process, a lost network) cannot move it back.
 */
import { randomUUID } from "node:crypto";
import { hashOf, key } from "./keys.ts";
import { encodeRecord, readRecord, STAMP_LENGTH, type Db } from "./record.ts";

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

/** KEYS lease, position, mark; ARGV fence, record, stamp of the record before, length of a stamp, mark. */
const MOVE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[3]) ~= ARGV[5] then return 0 end
local former = redis.call('GET', KEYS[2]) or ''
if string.sub(former, 1, ARGV[4]) ~= ARGV[3] then return 0 end
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

export interface Place {
  /** Null: it was never read. */
  readonly position: Position | null;
  /** Its past was read to the end, once: what comes now is new. */
  readonly caughtUp: boolean;
  /** Stands for exactly this record; null: there is none. */
  readonly stamp: string | null;
}

/** How far a source was read. */
export async function readPlace(db: Db, source: string): Promise<Place> {
  const found = await readRecord<{ position: Position; caughtUp?: boolean }>(
    db,
    key("position", hashOf(source)),
  );
  if (found === null) return { position: null, caughtUp: false, stamp: null };
  return { position: found.value.position, caughtUp: found.value.caughtUp === true, stamp: found.stamp };
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

/** The last write after the messages of a batch: a store that has it still has all that was written before it. */
export async function markBatch(db: Db, { source }: Lease): Promise<string> {
  const mark = randomUUID();
  await db.redis.set(key("batch", hashOf(source)), mark);
  return mark;
}

export interface Move extends Omit<Place, "stamp"> {
  /** Of the batch that ends there. */
  readonly mark: string;
}

/**
 * Call it after the messages up to there are stored. Null: nothing was written, since the lease or the mark is lost,
 * or the place is no longer the former one: a store that went back in time must be read from there again.
 */
export async function movePosition(
  db: Db,
  lease: Lease,
  former: Place,
  { mark, ...next }: Move,
): Promise<Place | null> {
  const name = hashOf(lease.source);
  const at = new Date(db.now()).toISOString();
  const record = encodeRecord({ source: lease.source, at, ...next });
  const stamp = record.slice(0, STAMP_LENGTH);
  const keys = [key("lease", name), key("position", name), key("batch", name)];
  const args = [lease.fence, record, former.stamp ?? "", STAMP_LENGTH, mark];
  const moved = await db.redis.eval(MOVE, keys.length, ...keys, ...args);
  return moved === 1 ? { ...next, stamp } : null;
}
