/**
 * Which series are versions of the same work, and which one counts. Never by threading: kvm-x86 forbids
 * sending v2 in reply to v1. When in doubt two series stay apart.
 */
import { changeSeries, listRelated, normalTitle, type SeriesRecord } from "./series.ts";
import type { Db } from "./record.ts";

/** Share of the smaller series' patch titles that must recur in the other, when cover titles differ. */
const COMMON_TITLES = 0.5;

/** Whether `newer` takes the place of `older`. */
export function supersedes(newer: SeriesRecord, older: SeriesRecord): boolean {
  if (newer.key === older.key || newer.stable !== older.stable) return false;
  if (names(newer, older)) return !names(older, newer) || isLater(newer, older);
  if (!isSameWork(newer, older)) return false;
  if (newer.version !== older.version) return newer.version > older.version;
  return isResend(newer, older);
}

/** Whether the first one's mails name the other in a Supersedes line. */
function names(one: SeriesRecord, other: SeriesRecord): boolean {
  return other.parts.some((part) => part.messageId !== null && one.supersedes.includes(part.messageId));
}

function isSameWork(one: SeriesRecord, other: SeriesRecord): boolean {
  if (one.changeId !== null && other.changeId !== null) return one.changeId === other.changeId;
  if (one.author.address.toLowerCase() !== other.author.address.toLowerCase()) return false;
  if (normalTitle(one.title) === normalTitle(other.title)) return true;
  const titles = patchTitles(one);
  const others = patchTitles(other);
  const common = [...titles].filter((title) => others.has(title)).length;
  return common > 0 && common >= COMMON_TITLES * Math.min(titles.size, others.size);
}

/** The same version sent again: marked so, or with exactly the same patches. */
function isResend(newer: SeriesRecord, older: SeriesRecord): boolean {
  if (!isLater(newer, older)) return false;
  const titles = patchTitles(newer);
  const others = patchTitles(older);
  const same = titles.size === others.size && [...titles].every((title) => others.has(title));
  return newer.total === older.total && (same || (newer.resend && !older.resend));
}

function isLater(newer: SeriesRecord, older: SeriesRecord): boolean {
  return (Date.parse(newer.date ?? "") || 0) > (Date.parse(older.date ?? "") || 0);
}

function patchTitles(record: SeriesRecord): Set<string> {
  return new Set(record.parts.filter((part) => part.index > 0).map((part) => normalTitle(part.title)));
}

/**
 * Closes what this series supersedes, and this series if a newer one is there already. Repeatable. Returns
 * the keys of the series it closed.
 */
export async function settleVersions(db: Db, record: SeriesRecord): Promise<string[]> {
  const closed: string[] = [];
  for (const other of await listRelated(db, record)) {
    const [newer, older] = supersedes(record, other) ? [record, other] : [other, record];
    if (!supersedes(newer, older)) continue;
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
