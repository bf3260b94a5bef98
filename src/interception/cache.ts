/**
 * Results that survive from one tree to the next: a part of the evaluation is done again only when a
 * file that it used has another text, one that it passed over may define what was looked for in it, or a
 * directory that it searched holds other names.
 */
import { createSourceCache, definesNone } from "../c/index.ts";
import type { SourceCache, SourceTree } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";

/** What a computation saw of a tree. */
interface Seen {
  readonly texts: Map<string, string | undefined>;
  readonly peeks: Map<string, Peek>;
  readonly names: Map<string, readonly string[]>;
}

/** A file of which only this was of use: that it defines none of some names. */
interface Peek {
  readonly text: string | undefined;
  readonly ruledOut: Set<string>;
}

interface Stored {
  readonly seen: Seen;
  readonly result: unknown;
  readonly filesRead: readonly string[];
  /** The file whose text was another when it last did not hold: most likely it is again. */
  differs: string | null;
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
  cache: EvaluationCache,
  name: string,
  tree: KernelTree,
  compute: (tree: KernelTree) => T,
): Part<T> {
  const known = cache.parts.get(name) ?? [];
  const at = known.findIndex((stored) => holds(stored, tree, cache.sources));
  const hit = known[at];
  if (hit) {
    known.splice(at, 1);
    known.unshift(hit);
    return { result: hit.result as T, filesRead: hit.filesRead };
  }
  const seen: Seen = { texts: new Map(), peeks: new Map(), names: new Map() };
  const result = compute(recording(tree, seen));
  const filesRead = filesOf(seen);
  cache.parts.set(name, [{ seen, result, filesRead, differs: null }, ...known].slice(0, KEPT));
  return { result, filesRead };
}

function recording(tree: KernelTree, seen: Seen): KernelTree & SourceTree {
  return {
    read(path) {
      const text = tree.read(path);
      seen.texts.set(path, text);
      return text;
    },
    peek(path) {
      const text = tree.read(path);
      seen.peeks.set(path, { text, ruledOut: new Set() });
      return text;
    },
    ruledOut(path, name) {
      seen.peeks.get(path)?.ruledOut.add(name);
    },
    list(dir) {
      const names = tree.list(dir);
      seen.names.set(dir, names);
      return names;
    },
  };
}

function holds(stored: Stored, tree: KernelTree, sources: SourceCache): boolean {
  const { seen, differs } = stored;
  if (differs !== null && tree.read(differs) !== seen.texts.get(differs)) return false;
  for (const [path, text] of seen.texts) {
    if (tree.read(path) === text) continue;
    stored.differs = path;
    return false;
  }
  for (const [dir, names] of seen.names)
    if (JSON.stringify(tree.list(dir)) !== JSON.stringify(names)) return false;
  for (const [path, { text, ruledOut }] of seen.peeks) {
    const now = tree.read(path);
    if (now === text) continue;
    if (now === undefined || !definesNone(sources, { path, text: now }, ruledOut)) return false;
  }
  return true;
}

function filesOf(seen: Seen): string[] {
  const peeked = [...seen.peeks].map(([path, { text }]) => [path, text] as const);
  const found = new Map([...peeked, ...seen.texts]);
  return [...found].flatMap(([path, text]) => (text === undefined ? [] : [path])).sort();
}
