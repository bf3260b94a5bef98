/** Kept messages that may be in one series with others: those share the name of a group, and so on from them. */
import { key } from "../store/keys.ts";
import { findMessages, membersOf, type MessageRecord } from "../store/messages.ts";
import type { Db } from "../store/record.ts";

export interface Neighbours {
  /** Messages that were not among the former ones. */
  readonly records: readonly MessageRecord[];
  /** Groups of theirs that nobody was in before, each with the keys of all messages in it. */
  readonly groups: readonly (readonly [group: string, members: readonly string[]])[];
}

/** First the given messages, then round by round those around them; every message and group once. */
export async function* neighboursOf(db: Db, start: readonly MessageRecord[]): AsyncGenerator<Neighbours> {
  const found = new Set<string>();
  const asked = new Set<string>();
  for (let records = start; records.length > 0;) {
    for (const record of records) found.add(record.key);
    const names = [...new Set(records.flatMap(({ groups }) => groups))].filter((name) => !asked.has(name));
    for (const name of names) asked.add(name);
    const members = await membersOf(db, names.map(groupKey));
    yield { records, groups: names.map((name, at) => [name, members[at] ?? []]) };
    const others = new Set(members.flat());
    records = await findMessages(
      db,
      [...others].filter((name) => !found.has(name)),
    );
  }
}

export function groupKey(group: string): string {
  return key("group", group);
}
