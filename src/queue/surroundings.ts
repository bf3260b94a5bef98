/**
 * What there is around many messages that were stored together: most patches of a list have nothing about AVIC
 * near them, and that is found for all of them in a few questions. Asked after they are stored, so that of two
 * processes with parts of one series at least one sees both.
 */
import type { MessageRecord } from "../store/messages.ts";
import type { Db } from "../store/record.ts";
import { seriesOfMessages } from "../store/series.ts";
import { neighboursOf } from "./neighbours.ts";

export interface Surroundings {
  /** Nothing that may be in one series with these concerns AVIC or is in a series that is kept. */
  readonly alone: readonly string[];
  /** The others by what may belong together; each has to be looked at on its own. */
  readonly together: readonly (readonly string[])[];
}

/** More messages than this around some are looked at one by one, where there is a limit for each. */
const MOST = 5000;

/** `records`: what is stored of the messages, by key. */
export async function findSurroundings(db: Db, records: readonly MessageRecord[]): Promise<Surroundings> {
  const names = records.map(({ key }) => key);
  // Alone it is looked at by whoever places it.
  if (names.length < 2) return { alone: [], together: names.length === 0 ? [] : [names] };
  const found = new Map<string, MessageRecord>();
  const bonds = new Bonds();
  for await (const near of neighboursOf(db, records)) {
    for (const record of near.records) found.set(record.key, record);
    if (found.size > MOST) return { alone: [], together: [names] };
    for (const { key, groups } of near.records) for (const group of groups) bonds.join(key, group);
    for (const [group, members] of near.groups) for (const member of members) bonds.join(member, group);
  }
  const placed = await seriesOfMessages(db, [...found.keys()]);
  const concerning = [...found.values()].filter(({ key, concerns }) => concerns || placed.has(key));
  const roots = new Set(concerning.map(({ key }) => bonds.rootOf(key)));
  const together = new Map<string, string[]>();
  for (const name of names) {
    const root = bonds.rootOf(name);
    if (roots.has(root)) together.set(root, [...(together.get(root) ?? []), name]);
  }
  const alone = names.filter((name) => !roots.has(bonds.rootOf(name)));
  return { alone, together: [...together.values()] };
}

/** Which names hang together, by way of groups that hold them. */
class Bonds {
  readonly #parents = new Map<string, string>();

  join(name: string, group: string): void {
    const [one, other] = [this.rootOf(name), this.rootOf(`group ${group}`)];
    if (one !== other) this.#parents.set(other, one);
  }

  rootOf(name: string): string {
    let root = name;
    for (let next = this.#parents.get(root); next !== undefined; next = this.#parents.get(root)) {
      const above = this.#parents.get(next);
      if (above !== undefined) this.#parents.set(root, above);
      root = next;
    }
    return root;
  }
}
