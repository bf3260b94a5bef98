/**
 * Results that survive from one tree to the next: a part of the evaluation is done again only when a
 * file that it looked at has another text, or a directory that it searched holds other names.
 */
import { createSourceCache } from "../c/index.ts";
import type { SourceCache } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";

/** What a computation saw of a tree. */
interface Seen {
  readonly texts: Map<string, string | undefined>;
  readonly names: Map<string, string>;
}

interface Stored {
  readonly seen: Seen;
  readonly result: unknown;
}

/** Opaque; made by createCache, passed to evaluateKernel. Not to be shared between threads. */
export interface EvaluationCache {
  readonly parts: Map<string, Stored[]>;
  /** Scanned files. */
  readonly sources: SourceCache;
}

/** Results a part keeps: the base and the trees after the patches of one series. */
const KEPT = 12;

export function createCache(): EvaluationCache {
  return { parts: new Map(), sources: createSourceCache() };
}

/** A computed part and the paths of the files that it rests on. */
export interface Part<T> {
  readonly result: T;
  readonly filesRead: readonly string[];
}

/** Computes, or takes what was computed from the same texts before. */
export function cachedPart<T>(
  cache: EvaluationCache | undefined,
  name: string,
  tree: KernelTree,
  compute: (tree: KernelTree) => T,
): Part<T> {
  const known = cache?.parts.get(name) ?? [];
  const at = known.findIndex((stored) => holds(stored.seen, tree));
  const hit = known[at];
  if (hit) {
    known.splice(at, 1);
    known.unshift(hit);
    return { result: hit.result as T, filesRead: filesOf(hit.seen) };
  }
  const seen: Seen = { texts: new Map(), names: new Map() };
  const result = compute(recording(tree, seen));
  if (cache) cache.parts.set(name, [{ seen, result }, ...known].slice(0, KEPT));
  return { result, filesRead: filesOf(seen) };
}

function recording(tree: KernelTree, seen: Seen): KernelTree {
  return {
    read(path) {
      const text = tree.read(path);
      seen.texts.set(path, text);
      return text;
    },
    list(dir) {
      const names = tree.list(dir);
      seen.names.set(dir, [...names].sort().join("/"));
      return names;
    },
  };
}

function holds(seen: Seen, tree: KernelTree): boolean {
  for (const [path, text] of seen.texts) if (tree.read(path) !== text) return false;
  for (const [dir, names] of seen.names) {
    if ([...tree.list(dir)].sort().join("/") !== names) return false;
  }
  return true;
}

function filesOf(seen: Seen): string[] {
  return [...seen.texts].flatMap(([path, text]) => (text === undefined ? [] : [path])).sort();
}
