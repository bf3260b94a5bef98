import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cachedPart, createCache } from "../../src/interception/cache.ts";
import type { KernelTree } from "../../src/kernel/tree.ts";

function treeOf(files: Record<string, string>): KernelTree {
  return {
    read: (path) => files[path],
    list: (dir) => Object.keys(files).filter((path) => path.startsWith(`${dir}/`)),
  };
}

/** Reads a/x, asks for a/missing, lists a; counts how often. */
function worker() {
  let runs = 0;
  return {
    runs: () => runs,
    work(tree: KernelTree): string {
      runs++;
      return `${tree.read("a/x")} ${tree.read("a/missing")} ${tree.list("a").length}`;
    },
  };
}

describe("results kept from tree to tree", () => {
  const cases = [
    { name: "the same tree", files: { "a/x": "1", "b/y": "1" }, again: false },
    { name: "a file that nobody read", files: { "a/x": "1", "b/y": "2" }, again: false },
    { name: "another text", files: { "a/x": "2", "b/y": "1" }, again: true },
    { name: "a file that was missing", files: { "a/x": "1", "a/missing": "" }, again: true },
    { name: "a new name in a listed directory", files: { "a/x": "1", "a/z": "" }, again: true },
  ];
  for (const { name, files, again } of cases) {
    it(`${again ? "works again after" : "keeps the result for"} ${name}`, () => {
      const cache = createCache();
      const { work, runs } = worker();
      cachedPart(cache, "part", treeOf({ "a/x": "1", "b/y": "1" }), work);
      const { result } = cachedPart(cache, "part", treeOf(files), work);
      assert.equal(runs(), again ? 2 : 1);
      assert.equal(result, work(treeOf(files)));
    });
  }

  it("names the files it rests on, not the missing ones", () => {
    const { filesRead } = cachedPart(createCache(), "part", treeOf({ "a/x": "1" }), worker().work);
    assert.deepEqual(filesRead, ["a/x"]);
  });

  it("keeps parts apart and goes back to an older result", () => {
    const cache = createCache();
    const { work, runs } = worker();
    for (const text of ["1", "2", "1", "2"]) cachedPart(cache, "part", treeOf({ "a/x": text }), work);
    assert.equal(runs(), 2);
    cachedPart(cache, "other", treeOf({ "a/x": "1" }), work);
    assert.equal(runs(), 3);
  });

  it("works without a cache", () => {
    const { work, runs } = worker();
    cachedPart(undefined, "part", treeOf({ "a/x": "1" }), work);
    cachedPart(undefined, "part", treeOf({ "a/x": "1" }), work);
    assert.equal(runs(), 2);
  });
});
