/** Kernel trees for tests: Debian's real ones under .cache, and small ones in the shape of each era. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Tree {
  read(path: string): string | undefined;
  list(dir: string): readonly string[];
}

export const ERAS = ["rfc-2022", "6.0-rc", "6.1", "6.17", "6.18", "7.2"] as const;
export type Era = (typeof ERAS)[number];

const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));
const FIXTURES = join(ROOT, "test", "fixtures", "kernels");

/** Directories of an era, what stands first hides what stands later. */
const LAYERS: Readonly<Record<Era, readonly string[]>> = {
  "rfc-2022": ["rfc-2022", "common"],
  "6.0-rc": ["6.0-rc", "6.1", "common"],
  "6.1": ["6.1", "common"],
  "6.17": ["6.17", "common"],
  "6.18": ["6.18", "common"],
  "7.2": ["7.2", "6.18", "common"],
};

export function fixtureTree(era: Era): Tree {
  return layered(LAYERS[era].map((name) => join(FIXTURES, name)));
}

/** A real kernel, or null where the machine has none. */
export function realTree(version: string): Tree | null {
  const root = join(ROOT, ".cache", `linux-${version}`);
  return existsSync(root) ? layered([root]) : null;
}

/** The tree with some files changed, new, or (null) gone. */
export function changedTree(base: Tree, changes: ReadonlyMap<string, string | null>): Tree {
  return {
    read(path) {
      const changed = changes.get(path);
      return changed === undefined ? base.read(path) : (changed ?? undefined);
    },
    list(dir) {
      const names = new Set(base.list(dir));
      for (const [path, text] of changes) {
        if (dirname(path) !== dir) continue;
        const name = path.slice(dir.length + 1);
        if (text === null) names.delete(name);
        else names.add(name);
      }
      return [...names].sort();
    },
  };
}

/** The tree as if it held nothing but the paths that `keep` allows. */
export function partOf(base: Tree, keep: (path: string) => boolean): Tree {
  return {
    read: (path) => (keep(path) ? base.read(path) : undefined),
    list: (dir) => base.list(dir).filter((name) => keep(`${dir}/${name}`)),
  };
}

function layered(roots: readonly string[]): Tree {
  const texts = new Map<string, string | undefined>();
  const names = new Map<string, readonly string[]>();
  return {
    read(path) {
      if (!texts.has(path)) texts.set(path, readFirst(roots, path));
      return texts.get(path);
    },
    list(dir) {
      const known = names.get(dir);
      if (known) return known;
      const found = [...new Set(roots.flatMap((root) => listDirectory(join(root, dir))))].sort();
      names.set(dir, found);
      return found;
    },
  };
}

function readFirst(roots: readonly string[], path: string): string | undefined {
  for (const root of roots) {
    const file = join(root, path);
    if (existsSync(file)) return readFileSync(file, "latin1");
  }
  return undefined;
}

function listDirectory(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

function findRoot(from: string): string {
  return existsSync(join(from, "package.json")) ? from : findRoot(dirname(from));
}
