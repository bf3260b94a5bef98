/** Who wants no more mail, in which threads, and the stop that holds every mail back. */
import { hashOf, key, singleKey } from "./keys.ts";
import { encodeRecord, readRecord, type Db } from "./record.ts";
import { transact } from "./transact.ts";

/** A thread is named by the id of any series or mail in it, a person by an address. */
export interface MuteTarget {
  readonly kind: "thread" | "person";
  readonly name: string;
}

export interface MuteRecord extends MuteTarget {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

function muteKey({ kind, name }: MuteTarget): string {
  return key("mute", hashOf(`${kind} ${kind === "person" ? name.toLowerCase() : name}`));
}

export async function mute(db: Db, target: MuteTarget, by: string): Promise<void> {
  const record: MuteRecord = { ...target, by, at: new Date(db.now()).toISOString() };
  await transact(db, [], [["SET", muteKey(target), encodeRecord(record)]]);
}

export async function unmute(db: Db, target: MuteTarget): Promise<void> {
  await transact(db, [], [["DEL", muteKey(target)]]);
}

export async function findMute(db: Db, target: MuteTarget): Promise<MuteRecord | null> {
  return (await readRecord<MuteRecord>(db, muteKey(target)))?.value ?? null;
}

/** The first of these threads that is muted. */
export async function findThreadMute(db: Db, ids: readonly string[]): Promise<MuteRecord | null> {
  for (const name of ids) {
    const found = await findMute(db, { kind: "thread", name });
    if (found !== null) return found;
  }
  return null;
}

/** Why nothing may be sent; null: mails go out. */
export async function readStop(db: Db): Promise<string | null> {
  return db.redis.get(singleKey("stop"));
}

/** Stops every mail, or with null lets them go again. */
export async function setStop(db: Db, reason: string | null): Promise<void> {
  if (reason === null) await db.redis.del(singleKey("stop"));
  else await db.redis.set(singleKey("stop"), reason);
}

const DAY_SECONDS = 86_400;

/** Counts one more of `what` for this sender today; returns how many it is now. */
export async function countAsked(db: Db, what: string, address: string): Promise<number> {
  const where = key("asked", hashOf(`${what} ${address.toLowerCase()}`));
  const count = await db.redis.incr(where);
  if (count === 1) await db.redis.expire(where, DAY_SECONDS);
  return count;
}
