/**
 * Series and their life. A record is replaced as a whole, together with every index that speaks of it, and
 * only if nobody changed it meanwhile.
 */
import { normaliseTitle } from "../mail/versions.ts";
import { OUTBOX_STATES } from "../reply/outbox/record.ts";
import type { ReviewSummary } from "../review/summary.ts";
import type { Step } from "./decisions.ts";
import { announce } from "./events.ts";
import { listingRemoval, listingWrites, type Listed } from "./facets.ts";
import { hashOf, key, singleKey } from "./keys.ts";
import { encodeRecord, readRecord, readRecords, type Db, type Stored } from "./record.ts";
import type { ClosedState, Progress, SeriesState } from "./states.ts";
import { transact, untilCommitted, type Transaction, type Write } from "./transact.ts";

export { SERIES_STATES, type ClosedState, type Progress, type SeriesState } from "./states.ts";

export interface SeriesPart {
  /** 0 is the cover. */
  readonly index: number;
  readonly messageId: string | null;
  /** `messageKey` of the mail. */
  readonly key: string;
  readonly title: string;
  /** Taken over from the version before, where this one is a partial reroll. */
  readonly inherited: boolean;
}

export interface Closing {
  readonly state: ClosedState;
  /** A rule of avicbot, or a person: what a person closed no rule opens again. */
  readonly by: "rule" | "person";
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: string;
  /** Key of the series that took its place. */
  readonly successor: string | null;
}

export interface Reviewed {
  /** `inputs` of the series at that time. */
  readonly inputs: string;
  readonly verdict: string;
  readonly digest: string;
  readonly summary: ReviewSummary;
  /** ISO 8601. */
  readonly at: string;
}

export interface SeriesRecord {
  readonly key: string;
  /** Message-ID of the cover or the first part. */
  readonly id: string;
  readonly title: string;
  readonly author: { readonly name: string; readonly address: string };
  /** Who the author is when versions are compared; see mail/part.ts. */
  readonly authorKey: string;
  readonly version: number;
  readonly total: number;
  readonly rfc: boolean;
  readonly resend: boolean;
  readonly stable: string | null;
  readonly foreign: string | null;
  readonly date: string | null;
  readonly changeId: string | null;
  readonly supersedes: readonly string[];
  /** Ids of the lists its mails came by. */
  readonly lists: readonly string[];
  /** Cover included, ascending by index. */
  readonly parts: readonly SeriesPart[];
  readonly missing: readonly number[];
  /** Stands for the mails a review is made of. */
  readonly inputs: string;
  readonly progress: Progress;
  /** Why it is undetermined or failed. */
  readonly reason: string | null;
  readonly closed: Closing | null;
  readonly reviewed: Reviewed | null;
  /** Its review is stored, and whether it is answered was not decided yet. */
  readonly undecided?: boolean;
  /** Milliseconds since the epoch: from then on it is reviewed with what is there. */
  readonly waitUntil: number | null;
  /** Whether it came by live watching; back-fill stands behind. */
  readonly live: boolean;
  readonly steps: readonly Step[];
}

export function stateOf(record: SeriesRecord): SeriesState {
  return record.closed?.state ?? record.progress;
}

/** The latest review, if it is of the mails that are there now. */
export function currentReview(record: SeriesRecord): Reviewed | null {
  return record.reviewed?.inputs === record.inputs ? record.reviewed : null;
}

/**
 * Whether it is kept from the public: its latest review found a register of the host within a guest's reach,
 * also while newer mails of it are still being reviewed.
 */
export function isHidden(record: SeriesRecord): boolean {
  return record.reviewed?.summary.worst === "critical";
}

export function seriesKey(id: string): string {
  return hashOf(id);
}

/** Stands for exactly these mails. */
export function inputsOf(parts: readonly SeriesPart[]): string {
  return hashOf(parts.map((part) => `${part.index} ${part.key}`).join("\n"));
}

