/**
 * Finding the place of a mail among series. What may belong together is gathered by names that mails share (ids
 * they answer, author and time); the series themselves are worked out anew each time from all of it, so that
 * the order of arrival makes no difference and several processes may do it at once.
 */
import { authorOf, messageKey } from "../mail/part.ts";
import { parseMessage, type Message } from "../mail/message.ts";
import { assembleSeries, type Series } from "../mail/series.ts";
import { parseSubject, type SubjectTag } from "../mail/subject.ts";
import { findDecisions, union } from "../store/decisions.ts";
import { hashOf } from "../store/keys.ts";
import {
  findMessages,
  guardMessages,
  persistMessages,
  readMail,
  type MessageRecord,
} from "../store/messages.ts";
import type { Db, Stored } from "../store/record.ts";
import {
  findSeries,
  inputsOf,
  replaceSeries,
  seriesKey,
  seriesOfMessages,
  type SeriesPart,
  type SeriesRecord,
} from "../store/series.ts";
import { untilCommitted } from "../store/transact.ts";
import { neighboursOf } from "./neighbours.ts";

/** A thread with more mails than this is cut: nobody sends such a series. */
const GATHER_LIMIT = 2000;
/** Unthreaded parts of a series leave within minutes; an hour's bucket and its neighbours hold them. */
const BUCKET_MS = 3_600_000;
const REFERENCES_USED = 6;

export interface PlacingOptions {
  readonly own: readonly string[];
  readonly partWaitMs: number;
  readonly live: boolean;
}

/** The groups a patch mail is in, as keys of the store. */
export function groupsOf(message: Message, subject: SubjectTag): string[] {
  return groupNames(message, subject).map(hashOf);
}

/**
 * The names of those groups: each id that it has or answers, as `groupOfId` names it; if it answers nothing,
 * its author, numbers and time.
 */
export function groupNames(message: Message, subject: SubjectTag): string[] {
  const answered = [...message.inReplyTo, ...message.references].slice(0, REFERENCES_USED);
  const ids = [messageKey(message), ...answered, ...message.references.slice(-2)].map(groupOfId);
  const alone = message.inReplyTo.length === 0 && message.references.length === 0;
  return [...new Set([...ids, ...(alone ? nearGroups(message, subject) : [])])];
}

/** The group of everything that has or answers this id. */
export function groupOfId(id: string): string {
  return `id ${id}`;
}

/** Parts that answer nothing are found by author, numbers and time. */
function nearGroups(message: Message, { version, total, stable, foreign }: SubjectTag): string[] {
  if (total === null) return [];
  const name = `near ${authorOf(message)} ${version} ${total} ${stable ?? ""} ${foreign ?? ""}`;
  if (message.date === null) return [`${name} undated`];
  const bucket = Math.floor(Date.parse(message.date) / BUCKET_MS);
  return [bucket - 1, bucket, bucket + 1].map((at) => `${name} ${at}`);
}

/** Every kept message that may be in one series with this one. */
async function gather(db: Db, start: string): Promise<MessageRecord[]> {
  const found: MessageRecord[] = [];
  for await (const { records } of neighboursOf(db, await findMessages(db, [start]))) {
    found.push(...records);
    if (found.length >= GATHER_LIMIT) break;
  }
  return found;
}

/** Parsed mails by key, for the parts of a series that come one after the other. */
const parsed = new Map<string, Message>();
const PARSED_LIMIT = 200;
const PARSED_BYTES = 200_000;

async function readParsed(db: Db, name: string): Promise<Message | null> {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const bytes = await readMail(db, name);
  if (bytes === null) return null;
  const message = parseMessage(bytes);
  if (bytes.length > PARSED_BYTES) return message;
  if (parsed.size >= PARSED_LIMIT) parsed.delete(parsed.keys().next().value ?? "");
  parsed.set(name, message);
  return message;
}

/**
 * Works out the series around a kept message and stores those that concern AVIC. Returns the one the message
 * is in, or null if no part of it concerns AVIC so far, and every series that changed.
 */
