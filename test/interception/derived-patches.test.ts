import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DERIVED_PATCHES, applyEdits } from "./derived-patches.ts";
import { realTree } from "./kernels.ts";

describe("patches derived from real kernels", () => {
  it("has names that say one thing each", () => {
    const names = DERIVED_PATCHES.map((patch) => patch.name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.length >= 45, `${names.length} patches`);
  });
  for (const patch of DERIVED_PATCHES) {
    it(`finds what it edits: ${patch.name} (${patch.tree})`, (t) => {
      const tree = realTree(patch.tree);
      if (!tree) return t.skip(`no kernel ${patch.tree} under .cache`);
      const changed = applyEdits(patch.edits, tree.read);
      assert.ok(changed.size > 0);
      for (const [path, text] of changed) assert.notEqual(text, tree.read(path));
    });
  }
});
