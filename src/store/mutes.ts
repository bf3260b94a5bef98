/** Who wants no more mail, in which threads, and the stop that holds every mail back. */
import { hashOf, key, singleKey } from "./keys.ts";
import { encodeRecord, readRecord, readRecords, type Db } from "./record.ts";
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

function muteName({ kind, name }: MuteTarget): string {
  return hashOf(`${kind} ${kind === "person" ? name.toLowerCase() : name}`);
}

export async function mute(db: Db, target: MuteTarget, by: string): Promise<void> {
  const record: MuteRecord = { ...target, by, at: new Date(db.now()).toISOString() };
  const where = muteName(target);
  await transact(
    db,
    [],
    [
      ["SET", key("mute", where), encodeRecord(record)],
      ["ZADD", singleKey("mutes"), Date.parse(record.at), where],
    ],
  );
}

export async function unmute(db: Db, target: MuteTarget): Promise<void> {
  const where = muteName(target);
  await transact(
    db,
    [],
    [
      ["DEL", key("mute", where)],
      ["ZREM", singleKey("mutes"), where],
    ],
  );
}

/** All that is muted, latest first. */
export async function listMutes(db: Db, limit = 1000): Promise<MuteRecord[]> {
  const names = await db.redis.zrevrange(singleKey("mutes"), 0, limit - 1);
  return readRecords<MuteRecord>(
    db,
    names.map((name) => key("mute", name)),
  );
}

export async function findMute(db: Db, target: MuteTarget): Promise<MuteRecord | null> {
  return (await readRecord<MuteRecord>(db, key("mute", muteName(target))))?.value ?? null;
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

/**
 * Notes that a mail asks for `what` in the name of `address`; returns how many others did in the last day.
 * Asking again for the same mail counts nothing more.
 */
export async function noteAsked(
  db: Db,
  { what, address, mail }: { what: string; address: string; mail: string },
): Promise<number> {
  const where = key("asked", hashOf(`${what} ${address.toLowerCase()}`));
  const now = db.now();
  await transact(
    db,
    [],
    [
      ["ZADD", where, "NX", now, mail],
      ["EXPIRE", where, DAY_SECONDS],
    ],
  );
  const recent = await db.redis.zrangebyscore(where, now - DAY_SECONDS * 1000, "+inf");
  return recent.filter((other) => other !== mail).length;
}
