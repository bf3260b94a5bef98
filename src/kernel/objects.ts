/** The two git objects that lead from a commit to a file. */

export interface TreeEntry {
  /** Octal as git writes it: `100644`, `40000`, `120000`. */
  readonly mode: string;
  readonly id: string;
}

/** The tree id in the text of a commit object. */
export function treeOfCommit(commit: string): string | null {
  return /^tree (?<id>[0-9a-f]{40,64})\n/.exec(commit)?.groups?.["id"] ?? null;
}

/** The entries of a tree object by name (byte strings); `idBytes` is 20 for sha1, 32 for sha256. */
export function readTreeObject(tree: string, idBytes: number): ReadonlyMap<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < tree.length;) {
    const blank = tree.indexOf(" ", at);
    const end = tree.indexOf("\0", blank);
    if (blank < 0 || end < 0) break;
    const next = end + 1 + idBytes;
    const id = Buffer.from(tree.slice(end + 1, next), "latin1").toString("hex");
    entries.set(tree.slice(blank + 1, end), { mode: tree.slice(at, blank), id });
    at = next;
  }
  return entries;
}

export function isDirectory(entry: TreeEntry): boolean {
  return entry.mode === "40000";
}

/** A symlink's blob is a path and a submodule has none: neither is a source file. */
export function isRegularFile(entry: TreeEntry): boolean {
  return entry.mode.startsWith("100");
}