/** Names under which versions of the same work are looked for; a common name alone joins nothing. */
export function workNames(record: SeriesRecord): string[] {
  const texts = [record.title, ...record.parts.slice(0, 40).map((part) => part.title)];
  const titles = texts.map((title) => `title ${record.authorKey} ${normaliseTitle(title)}`);
  const own = record.parts.flatMap((part) => part.messageId ?? []);
  const ids = [record.id, ...own, ...record.supersedes].map((id) => `id ${id}`);
  const change = record.changeId === null ? [] : [`change ${record.changeId}`];
  return [...new Set([...change, ...titles, ...ids])].map(hashOf);
}

export async function findSeries(db: Db, name: string): Promise<Stored<SeriesRecord> | null> {
  return readRecord<SeriesRecord>(db, key("series", name));
}

/** By the id of the cover or any part. */
export async function findSeriesById(db: Db, messageId: string): Promise<Stored<SeriesRecord> | null> {
  const name = await db.redis.get(key("id", hashOf(messageId)));
  return name === null ? null : findSeries(db, name);
}

/** Keys of the series that messages belong to, by key of the message. */
export async function seriesOfMessages(db: Db, names: readonly string[]): Promise<Map<string, string>> {
  const found = names.length === 0 ? [] : await db.redis.mget(names.map((name) => key("id", name)));
  return new Map(names.flatMap((name, at) => (found[at] ? [[name, found[at]]] : [])));
}

/**
 * Replaces `formers` by `nexts` in one step, along with further guards and writes. False: somebody changed one of them,
 * or what is guarded: read again.
 */
export async function replaceSeries(
  db: Db,
  formers: readonly Stored<SeriesRecord>[],
  nexts: readonly SeriesRecord[],
  along: Partial<Transaction> = {},
): Promise<boolean> {
  const known = new Map(formers.map((former) => [former.value.key, former.stamp]));
  const touched = new Set([...known.keys(), ...nexts.map((next) => next.key)]);
  const guards = [...touched].map((name) => ({ key: key("series", name), stamp: known.get(name) ?? null }));
  const kept = new Set(nexts.map((next) => next.key));
  const gone = formers.filter((former) => !kept.has(former.value.key));
  const writes = [
    ...gone.flatMap((former) => removal(former.value)),
    ...nexts.flatMap((next) =>
      seriesWrites(next, formers.find(({ value }) => value.key === next.key)?.value ?? null),
    ),
    ...(along.writes ?? []),
  ];
  return transact(db, [...guards, ...(along.guards ?? [])], writes);
}

/** Writes a record with every index of it anew, whatever they say now. False: somebody changed it meanwhile. */
export async function rewriteSeries(
  db: Db,
  { stamp }: Stored<unknown>,
  next: SeriesRecord,
): Promise<boolean> {
  return transact(db, [{ key: recordKey(next.key), stamp }], seriesWrites(next, null));
}

/** Changes one series; `change` may return the record itself for "nothing to do". Null: there is none. */
export async function changeSeries(
  db: Db,
  name: string,
  change: (record: SeriesRecord) => SeriesRecord,
  further: readonly Write[] = [],
): Promise<SeriesRecord | null> {
  return untilCommitted<SeriesRecord | null>(async () => {
    const found = await findSeries(db, name);
    if (found === null) return { done: true, result: null };
    const next = change(found.value);
    if (next === found.value) return { done: true, result: next };
    return (await replaceSeries(db, [found], [next], { writes: further }))
      ? { done: true, result: next }
      : { done: false };
  });
}

/** All series that somebody waits for, newest first. */
export async function listOpen(db: Db): Promise<SeriesRecord[]> {
  const names = await db.redis.zrevrange(singleKey("open"), 0, -1);
  return readRecords<SeriesRecord>(db, names.map(recordKey));
}

/** What was begun and not finished: a sweep takes it up again. */
export async function listUnfinished(db: Db): Promise<SeriesRecord[]> {
  const names = await db.redis.smembers(singleKey("unfinished"));
  return readRecords<SeriesRecord>(db, names.map(recordKey));
}

