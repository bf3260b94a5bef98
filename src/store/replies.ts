/** The mails of the outbox, and what the limits count of them. */
import { isDue, type OutboxRecord, type OutboxState } from "../reply/outbox/record.ts";
import { announce } from "./events.ts";
import { hashOf, key, singleKey } from "./keys.ts";
import { encodeRecord, readRecord, readRecords, type Db, type Stored } from "./record.ts";
import { transact, type Write } from "./transact.ts";

/** How long a thread's replies are counted, and a mail is found by its id. */
const THREAD_SECONDS = 2 * 365 * 86_400;
const DAY_MS = 86_400_000;

export async function findReply(db: Db, name: string): Promise<Stored<OutboxRecord> | null> {
  return readRecord<OutboxRecord>(db, key("reply", name));
}

/** The mails with these keys, without those there are none of. */
export async function findReplies(db: Db, names: readonly string[]): Promise<OutboxRecord[]> {
  return readRecords<OutboxRecord>(
    db,
    names.map((name) => key("reply", name)),
  );
}

/** By the Message-ID of the mail itself. */
export async function findReplyById(db: Db, messageId: string): Promise<Stored<OutboxRecord> | null> {
  const name = await db.redis.get(key("sent-id", hashOf(messageId)));
  return name === null ? null : findReply(db, name);
}

/** Key of the one correction that a mail may have. */
export function correctionKey(messageId: string): string {
  return hashOf(`correction of ${messageId}`);
}

/** Corrections of corrections that are followed. */
const MAX_CHAIN = 20;

/** The reply to a series and the corrections of it, each of the one before. */
export async function listChain(db: Db, series: string): Promise<OutboxRecord[]> {
  const chain: OutboxRecord[] = [];
  for (let name = series; chain.length < MAX_CHAIN;) {
    const record = (await findReply(db, name))?.value;
    if (record === undefined) break;
    chain.push(record);
    name = correctionKey(record.messageId);
  }
  return chain;
}

/**
 * Keeps a new mail, and in the same step others that speak of it and are new, too. False: there is one under
 * its key already, nothing was changed.
 */
export async function addReply(
  db: Db,
  record: OutboxRecord,
  others: readonly OutboxRecord[] = [],
): Promise<boolean> {
  const guard = { key: key("reply", record.key), stamp: null };
  return transact(db, [guard], [record, ...others].flatMap(newReplyWrites));
}

/** False: somebody changed it meanwhile. */
export async function replaceReply(
  db: Db,
  former: Stored<OutboxRecord>,
  next: OutboxRecord,
  others: readonly OutboxRecord[] = [],
): Promise<boolean> {
  const guard = { key: key("reply", next.key), stamp: former.stamp };
  const writes = [...replyWrites(next, former.value), ...others.flatMap(newReplyWrites)];
  return transact(db, [guard], writes);
}

/** Writes a mail with every index of it anew. False: somebody changed it meanwhile. */
export async function rewriteReply(db: Db, { value, stamp }: Stored<OutboxRecord>): Promise<boolean> {
  return transact(db, [{ key: key("reply", value.key), stamp }], replyWrites(value, null));
}

/** Newest first. */
export async function listReplies(db: Db, limit = 1000): Promise<OutboxRecord[]> {
  return findReplies(db, await db.redis.zrevrange(singleKey("replies"), 0, limit - 1));
}

/** Keys of the mails that are due, longest due first. */
export async function listDue(db: Db, limit = 100): Promise<string[]> {
  const now = db.now();
  const due = await db.redis.zrangebyscore(singleKey("outbox"), "-inf", String(now), "LIMIT", 0, limit);
  const later = await db.redis.zrevrangebyscore(singleKey("outbox"), "+inf", `(${now}`, "LIMIT", 0, limit);
  const ahead = (await findReplies(db, later)).filter((record) => isDue(record, now));
  return [...due, ...ahead.map(({ key: name }) => name)];
}

/** When the mail due first is due, in milliseconds since the epoch; null: none waits. */
export async function firstDue(db: Db): Promise<number | null> {
  const [, due] = await db.redis.zrange(singleKey("outbox"), "0", "0", "WITHSCORES");
  return due === undefined ? null : Number(due);
}

export interface SentCounts {
  readonly inThread: number;
  readonly today: number;
  /** Of the list that had most. */
  readonly onListToday: number;
}

