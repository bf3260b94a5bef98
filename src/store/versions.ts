/**
 * Which version of a work counts. What belongs together is for the room of mails to say; here the older ones
 * are closed.
 */
import type { Message } from "../mail/message.ts";
import type { Series } from "../mail/series.ts";
import { parseSubject } from "../mail/subject.ts";
import { joinVersions } from "../mail/versions.ts";
import type { Db } from "./record.ts";
import { changeSeries, listRelated, type SeriesRecord } from "./series.ts";

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
    if (await closeAsSuperseded(db, older.key, newer)) closed.push(older.key);
  }
  return closed;
}

async function closeAsSuperseded(db: Db, name: string, newer: SeriesRecord): Promise<boolean> {
  let changed = false;
  await changeSeries(db, name, (record) => {
    changed = record.closed === null;
    if (!changed) return record;
    const reason = `v${newer.version} of ${newer.date?.slice(0, 10) ?? "a later day"} takes its place`;
    return {
      ...record,
      closed: { state: "superseded", by: "rule", at: db.now(), reason, successor: newer.key },
    };
  });
  return changed;
}