/** Keys of the series closed before that time (milliseconds since the epoch), oldest first. */
export async function listClosedBefore(db: Db, time: number): Promise<string[]> {
  return db.redis.zrangebyscore(singleKey("closed"), "-inf", time);
}

/** Series that share a work name with this one: candidates for other versions of it. */
export async function listRelated(db: Db, record: SeriesRecord): Promise<SeriesRecord[]> {
  const groups = workNames(record).map((name) => key("work", name));
  const names = await db.redis.sunion(...groups);
  return readRecords<SeriesRecord>(db, names.filter((name) => name !== record.key).map(recordKey));
}

/** Writes that forget a series; its messages are dropped by the caller. */
export function removal(record: SeriesRecord): Write[] {
  return [
    ["DEL", recordKey(record.key)],
    ["DEL", key("review", record.key)],
    ["DEL", key("reply", record.key)],
    ["ZREM", singleKey("outbox"), record.key],
    ["ZREM", singleKey("replies"), record.key],
    ["ZREM", singleKey("open"), record.key],
    ["ZREM", singleKey("closed"), record.key],
    ["SREM", singleKey("unfinished"), record.key],
    ...ownParts(record).map((part): Write => ["DEL", key("id", part.key)]),
    ...workNames(record).map((name): Write => ["SREM", key("work", name), record.key]),
    ...successorWrite("SREM", record),
    ["DEL", key("older", record.key)],
    ["DEL", key("grounds", record.key)],
    ...OUTBOX_STATES.map((state): Write => ["SREM", key("reply-state", state), record.key]),
    ...listingRemoval(listed(record)),
    announce(record.key),
  ];
}

function successorWrite(command: "SADD" | "SREM", { key: name, closed }: SeriesRecord): Write[] {
  const successor = closed?.successor ?? null;
  return successor === null ? [] : [[command, key("older", successor), name]];
}

function activityOf({ date, reviewed, closed, steps }: SeriesRecord): number {
  const times = [date, reviewed?.at, steps.at(-1)?.at].map((at) => Date.parse(at ?? "") || 0);
  return Math.max(closed?.at ?? 0, ...times);
}

/** What lists know of a series. */
export function listed(record: SeriesRecord): Listed {
  const { key: name, author, lists, title, parts } = record;
  const current = currentReview(record);
  return {
    key: name,
    author,
    lists,
    state: stateOf(record),
    verdict: current?.verdict ?? null,
    titles: [title, ...parts.slice(0, 40).map((part) => part.title)],
    date: Date.parse(record.date ?? "") || 0,
    activity: activityOf(record),
    changedCells: current?.summary.changedCells ?? 0,
    hidden: isHidden(record),
  };
}

/** One that is being sent is finished by its reply, but for the moment between the two records. */
function isUnfinished({ closed, progress, undecided }: SeriesRecord): boolean {
  if (closed !== null) return false;
  return undecided === true || ["collecting", "reviewing", "sending"].includes(progress);
}

function seriesWrites(record: SeriesRecord, former: SeriesRecord | null): Write[] {
  const { closed } = record;
  const date = Date.parse(record.date ?? "") || 0;
  return [
    ["SET", recordKey(record.key), encodeRecord(record)],
    closed === null ? ["ZADD", singleKey("open"), date, record.key] : ["ZREM", singleKey("open"), record.key],
    closed === null
      ? ["ZREM", singleKey("closed"), record.key]
      : ["ZADD", singleKey("closed"), closed.at, record.key],
    [isUnfinished(record) ? "SADD" : "SREM", singleKey("unfinished"), record.key],
    ...ownParts(record).map((part): Write => ["SET", key("id", part.key), record.key]),
    ...workNames(record).map((name): Write => ["SADD", key("work", name), record.key]),
    ...successorWrite("SADD", record),
    ...listingWrites(listed(record), former === null ? null : listed(former)),
    announce(record.key),
  ];
}

/** An inherited part is found under the version it was sent with. */
function ownParts(record: SeriesRecord): SeriesPart[] {
  return record.parts.filter((part) => !part.inherited);
}

function recordKey(name: string): string {
  return key("series", name);
}
