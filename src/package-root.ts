/**
 * Where the package's own files (templates, demo, schema) are: the same place whether the code runs from
 * `src` under a loader, from `dist/src`, or installed below somebody's node_modules.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

function findRoot(start: string): string {
  let dir = start;
  while (!existsSync(join(dir, "package.json"))) {
    const parent = dirname(dir);
    if (parent === dir) throw new Error(`no package.json above ${start}`);
    dir = parent;
  }
  return dir;
}

let root: string | undefined;

/** Absolute path of a file of this package, as `packagePath("templates", "reply.eta")`. */
export function packagePath(...parts: string[]): string {
  root ??= findRoot(import.meta.dirname);
  return join(root, ...parts);
}
