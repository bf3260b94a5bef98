/** Kernel source in a directory. Nothing outside of it is read: no `..`, no absolute path, no symlink out. */
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Stats } from "node:fs";
import { join, posix, resolve, sep } from "node:path";
import { gitBlobId } from "../patch/blob.ts";
import { isSafePath } from "../patch/names.ts";
import { KernelError, MAX_FILE_SIZE, type KernelSource } from "./source.ts";

/** The one revision a directory has. */
export const TREE_REVISION = "tree";

interface Directory {
  /** Real path of the top. */
  readonly root: string;
  readonly files: Map<string, string | null>;
  readonly lists: Map<string, readonly string[]>;
  /** Real paths of directories in the tree; null: there is none. */
  readonly places: Map<string, string | null>;
}

/**
 * Opens the top of a kernel tree. Each file is read once in the life of the source: open it anew to see
 * changes. Rejects with KernelError `no-directory`.
 */
export async function openDirectory(path: string): Promise<KernelSource> {
  const directory: Directory = {
    root: realRoot(path),
    files: new Map(),
    lists: new Map(),
    places: new Map(),
  };
  const readNow = (_revision: string, file: string): string | null => readFile(directory, file);
  const listNow = (_revision: string, dir: string): readonly string[] => readList(directory, dir);
  return {
    describe: path,
    partial: true,
    hash: null,
    resolve: async (revision) => (revision === TREE_REVISION ? TREE_REVISION : null),
    read: async (revision, file) => readNow(revision, file),
    list: async (revision, dir) => listNow(revision, dir),
    blobId: async (revision, file) => {
      const text = readNow(revision, file);
      return text === null ? null : gitBlobId(text);
    },
    readBlob: async () => ({ ok: false, reason: "a directory has no blobs" }),
    readNow,
    listNow,
    close: async () => undefined,
  };
}

function realRoot(path: string): string {
  try {
    const root = realpathSync(resolve(path));
    if (statSync(root).isDirectory()) return root;
  } catch {
    // said below
  }
  throw new KernelError("no-directory", `${path} is no directory: name the top of a kernel source tree`);
}

function readFile(directory: Directory, path: string): string | null {
  const known = directory.files.get(path);
  if (known !== undefined) return known;
  const place = isSafePath(path) ? findFile(directory, path) : null;
  const text = place === null ? null : guarded(path, () => readFileSync(place, "latin1"));
  directory.files.set(path, text);
  return text;
}

function readList(directory: Directory, path: string): readonly string[] {
  const known = directory.lists.get(path);
  if (known) return known;
  const place = path === "" || isSafePath(path) ? findDirectory(directory, path) : null;
  const names = place === null ? [] : guarded(path, () => readdirSync(place, { encoding: "latin1" }).sort());
  directory.lists.set(path, names ?? []);
  return names ?? [];
}

/** The real path of a regular file of bearable size, null when there is none. */
function findFile(directory: Directory, path: string): string | null {
  const parent = findDirectory(directory, posix.dirname(path));
  const found = parent === null ? null : follow(directory, parent, path);
  if (!found?.stats.isFile()) return null;
  if (found.stats.size > MAX_FILE_SIZE) {
    throw new KernelError("too-large", `${path} has more than ${MAX_FILE_SIZE} bytes`);
  }
  return found.place;
}

function findDirectory(directory: Directory, path: string): string | null {
  if (path === "" || path === ".") return directory.root;
  const known = directory.places.get(path);
  if (known !== undefined) return known;
  const parent = findDirectory(directory, posix.dirname(path));
  const found = parent === null ? null : follow(directory, parent, path);
  const place = found?.stats.isDirectory() ? found.place : null;
  directory.places.set(path, place);
  return place;
}

interface Found {
  readonly place: string;
  readonly stats: Stats;
}

/** The last part of `path` in its parent directory; a symlink is followed as long as it stays in the tree. */
function follow(directory: Directory, parent: string, path: string): Found | null {
  const place = join(parent, posix.basename(path));
  const stats = guarded(path, () => lstatSync(place));
  if (stats === null) return null;
  if (!stats.isSymbolicLink()) return { place, stats };
  const target = guarded(path, () => realpathSync(place));
  if (target === null) return null;
  if (!target.startsWith(directory.root + sep)) {
    throw new KernelError(
      "outside-tree",
      `${path} is a symlink out of ${directory.root}: copy the file into the tree`,
    );
  }
  return { place: target, stats: lstatSync(target) };
}

/** null when the file is not there; any other trouble is an error that names the file. */
function guarded<T>(path: string, read: () => T): T | null {
  try {
    return read();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new KernelError("unreadable", `${path} cannot be read (${code})`, { cause });
  }
}