/** Replies that went out, for the limits; the mail with the key `except` does not count. */
export async function countSent(
  db: Db,
  { thread, lists, except }: { thread: string; lists: readonly string[]; except: string },
): Promise<SentCounts> {
  const since = String(db.now() - DAY_MS);
  const count = async (where: string, from: string) => {
    const names = await db.redis.zrangebyscore(where, from, "+inf");
    return names.filter((name) => name !== except).length;
  };
  const perList = await Promise.all(lists.map((list) => count(listKey(list), since)));
  return {
    inThread: await count(threadKey(thread), "-inf"),
    today: await count(singleKey("sent"), since),
    onListToday: Math.max(0, ...perList),
  };
}

function threadKey(thread: string): string {
  return key("sent-thread", hashOf(thread));
}

function listKey(list: string): string {
  return key("sent-list", hashOf(list.toLowerCase()));
}

/** Replies are kept apart from the other mails, which may be about a hidden series under a key of their own. */
function stateKey({ kind, state }: Pick<OutboxRecord, "kind" | "state">): string {
  return key("reply-state", kind === "reply" ? state : `${state} other`);
}

const PAGE = 500;

/**
 * Forgets answers and notices made before that time (milliseconds since the epoch), but for those that wait to
 * go out; returns how many. Replies go with their series.
 */
export async function dropLetters(db: Db, before: number): Promise<number> {
  let dropped = 0;
  for (let kept = 0; ;) {
    const page = await db.redis.zrangebyscore(singleKey("replies"), "-inf", before, "LIMIT", kept, PAGE);
    const letters = (await findReplies(db, page)).filter(isOverLetter);
    for (const letter of letters) await transact(db, [], mailRemoval(letter));
    dropped += letters.length;
    kept += page.length - letters.length;
    if (page.length < PAGE) return dropped;
  }
}

function isOverLetter({ kind, state }: OutboxRecord): boolean {
  return (kind === "answer" || kind === "notice") && state !== "intent" && state !== "sending";
}

/** Writes that forget a mail. */
export function mailRemoval(record: OutboxRecord): Write[] {
  const { key: name, messageId, series } = record;
  const id = hashOf(messageId);
  return [
    ["DEL", key("reply", name)],
    ["DEL", key("sent-id", id)],
    ["ZREM", singleKey("replies"), name],
    ["ZREM", singleKey("outbox"), name],
    ["SREM", stateKey(record), name],
    ...[singleKey("sent"), ...record.lists.map(listKey)].map((where): Write => ["ZREM", where, name]),
    ...(series === null ? [] : [["DEL", key("id", id)] as const]),
  ];
}

/** How many mails of the outbox are in a state: all of them, or the replies to series that are not hidden. */
export async function countReplies(db: Db, state: OutboxState, all: boolean): Promise<number> {
  const replies = stateKey({ kind: "reply", state });
  const count = await db.redis.scard(replies);
  if (all) return count + (await db.redis.scard(stateKey({ kind: "notice", state })));
  return count === 0 ? 0 : count - (await db.redis.sintercard(2, replies, singleKey("hidden")));
}

/** Writes that keep a mail there was none of before. */
export function newReplyWrites(record: OutboxRecord): Write[] {
  return replyWrites(record, null);
}

function replyWrites(record: OutboxRecord, former: OutboxRecord | null): Write[] {
  const { state, dueAt } = record;
  const waits = (state === "intent" || state === "sending") && dueAt !== null;
  const series: Write[] =
    record.series === null
      ? []
      : [["SET", key("id", hashOf(record.messageId)), record.series], announce(record.series)];
  const left: Write[] =
    former === null || former.state === state ? [] : [["SREM", stateKey(former), record.key]];
  return [
    ["SET", key("reply", record.key), encodeRecord(record)],
    ["SET", key("sent-id", hashOf(record.messageId)), record.key, "EX", THREAD_SECONDS],
    ["ZADD", singleKey("replies"), record.createdAt, record.key],
    waits ? ["ZADD", singleKey("outbox"), dueAt, record.key] : ["ZREM", singleKey("outbox"), record.key],
    ...left,
    ["SADD", stateKey(record), record.key],
    ...series,
    ...countingWrites(record),
  ];
}

/** Only what goes to lists is counted; a mail that may be out counts as out. */
function countingWrites(record: OutboxRecord): Write[] {
  if (record.kind !== "reply" && record.kind !== "correction") return [];
  const out = ["sending", "sent", "echoed"].includes(record.state);
  const at = record.firstTryAt ?? record.changedAt;
  const where = [singleKey("sent"), threadKey(record.thread), ...record.lists.map(listKey)];
  return [
    ...where.map((name): Write => (out ? ["ZADD", name, at, record.key] : ["ZREM", name, record.key])),
    ["EXPIRE", threadKey(record.thread), THREAD_SECONDS],
  ];
}
