/**
 * Versions of one piece of work, joined without threading: kvm-x86 forbids to send v2 in answer to v1. Only
 * series of one author are joined, by change-id, by `Supersedes`, by title, or because they share their patches.
 */
import type { Series } from "./series.ts";

/** Share of patch titles that two versions with other titles have in common at least. */
const MIN_OVERLAP = 0.5;
const MIN_COMMON = 2;
/** Titles such as "KVM: x86: Fixes" come again after this time for other work. */
const SAME_TITLE_MS = 400 * 24 * 3600 * 1000;

/** Chains of versions, each by version and date, in the order of their first dates. */
export function joinVersions(series: readonly Series[]): Series[][] {
  const ordered = [...series].sort(compareVersions);
  const chains = new Chains(ordered.length);
  for (const [a, b] of pairs(ordered)) chains.join(a, b);
  return chains.list().map((chain) => chain.flatMap((at) => ordered[at] ?? []));
}

/** A title without case, punctuation and doubled blanks, for comparing. */
export function normaliseTitle(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function compareVersions(a: Series, b: Series): number {
  const [x, y] = [a.date ?? "~", b.date ?? "~"];
  return a.version - b.version || (x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : 1);
}

/** Positions of series that are versions of the same work. */
function* pairs(series: readonly Series[]): Generator<[number, number]> {
  for (const family of buckets(series, (one) => (one.changeId === null ? [] : [`change ${one.changeId}`])))
    yield* neighbours(family);
  for (const family of buckets(series, idsAndSuperseded)) yield* superseding(series, family);
  for (const family of buckets(series, (one) => [`title ${normaliseTitle(one.title)}`]))
    yield* neighbours(family).filter(([a, b]) => sameTitleSameWork(series[a] as Series, series[b] as Series));
  for (const family of buckets(series, (one) => titlesOf(one).map((title) => `patch ${title}`)))
    yield* neighbours(family).filter(([a, b]) => sharePatches(series[a] as Series, series[b] as Series));
}

/** Positions by key; author, stable tree and repository are part of every key. */
function buckets(series: readonly Series[], keysOf: (one: Series) => string[]): number[][] {
  const found = new Map<string, number[]>();
  series.forEach((one, at) => {
    if (one.authorKey === "") return;
    for (const key of keysOf(one)) {
      const full = `${one.authorKey} ${one.stable ?? ""} ${one.foreign ?? ""} ${key}`;
      const list = found.get(full);
      if (!list) found.set(full, [at]);
      else if (list[list.length - 1] !== at) list.push(at);
    }
  });
  return [...found.values()];
}

function neighbours(family: readonly number[]): [number, number][] {
  return family.slice(1).map((b, i) => [family[i] as number, b]);
}

function idsAndSuperseded(one: Series): string[] {
  return [...idsOf(one), ...one.supersedes].map((id) => `id ${id}`);
}

function superseding(series: readonly Series[], family: readonly number[]): [number, number][] {
  return neighbours(family).filter(([a, b]) => {
    const [x, y] = [series[a] as Series, series[b] as Series];
    return (
      idsOf(x).some((id) => y.supersedes.includes(id)) || idsOf(y).some((id) => x.supersedes.includes(id))
    );
  });
}

function idsOf(one: Series): string[] {
  const messages = [one.cover, ...one.patches.map((patch) => patch.message)];
  return [one.id, ...messages.flatMap((message) => message?.messageId ?? [])];
}

/** One title with rising versions is one work; with the same version or after long it has to share a patch too. */
function sameTitleSameWork(a: Series, b: Series): boolean {
  const rising = a.version !== b.version || a.resend || b.resend || a.rfc !== b.rfc;
  if (rising && Math.abs(timeOf(a) - timeOf(b)) <= SAME_TITLE_MS) return true;
  const titles = new Set(titlesOf(a));
  return titlesOf(b).some((title) => titles.has(title));
}

function timeOf(one: Series): number {
  return one.date === null ? 0 : Date.parse(one.date);
}

function sharePatches(a: Series, b: Series): boolean {
  const [x, y] = [new Set(titlesOf(a)), new Set(titlesOf(b))];
  const common = [...x].filter((title) => y.has(title)).length;
  const enough = common >= MIN_COMMON || (x.size === 1 && y.size === 1 && common === 1);
  return enough && common >= MIN_OVERLAP * Math.max(x.size, y.size);
}

function titlesOf(one: Series): string[] {
  return one.patches.map((patch) => normaliseTitle(patch.subject.title)).filter((title) => title !== "");
}

/** Union-find over positions, iterative. */
class Chains {
  private readonly parent: number[];

  constructor(size: number) {
    this.parent = Array.from({ length: size }, (_, at) => at);
  }

  join(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    this.parent[Math.max(x, y)] = Math.min(x, y);
  }

  list(): number[][] {
    const lists = new Map<number, number[]>();
    this.parent.forEach((_, at) => {
      const root = this.root(at);
      const list = lists.get(root);
      if (list) list.push(at);
      else lists.set(root, [at]);
    });
    return [...lists.values()];
  }

  private root(at: number): number {
    let root = at;
    while (this.parent[root] !== root) {
      this.parent[root] = this.parent[this.parent[root] as number] as number;
      root = this.parent[root] as number;
    }
    return root;
  }
}
