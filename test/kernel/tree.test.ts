import assert from "node:assert/strict";
import { test } from "node:test";
import type { KernelSource } from "../../src/kernel/source.ts";
import { readTree, withTree, type KernelTree } from "../../src/kernel/tree.ts";

interface Recorded {
  readonly source: KernelSource;
  readonly reads: string[];
}

/** A source that has to be waited for, of the same files in every revision. */
function slowSource(files: Record<string, string>): Recorded {
  const reads: string[] = [];
  const source: KernelSource = {
    describe: "test",
    partial: false,
    hash: "sha1",
    resolve: async (revision) => revision,
    read: async (revision, path) => {
      reads.push(`${revision}:${path}`);
      await Promise.resolve();
      return files[path] ?? null;
    },
    list: async (_revision, directory) => {
      const prefix = directory === "" ? "" : `${directory}/`;
      const inside = Object.keys(files).filter((path) => path.startsWith(prefix));
      return [...new Set(inside.map((path) => path.slice(prefix.length).split("/", 1)[0] ?? ""))];
    },
    blobId: async () => null,
    readBlob: async () => ({ ok: false, reason: "none" }),
    close: async () => undefined,
  };
  return { source, reads };
}

const FILES = { "a/x.c": "x", "a/y.h": "y", "b.h": "b" };
const all = (tree: KernelTree): string[] => [
  ...tree.list("a"),
  ...["a/x.c", "a/y.h", "b.h", "a/none.h", "none/none.h"].map((path) => tree.read(path) ?? "-"),
];

test("run begins anew until all it asks for is there, and each file is read once", async () => {
  const { source, reads } = slowSource(FILES);
  const base = { source, revision: "r1", changes: new Map() };
  let runs = 0;
  const run = (tree: KernelTree): string[] => {
    runs++;
    return all(tree);
  };
  const expected = ["x.c", "y.h", "x", "y", "b", "-", "-"];
  assert.deepEqual(await withTree(base, run), expected);
  // The list brings the sources of its directory, and says what is not in it.
  assert.equal(runs, 3);
  const readOnce = ["r1:a/x.c", "r1:a/y.h", "r1:b.h"];
  assert.deepEqual(reads.toSorted(), readOnce);
  runs = 0;
  assert.deepEqual(await withTree(base, run), expected);
  assert.deepEqual([runs, reads.length], [1, 3]);
  // Another revision: what the former needed is loaded before the first run.
  runs = 0;
  assert.deepEqual(await withTree({ ...base, revision: "r2" }, run), expected);
  assert.deepEqual([runs, reads.length], [1, 6]);
});

test("prefetched files need no second run", async () => {
  const { source } = slowSource(FILES);
  let runs = 0;
  const prefetch = ["a/", "b.h", "none/none.h"];
  await withTree(
    { source, revision: "r", changes: new Map() },
    (tree) => {
      runs++;
      return all(tree);
    },
    { prefetch },
  );
  assert.equal(runs, 1);
});

test("a run that swallows the interruption is still run again", async () => {
  const { source } = slowSource(FILES);
  const result = await withTree({ source, revision: "r", changes: new Map() }, (tree) => {
    try {
      return tree.read("b.h");
    } catch {
      return "swallowed";
    }
  });
  assert.equal(result, "b");
});

test("changes lie over the source", async () => {
  const { source } = slowSource(FILES);
  const changes = new Map([
    ["a/x.c", "X"],
    ["a/y.h", null],
    ["a/sub/deep.h", "d"],
    ["c/new.h", "n"],
  ]);
  const base = { source, revision: "r", changes };
  const result = await withTree(base, (tree) => [
    tree.list("a"),
    tree.list("c"),
    tree.read("a/x.c"),
    tree.read("a/y.h"),
    tree.read("c/new.h"),
    tree.read("b.h"),
  ]);
  assert.deepEqual(result, [["sub", "x.c"], ["new.h"], "X", undefined, "n", "b"]);
  assert.equal(await readTree(base, "a/y.h"), null);
  assert.equal(await readTree(base, "b.h"), "b");
});

test("errors of run and of the source pass through", async () => {
  const { source } = slowSource(FILES);
  const base = { source, revision: "r", changes: new Map() };
  const own = new TypeError("own");
  await assert.rejects(
    withTree(base, () => {
      throw own;
    }),
    own,
  );
  const broken = { ...source, read: async () => Promise.reject(new Error("disk")) };
  await assert.rejects(
    withTree({ ...base, source: broken }, (tree) => tree.read("b.h")),
    /disk/,
  );
});
