/**
 * Which parts belong together. Links between parts of one author are tried from the strongest to the weakest;
 * a link holds unless it would put two mails with the same number into one series. The result does not depend
 * on the order of arrival. When in doubt, parts stay apart.
 */
import { type Part, isFile } from "./part.ts";

/** Unthreaded parts of one series are sent within this time of each other. */
const UNTHREADED_GAP_MS = 15 * 60 * 1000;

/** Direct answer, answer to the same mail, mention in References, closeness in time. */
type Strength = 4 | 3 | 2 | 1;

interface Link {
  readonly a: number;
  readonly b: number;
  readonly strength: Strength;
  readonly gap: number;
}

/** Groups of parts, each with distinct numbers; parts must be in a fixed order (see `compareParts`). */
export function clusterParts(parts: readonly Part[]): Part[][] {
  const links = [
    ...answerLinks(parts),
    ...siblingLinks(parts),
    ...referenceLinks(parts),
    ...nearLinks(parts),
  ];
  links.sort((x, y) => y.strength - x.strength || x.gap - y.gap || x.a - y.a || x.b - y.b);
  const groups = new Groups(parts);
  for (const { a, b } of links) groups.join(a, b);
  return groups.list();
}

/** By time, number and id: the order everything is done in. */
export function compareParts(a: Part, b: Part): number {
  return (
    (a.time ?? Infinity) - (b.time ?? Infinity) ||
    (a.subject.index ?? 1) - (b.subject.index ?? 1) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function link(parts: readonly Part[], a: number, b: number, strength: Strength): Link {
  const [first, second] = [parts[a]?.time ?? null, parts[b]?.time ?? null];
  const gap = first === null || second === null ? Infinity : Math.abs(first - second);
  return { a: Math.min(a, b), b: Math.max(a, b), strength, gap };
}

function answerLinks(parts: readonly Part[]): Link[] {
  const byId = new Map(parts.map((part, at) => [part.id, at]));
  const links: Link[] = [];
  parts.forEach((part, at) => {
    for (const parent of part.parents) {
      const found = byId.get(parent);
      const other = found === undefined ? undefined : parts[found];
      if (found === undefined || !other || found === at) continue;
      if (fits(part, other) || isUnversionedUnderCover(part, other) || isMiscounted(part, other))
        links.push(link(parts, at, found, 4));
    }
  });
  return links;
}

function siblingLinks(parts: readonly Part[]): Link[] {
  const families = new Map<string, number[]>();
  parts.forEach((part, at) => {
    for (const parent of part.parents) append(families, `${seriesKey(part)} ${parent}`, at);
  });
  return [...families.values()].flatMap((family) => [
    ...chain(parts, family, 3),
    ...chain(
      parts,
      [...family].sort((a, b) => compareBatches(parts, a, b)),
      3,
    ),
  ]);
}

function referenceLinks(parts: readonly Part[]): Link[] {
  const byId = new Map(parts.map((part, at) => [part.id, at]));
  return parts.flatMap((part, at) =>
    part.message.references.flatMap((id) => {
      const found = byId.get(id);
      const other = found === undefined ? undefined : parts[found];
      const holds =
        found !== undefined && other && found !== at && fits(part, other) && !otherBatch(part, other);
      return holds ? [link(parts, at, found, 2)] : [];
    }),
  );
}

/** Parts that answer nothing, of one author and key, next to each other in time; files next to each other. */
function nearLinks(parts: readonly Part[]): Link[] {
  const families = new Map<string, number[]>();
  parts.forEach((part, at) => {
    if (part.parents.length === 0) append(families, seriesKey(part), at);
  });
  const near = [...families.values()].flatMap((family) => chain(parts, family, 1));
  return near.filter(({ a, gap }) => gap <= UNTHREADED_GAP_MS || isFile(parts[a] as Part));
}

/** Links each with the next, unless they come from two runs of the sending tool. */
function chain(parts: readonly Part[], family: readonly number[], strength: Strength): Link[] {
  return family.slice(1).flatMap((b, i) => {
    const a = family[i] as number;
    const conflict = otherBatch(parts[a] as Part, parts[b] as Part);
    return conflict ? [] : [link(parts, a, b, strength)];
  });
}

function seriesKey(part: Part): string {
  const { version, total, stable, foreign } = part.subject;
  return `${part.author} ${version} ${total} ${stable ?? ""} ${foreign ?? ""}`;
}

function fits(a: Part, b: Part): boolean {
  return seriesKey(a) === seriesKey(b);
}

/** `[PATCH v3 0/4]` answered by `[PATCH 1/4]`: the author forgot the version of the parts. */
function isUnversionedUnderCover(part: Part, cover: Part): boolean {
  return (
    cover.subject.index === 0 &&
    part.author === cover.author &&
    part.subject.total === cover.subject.total &&
    part.subject.version === 1
  );
}

/** Cover and part disagree on the version or the total, but left in one run of the sending tool. */
function isMiscounted(part: Part, cover: Part): boolean {
  return cover.subject.index === 0 && part.author === cover.author && sameBatch(part, cover);
}

function sameBatch(a: Part, b: Part): boolean {
  return a.batch !== null && a.batch.key === b.batch?.key;
}

/** Surely sent by two runs; mails sent one by one (each the first of its run) may still be one series. */
function otherBatch(a: Part, b: Part): boolean {
  if (!a.batch || !b.batch || a.batch.key === b.batch.key) return false;
  return a.batch.number !== 1 || b.batch.number !== 1;
}

function compareBatches(parts: readonly Part[], a: number, b: number): number {
  const [x, y] = [parts[a]?.batch?.key ?? "", parts[b]?.batch?.key ?? ""];
  return x < y ? -1 : x > y ? 1 : a - b;
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Union-find over positions, in which a group never holds a number twice. */
class Groups {
  private readonly parts: readonly Part[];
  private readonly parent: number[];
  private readonly members: Map<number, number[]>;
  private readonly numbers: Map<number, Set<number>>;

  constructor(parts: readonly Part[]) {
    this.parts = parts;
    this.parent = parts.map((_, at) => at);
    this.members = new Map(parts.map((_, at) => [at, [at]]));
    this.numbers = new Map(parts.map((part, at) => [at, new Set([part.subject.index ?? 1])]));
  }

  join(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    const [large, small] = this.size(x) >= this.size(y) ? [x, y] : [y, x];
    const [into, from] = [this.numbers.get(large), this.numbers.get(small)];
    if (x === y || !into || !from || [...from].some((number) => into.has(number))) return;
    for (const number of from) into.add(number);
    this.members.get(large)?.push(...(this.members.get(small) ?? []));
    this.members.delete(small);
    this.parent[small] = large;
  }

  list(): Part[][] {
    return [...this.members.values()].map((group) =>
      group.sort((a, b) => a - b).flatMap((at) => this.parts[at] ?? []),
    );
  }

  private size(at: number): number {
    return this.members.get(at)?.length ?? 0;
  }

  private root(at: number): number {
    let root = at;
    while (this.parent[root] !== root) root = this.parent[root] as number;
    for (let next = at; next !== root;) {
      const up = this.parent[next] as number;
      this.parent[next] = root;
      next = up;
    }
    return root;
  }
}
