/** Opens the files of a tree, finds headers, and never looks outside of the tree. */
import { mayDefine } from "./rawnames.ts";
import { SourceFile } from "./scan.ts";
import { DEFAULT_LIMITS } from "../source.ts";
import type { CConfig, CLimits, SourceTree } from "../source.ts";
import type { SourceProblem } from "./token.ts";

/** Files by path and exact text; kept over several trees, so that a patched tree scans what changed. */
export interface SourceCache {
  readonly versions: Map<string, SourceFile[]>;
}

const VERSIONS_KEPT = 4;
const PATHS_KEPT = 3000;

export function createSourceCache(): SourceCache {
  return { versions: new Map() };
}

function knownFile(cache: SourceCache, path: string, text: string): SourceFile {
  const versions = cache.versions.get(path) ?? [];
  const known = versions.find((version) => version.text === text);
  if (known) return known;
  const file = new SourceFile(path, text);
  cache.versions.delete(path);
  cache.versions.set(path, [file, ...versions].slice(0, VERSIONS_KEPT));
  const oldest = cache.versions.keys().next().value;
  if (cache.versions.size > PATHS_KEPT && oldest !== undefined) cache.versions.delete(oldest);
  return file;
}

/** Whether none of the names can be defined at file scope of the text, nor the text be refused. */
export function definesNone(
  cache: SourceCache,
  { path, text }: { path: string; text: string },
  names: Iterable<string>,
): boolean {
  if (text.length > DEFAULT_LIMITS.fileBytes) return false;
  const file = knownFile(cache, path, text);
  for (const name of names) if (mayDefine(file, name)) return false;
  return true;
}

/** The path without `.` and `..`; null if it leaves the tree, is absolute or has a NUL. */
export function normalPath(path: string): string | null {
  if (path.startsWith("/") || path.includes("\0") || path.includes("\\")) return null;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join("/");
}

export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

export class Files {
  readonly #tree: SourceTree;
  readonly #config: CConfig;
  readonly #limits: CLimits;
  readonly #cache: SourceCache;
  readonly #opened = new Map<string, SourceFile | null>();
  /** Those of the opened files of which the tree knows only what they cannot define. */
  readonly #peeked = new Set<string>();
  readonly #headers = new Map<string, SourceFile | SourceProblem | null>();
  /** Why files were not taken although they are there. */
  readonly problems: SourceProblem[] = [];

  constructor(tree: SourceTree, config: CConfig, limits: CLimits, cache: SourceCache) {
    this.#tree = tree;
    this.#config = config;
    this.#limits = limits;
    this.#cache = cache;
  }

  /** The file; null if it is missing, too big or one too many. */
  open(path: string): SourceFile | null {
    const known = this.#opened.get(path);
    if (this.#peeked.delete(path)) this.#tree.read(path);
    if (known !== undefined) return known;
    const text = this.#opened.size < this.#limits.files ? this.#tree.read(path) : undefined;
    const file = text === undefined ? null : this.#bounded(path, text);
    this.#opened.set(path, file);
    return file;
  }

  /** The file if it may define the name at file scope, else null: then nothing else of it is used. */
  openIfDefining(path: string, name: string): SourceFile | null {
    const file = this.#peek(path);
    if (file && mayDefine(file, name)) return this.open(path);
    if (this.#peeked.has(path)) this.#tree.ruledOut?.(path, name);
    return null;
  }

  #peek(path: string): SourceFile | null {
    const known = this.#opened.get(path);
    if (known !== undefined) return known;
    const text = this.#opened.size < this.#limits.files ? this.#tree.peek?.(path) : undefined;
    if (text === undefined || text.length > this.#limits.fileBytes) return this.open(path);
    const file = knownFile(this.#cache, path, text);
    this.#opened.set(path, file);
    this.#peeked.add(path);
    return file;
  }

  #bounded(path: string, text: string): SourceFile | null {
    if (text.length <= this.#limits.fileBytes) return knownFile(this.#cache, path, text);
    this.problems.push({
      code: "file-limit",
      file: path,
      line: 1,
      text: `the file is longer than ${this.#limits.fileBytes} bytes`,
    });
    return null;
  }

  /** Paths of the files in use, sorted. */
  opened(): string[] {
    return [...this.#opened]
      .filter(([, file]) => file !== null)
      .map(([path]) => path)
      .sort();
  }

  /** Names in a directory that end in `.c`, sorted, with the directory in front. */
  sourcesIn(dir: string): string[] {
    const names = this.#tree.list(dir).filter((name) => name.endsWith(".c"));
    return names.sort().map((name) => (dir === "" ? name : `${dir}/${name}`));
  }

  /** The header of `#include`; null if it is missing or out of scope; a problem if it lies outside the tree. */
  include(spelled: string, from: string, isNext: boolean): SourceFile | SourceProblem | null {
    const isQuoted = spelled.startsWith('"');
    const key = isNext ? `${spelled} ${from}` : isQuoted ? `${spelled} ${directoryOf(from)}` : spelled;
    const known = this.#headers.get(key);
    if (known !== undefined) return known;
    const found = this.#find(spelled.slice(1, -1), from, { isQuoted, isNext });
    this.#headers.set(key, found);
    return found;
  }

  #find(
    header: string,
    from: string,
    how: { isQuoted: boolean; isNext: boolean },
  ): SourceFile | SourceProblem | null {
    const roots = this.#config.includeRoots;
    const dirs = how.isQuoted ? [directoryOf(from), ...roots] : roots;
    const paths = header.startsWith("/") ? [] : dirs.map((dir) => joinPath(dir, header));
    if (paths.every((path) => path === null)) return refusal(from, header);
    return this.#first(how.isNext ? paths.slice(paths.indexOf(from) + 1) : paths);
  }

  #first(paths: readonly (string | null)[]): SourceFile | null {
    for (const path of paths) {
      const file = path !== null && this.#isInScope(path) ? this.open(path) : null;
      if (file) return file;
    }
    return null;
  }

  #isInScope(path: string): boolean {
    const scope = this.#config.headerScope;
    return scope === undefined || scope.some((prefix) => path.startsWith(prefix));
  }
}

function joinPath(dir: string, header: string): string | null {
  const path = dir === "" ? header : `${dir}/${header}`;
  return path.includes("./") || path.includes("//") || path.includes("\0") || path.includes("\\")
    ? normalPath(path)
    : path;
}

function refusal(from: string, header: string): SourceProblem {
  const text = `#include of ${JSON.stringify(header.slice(0, 80))} leads out of the tree`;
  return { code: "include-refused", file: from, line: 1, text };
}
