/**
 * Which version of a work counts. What belongs together is for the room of mails to say; here the older ones
 * are closed.
 */
import type { Message } from "../mail/message.ts";
import type { Series } from "../mail/series.ts";
import { parseSubject } from "../mail/subject.ts";
import { joinVersions } from "../mail/versions.ts";
import type { Db } from "./record.ts";
import { findSeries, listRelated, replaceSeries, type SeriesRecord } from "./series.ts";
import { untilCommitted } from "./transact.ts";

/** What joining looks at, without the mails. */
function asSeries(record: SeriesRecord): Series {
  const patches = record.parts.filter((part) => part.index > 0);
  return {
    ...record,
    patches: patches.map((part) => ({
      index: part.index,
      message: { messageId: part.messageId } as Message,
      subject: parseSubject(part.title),
    })),
    cover: null,
    inherited: [],
    baseCommit: null,
    prerequisites: [],
    problems: [],
  };
}

/** The other versions of the same work among these series. */
function versionsOf(record: SeriesRecord, others: readonly SeriesRecord[]): SeriesRecord[] {
  const chains = joinVersions([record, ...others].map(asSeries));
  const ids = new Set(
    chains.find((chain) => chain.some((one) => one.id === record.id))?.map((one) => one.id),
  );
  return others.filter((other) => ids.has(other.id));
}

/** Whether the first takes the other's place: it says so, has the higher version, or was sent later. */
function isNewer(one: SeriesRecord, other: SeriesRecord): boolean {
  if (names(one, other) !== names(other, one)) return names(one, other);
  if (one.version !== other.version) return one.version > other.version;
  return (Date.parse(one.date ?? "") || 0) > (Date.parse(other.date ?? "") || 0);
}

function names(one: SeriesRecord, other: SeriesRecord): boolean {
  return other.parts.some((part) => part.messageId !== null && one.supersedes.includes(part.messageId));
}

/**
 * Closes what this series supersedes, and this series if a newer one is there already. Repeatable. Returns
 * the keys of the series it closed.
 */
export async function settleVersions(db: Db, record: SeriesRecord): Promise<string[]> {
  const closed: string[] = [];
  for (const other of versionsOf(record, await listRelated(db, record))) {
    const [newer, older] = isNewer(record, other) ? [record, other] : [other, record];
    if (!isNewer(newer, older)) continue;
    if (await closeAsSuperseded(db, older.key, newer.key)) closed.push(older.key);
  }
  return closed;
}

/** Only as long as both are there: a series that its cover gave another id takes nobody's place. */
async function closeAsSuperseded(db: Db, olderKey: string, newerKey: string): Promise<boolean> {
  return untilCommitted<boolean>(async () => {
    const [older, newer] = await Promise.all([findSeries(db, olderKey), findSeries(db, newerKey)]);
    if (older === null || newer === null || older.value.closed !== null) return { done: true, result: false };
    const { version, date } = newer.value;
    const reason = `v${version} of ${date?.slice(0, 10) ?? "a later day"} takes its place`;
    const closed = { state: "superseded", by: "rule", at: db.now(), reason, successor: newerKey } as const;
    const done = await replaceSeries(db, [older, newer], [{ ...older.value, closed }, newer.value]);
    return done ? { done, result: true } : { done };
  });
}
