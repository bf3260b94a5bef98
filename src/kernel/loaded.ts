/** What has been loaded of one revision of a source that has to be waited for. */
import type { TreeRef } from "./source.ts";

export interface Loaded {
  readonly files: Map<string, string | null>;
  readonly lists: Map<string, readonly string[]>;
}

/** Definitions are searched in all sources of a directory; more than these are not loaded on suspicion. */
const MAX_SIBLINGS = 100;

/** The text of a file, null when it is known not to be there, undefined when it has to be loaded. */
export function knownText(loaded: Loaded, path: string): string | null | undefined {
  const known = loaded.files.get(path);
  if (known !== undefined || !isAbsent(loaded, path)) return known;
  loaded.files.set(path, null);
  return null;
}

/** Most headers an evaluator looks for are in none of the places it tries: lists of directories say so. */
function isAbsent(loaded: Loaded, path: string): boolean {
  return ancestors(path).some(([directory, name]) => {
    const names = loaded.lists.get(directory);
    return names !== undefined && !names.includes(name);
  });
}

/** Each directory on the way to a path, and the name in it: `a/b` is in "" by `a` and in `a` by `b`. */
function ancestors(path: string): [string, string][] {
  const parts = path.split("/");
  return parts.map((name, at) => [parts.slice(0, at).join("/"), name]);
}

/** Loads the files named; a name that ends in "/" is a directory and its sources. */
export async function load(base: TreeRef, loaded: Loaded, names: readonly string[]): Promise<void> {
  const loadOne = (name: string): Promise<void> =>
    name.endsWith("/") ? loadSources(base, loaded, name.slice(0, -1)) : loadFile(base, loaded, name);
  await Promise.all(names.map(loadOne));
}

/** Loads what `run` missed, and what it will most likely ask for next. */
export async function loadAround(base: TreeRef, loaded: Loaded, names: Iterable<string>): Promise<void> {
  const loadOne = async (name: string): Promise<void> => {
    const directories = ancestors(name).map(([directory]) => directory);
    await Promise.all(directories.map((directory) => loadList(base, loaded, directory)));
    await loadSources(base, loaded, directories.at(-1) ?? "");
    if (!name.endsWith("/") && !isAbsent(loaded, name)) await loadFile(base, loaded, name);
  };
  await Promise.all([...names].map(loadOne));
}

async function loadFile({ source, revision }: TreeRef, loaded: Loaded, path: string): Promise<void> {
  if (!loaded.files.has(path)) loaded.files.set(path, await source.read(revision, path));
}

async function loadList(
  { source, revision }: TreeRef,
  loaded: Loaded,
  directory: string,
): Promise<readonly string[]> {
  const names = loaded.lists.get(directory) ?? (await source.list(revision, directory));
  loaded.lists.set(directory, names);
  return names;
}

async function loadSources(base: TreeRef, loaded: Loaded, directory: string): Promise<void> {
  const names = await loadList(base, loaded, directory);
  const sources = names.filter((name) => /\.[ch]$/.test(name));
  if (sources.length > MAX_SIBLINGS) return;
  const prefix = directory === "" ? "" : `${directory}/`;
  await Promise.all(sources.map((name) => loadFile(base, loaded, prefix + name)));
}
