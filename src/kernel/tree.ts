/**
 * A synchronous view of a kernel tree for the evaluator, over sources that have to be waited for: `run` is
 * stopped at the first file that is not there yet, the file is loaded, and `run` begins anew. What a source
 * gave once for a revision stays the same string.
 */
import { knownText, load, loadAround, type Loaded } from "./loaded.ts";
import type { KernelSource, TreeRef } from "./source.ts";

export interface KernelTree {
  /** The text of a file, undefined when there is none. May throw NotLoaded: let it pass. */
  read(path: string): string | undefined;
  /** Names in a directory, sorted. May throw NotLoaded. */
  list(directory: string): readonly string[];
}

/** Stops `run` until the file is loaded; nobody but withTree has to know it. */
export class NotLoaded extends Error {
  constructor(path: string) {
    super(`${path} is not loaded yet`);
    this.name = "NotLoaded";
  }
}

export interface TreeOptions {
  /** Files to load before the first run; a path that ends in "/" stands for a directory and its sources. */
  readonly prefetch?: readonly string[];
}

interface SourceMemory {
  /** The latest used last. */
  readonly revisions: Map<string, Loaded>;
  /** What earlier runs asked for: most likely the next one will too. */
  readonly wanted: Set<string>;
}

const MAX_REVISIONS = 6;
const MAX_WANTED = 2000;
/** Each round loads a file that was missing; a unit of the kernel includes about a thousand. */
const MAX_ROUNDS = 5000;

const memories = new WeakMap<KernelSource, SourceMemory>();

function memoryOf(source: KernelSource): SourceMemory {
  const known = memories.get(source);
  if (known) return known;
  const memory: SourceMemory = { revisions: new Map(), wanted: new Set() };
  memories.set(source, memory);
  return memory;
}

function loadedOf(memory: SourceMemory, revision: string): Loaded {
  const loaded = memory.revisions.get(revision) ?? { files: new Map(), lists: new Map() };
  memory.revisions.delete(revision);
  memory.revisions.set(revision, loaded);
  const [oldest] = memory.revisions.keys();
  if (memory.revisions.size > MAX_REVISIONS && oldest !== undefined) memory.revisions.delete(oldest);
  return loaded;
}

/**
 * Runs `run` on the tree, again from the start whenever it asked for a file that had to be loaded first: it
 * must not keep state between runs. Rejects with what `run` throws, or with KernelError.
 */
export async function withTree<T>(
  base: TreeRef,
  run: (tree: KernelTree) => T,
  options: TreeOptions = {},
): Promise<T> {
  const memory = memoryOf(base.source);
  const loaded = loadedOf(memory, base.revision);
  const missing = new Set<string>();
  const tree = viewOf(base, loaded, missing);
  if (!base.source.readNow) {
    await load(base, loaded, options.prefetch ?? []);
    await loadAround(base, loaded, memory.wanted);
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const outcome = attempt(run, tree);
    // A run that caught NotLoaded and went on has seen a tree that is not the real one.
    if (missing.size === 0) {
      if (outcome.ok) return outcome.value;
      throw outcome.error;
    }
    for (const name of missing) if (memory.wanted.size < MAX_WANTED) memory.wanted.add(name);
    await loadAround(base, loaded, missing);
    missing.clear();
  }
  throw new Error(`more than ${MAX_ROUNDS} files were asked for one after the other`);
}

type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempt<T>(run: (tree: KernelTree) => T, tree: KernelTree): Outcome<T> {
  try {
    return { ok: true, value: run(tree) };
  } catch (error) {
    return { ok: false, error };
  }
}

function viewOf(base: TreeRef, loaded: Loaded, missing: Set<string>): KernelTree {
  const { source, revision, changes } = base;
  const lists = new Map<string, readonly string[]>();
  const miss = (name: string): never => {
    missing.add(name);
    throw new NotLoaded(name);
  };
  const baseList = (directory: string): readonly string[] =>
    source.listNow?.(revision, directory) ?? loaded.lists.get(directory) ?? miss(`${directory}/`);
  return {
    read: (path) => {
      const changed = changes.get(path);
      if (changed !== undefined) return changed ?? undefined;
      const known = source.readNow ? source.readNow(revision, path) : knownText(loaded, path);
      return known === undefined ? miss(path) : (known ?? undefined);
    },
    list: (directory) => {
      const known = lists.get(directory);
      if (known) return known;
      const names = changedList(baseList(directory), directory, changes);
      lists.set(directory, names);
      return names;
    },
  };
}

/** The names in a directory after the changes. */
function changedList(
  names: readonly string[],
  directory: string,
  changes: TreeRef["changes"],
): readonly string[] {
  const prefix = directory === "" ? "" : `${directory}/`;
  const inside = [...changes].filter(([path]) => path.startsWith(prefix));
  if (inside.length === 0) return names;
  const result = new Set(names);
  for (const [path, text] of inside) {
    const [name = "", ...deeper] = path.slice(prefix.length).split("/");
    if (text !== null) result.add(name);
    else if (deeper.length === 0) result.delete(name);
  }
  return [...result].sort();
}

/** The text of a file of a tree, with its changes; null when there is none. */
export async function readTree(tree: TreeRef, path: string): Promise<string | null> {
  const changed = tree.changes.get(path);
  return changed === undefined ? tree.source.read(tree.revision, path) : changed;
}