export async function placeMessage(
  db: Db,
  name: string,
  options: PlacingOptions,
): Promise<{ own: SeriesRecord | null; changed: SeriesRecord[] }> {
  return untilCommitted(async () => {
    const records = await gather(db, name);
    const keys = records.map((record) => record.key);
    const formers = await readFormers(db, keys);
    const concerning = new Set(records.filter((record) => record.concerns).map((record) => record.key));
    // Most patches of a list: nothing to read, nothing to work out.
    if (concerning.size === 0 && formers.length === 0)
      return { done: true, result: { own: null, changed: [] } };
    const messages = await Promise.all(keys.map((one) => readParsed(db, one)));
    const { series } = assembleSeries(
      messages.filter((message) => message !== null),
      { own: options.own },
    );
    const wanted = series.filter((one) => partsOf(one).some((part) => concerning.has(part.key)));
    const lists = new Map((await findDecisions(db, keys)).map((one) => [one.key, one.lists]));
    const nexts = wanted.map((one) => toRecord(one, formers, { ...options, lists, now: db.now() }));
    const own = nexts.find((next) => next.parts.some((part) => part.key === name && !part.inherited)) ?? null;
    const changed = nexts.filter((next) => !formers.some((former) => former.value === next));
    const gone = formers.filter((former) => !nexts.some((next) => next.key === former.value.key));
    if (changed.length === 0 && gone.length === 0) return { done: true, result: { own, changed } };
    const guarded = formers.filter(
      (former) => gone.includes(former) || changed.some((one) => one.key === former.value.key),
    );
    const held = new Set(changed.flatMap((one) => one.parts.map((part) => part.key)));
    // A store that loses its last writes and comes back must not get a series whose mails it lost: the client
    // sends again what it got no answer to.
    const guards = guardMessages(records.filter((record) => held.has(record.key)));
    const along = { guards, writes: persistMessages([...held]) };
    const done = await replaceSeries(db, guarded, changed, along);
    return done ? { done, result: { own, changed } } : { done };
  });
}

async function readFormers(db: Db, keys: readonly string[]): Promise<Stored<SeriesRecord>[]> {
  const names = [...new Set((await seriesOfMessages(db, keys)).values())];
  const found = await Promise.all(names.map((one) => findSeries(db, one)));
  return found.filter((one) => one !== null);
}

function partsOf(series: Series): SeriesPart[] {
  const part = (index: number, message: Message): SeriesPart => ({
    index,
    messageId: message.messageId,
    key: hashOf(messageKey(message)),
    title: parseSubject(message.subject).title,
    inherited: series.inherited.includes(index),
  });
  const cover = series.cover === null ? [] : [part(0, series.cover)];
  return [...cover, ...series.patches.map(({ index, message }) => part(index, message))];
}

type Former = Stored<SeriesRecord>;

/** The record of a series: what it was, if the same mails make it; else its new life goes on from the old one. */
function toRecord(
  series: Series,
  formers: readonly Former[],
  options: PlacingOptions & { lists: ReadonlyMap<string, readonly string[]>; now: number },
): SeriesRecord {
  const parts = partsOf(series);
  const lists = parts.reduce<readonly string[]>(
    (all, { key: name }) => union(all, options.lists.get(name) ?? []),
    [],
  );
  const inputs = inputsOf(parts);
  const former = formerOf(seriesKey(series.id), parts, formers);
  if (former !== null && former.inputs === inputs && former.id === series.id) return withLists(former, lists);
  const whole = series.missing.length === 0 && series.patches.length > 0;
  return {
    ...pick(series),
    key: seriesKey(series.id),
    lists,
    parts,
    inputs,
    progress: whole ? "reviewing" : "collecting",
    reason: null,
    closed:
      former?.closed?.state === "ignored" && former.closed.by === "rule" ? null : (former?.closed ?? null),
    reviewed: former?.reviewed ?? null,
    waitUntil: whole ? null : options.now + options.partWaitMs,
    live: former?.live ?? options.live,
    steps: former?.steps ?? [],
  };
}

function withLists(former: SeriesRecord, lists: readonly string[]): SeriesRecord {
  const all = union(former.lists, lists);
  return all.length === former.lists.length ? former : { ...former, lists: all };
}

function pick(series: Series) {
  const { id, title, author, authorKey, version, total, rfc, resend } = series;
  const { stable, foreign, date, changeId, supersedes, missing } = series;
  return {
    id,
    title,
    author: { name: author.name, address: author.address },
    authorKey,
    version,
    total,
    rfc,
    resend,
    stable,
    foreign,
    date,
    changeId,
    supersedes,
    missing,
  };
}

/** The record under the same id, else the one that holds most of these parts (the cover came late). */
function formerOf(
  name: string,
  parts: readonly SeriesPart[],
  formers: readonly Former[],
): SeriesRecord | null {
  const same = formers.find((former) => former.value.key === name);
  if (same !== undefined) return same.value;
  const own = new Set(parts.filter((part) => !part.inherited).map((part) => part.key));
  const shared = (former: Former) =>
    former.value.parts.filter((part) => !part.inherited && own.has(part.key)).length;
  const best = [...formers].sort((a, b) => shared(b) - shared(a))[0];
  return best !== undefined && shared(best) > 0 ? best.value : null;
}
