import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Program } from "../../src/c/index.ts";
import { cachedPart, createCache } from "../../src/interception/cache.ts";
import type { KernelTree } from "../../src/kernel/tree.ts";

function treeOf(files: Record<string, string>): KernelTree {
  return {
    read: (path) => files[path],
    list: (dir) => Object.keys(files).filter((path) => path.startsWith(`${dir}/`)),
  };
}

function treeIn(files: Record<string, string | undefined>): KernelTree {
  const names = Object.keys(files).map((path) => path.slice(path.indexOf("/") + 1));
  return { read: (path) => files[path], list: () => names };
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
    { name: "a name that is gone", files: { "a/x": "1" }, base: { "a/x": "1", "a/y": "" }, again: true },
    { name: "another name", files: { "a/x": "1", "a/z": "" }, base: { "a/x": "1", "a/y": "" }, again: true },
    { name: "a new name in a listed directory", files: { "a/x": "1", "a/z": "" }, again: true },
  ];
  for (const { name, files, base, again } of cases) {
    it(`${again ? "works again after" : "keeps the result for"} ${name}`, () => {
      const cache = createCache();
      const { work, runs } = worker();
      cachedPart(cache, "part", treeOf(base ?? { "a/x": "1", "b/y": "1" }), work);
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

  it("keeps the twelve results that were asked for last", () => {
    const cache = createCache();
    const { work, runs } = worker();
    const ask = (text: number) => cachedPart(cache, "part", treeOf({ "a/x": String(text) }), work);
    for (let text = 0; text < 12; text++) ask(text);
    ask(0);
    assert.equal(runs(), 12);
    ask(12);
    ask(0);
    assert.equal(runs(), 13);
    ask(1);
    assert.equal(runs(), 14);
  });

  it("sorts the files it rests on", () => {
    const read = (tree: KernelTree) => ["b", "c", "a"].map((path) => tree.read(path));
    const { filesRead } = cachedPart(createCache(), "part", treeOf({ a: "", b: "", c: "" }), read);
    assert.deepEqual(filesRead, ["a", "b", "c"]);
  });
});

describe("a file that was only asked for a definition it does not have", () => {
  const UNIT = "k/unit.c";
  const BASE = {
    [UNIT]: "int wanted(int);\nint f(void) { return wanted(1); }\n",
    "k/definer.c": "int wanted(int a) { return a; }\n",
    "k/asked.c": "int other(void) { return wanted(2); }\n",
  };
  const cases = [
    { name: "another body", text: "int other(void) { return wanted(3); }\n", again: false },
    { name: "another function", text: "int wanted_too(void) { return 1; }\n", again: false },
    { name: "the definition", text: "int wanted(int a) { return 2; }\n", again: true },
    { name: "a macro that may make it", text: "DEFINE(wanted)\n", again: true },
    { name: "braces that do not match", text: "int wanted(int a) { return 2;\n", again: true },
    { name: "no text", text: undefined, again: true },
    { name: "more than is read", text: `/*${"x".repeat(1_000_000)}*/\n`, again: true },
  ];
  for (const { name, text, again } of cases) {
    it(`${name}: ${again ? "looked at again" : "the result is kept"}`, () => {
      const cache = createCache();
      let runs = 0;
      const find = (tree: KernelTree) => {
        runs++;
        const config = { defines: {}, includeRoots: [] };
        return new Program(tree, config, { cache: cache.sources }).findFunction("wanted", UNIT)?.file;
      };
      const first = cachedPart(cache, "part", treeIn(BASE), find);
      assert.deepEqual(first, { result: "k/definer.c", filesRead: Object.keys(BASE).sort() });
      const changed = treeIn({ ...BASE, "k/asked.c": text });
      const second = cachedPart(cache, "part", changed, find);
      assert.equal(runs, again ? 2 : 1);
      assert.equal(second.result, find(changed));
    });
  }
});

it("a listed file that cannot be read is no reason to look again", () => {
  const cache = createCache();
  let runs = 0;
  const files = { "k/unit.c": "int f(void) { return wanted(1); }\n", "k/gone.c": undefined };
  const find = (tree: KernelTree) => {
    runs++;
    const config = { defines: {}, includeRoots: [] };
    return new Program(tree, config, { cache: cache.sources }).findFunction("wanted", "k/unit.c")?.file;
  };
  for (let time = 0; time < 2; time++) cachedPart(cache, "part", treeIn(files), find);
  assert.equal(runs, 1);
});
