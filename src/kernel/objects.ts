/** The two git objects that lead from a commit to a file. */

export interface TreeEntry {
  /** Octal as git writes it: `100644`, `40000`, `120000`. */
  readonly mode: string;
  readonly id: string;
}

/** A tree object as git stores it: `mode name NUL id`, the id in 20 (sha1) or 32 bytes. */
export interface TreeObject {
  /** Byte string. */
  readonly content: string;
  readonly idBytes: number;
}

/** The tree id in the text of a commit object. */
export function treeOfCommit(commit: string): string | null {
  return /^tree (?<id>[0-9a-f]{40,64})\n/.exec(commit)?.groups?.["id"] ?? null;
}

/** One entry by its name (a byte string). Only what is looked up is decoded: include/linux has 1,500 entries. */
export function findInTree({ content, idBytes }: TreeObject, name: string): TreeEntry | null {
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(" ", at);
    const end = content.indexOf("\0", blank);
    if (blank < 0 || end < 0) return null;
    if (end - blank - 1 === name.length && content.startsWith(name, blank + 1)) {
      const id = Buffer.from(content.slice(end + 1, end + 1 + idBytes), "latin1").toString("hex");
      return { mode: content.slice(at, blank), id };
    }
    at = end + 1 + idBytes;
  }
  return null;
}

/** The names in a tree, sorted. */
export function namesInTree({ content, idBytes }: TreeObject): string[] {
  const names: string[] = [];
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(" ", at);
    const end = content.indexOf("\0", blank);
    if (blank < 0 || end < 0) break;
    names.push(content.slice(blank + 1, end));
    at = end + 1 + idBytes;
  }
  return names.sort();
}

export function isDirectory(entry: TreeEntry): boolean {
  return entry.mode === "40000";
}

/** A symlink's blob is a path and a submodule has none: neither is a source file. */
export function isRegularFile(entry: TreeEntry): boolean {
  return entry.mode.startsWith("100");
}
