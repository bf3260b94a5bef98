import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import { fixtureTree, partOf, realTree } from "./kernels.ts";
import type { Tree } from "./kernels.ts";

/** The few files that a review needs; everything of KVM's own directory counts as one. */
function isNeeded(path: string): boolean {
  return (
    path.startsWith("arch/x86/kvm/") ||
    /^arch\/x86\/include\/asm\/(apicdef|svm|msr-index|kvm_host)\.h$/.test(path) ||
    /^include\/(linux\/(bits|bitops)|vdso\/bits)\.h$/.test(path)
  );
}

function told(tree: Tree) {
  const result = evaluateKernel(tree);
  assert.ok(result.ok, result.ok ? "" : result.reason);
  return result.behaviour;
}

describe("trees that hold only some files", () => {
  for (const version of ["6.1", "6.12"]) {
    it(`tells the same of Linux ${version} whether its other files are there or not`, (t) => {
      const tree = realTree(version);
      if (!tree) return t.skip(`no kernel ${version} under .cache`);
      assert.deepEqual(told(partOf(tree, isNeeded)), told(tree));
    });
  }

  it("names the files that the result rests on", () => {
    const { filesRead } = told(fixtureTree("7.2"));
    assert.ok(filesRead.includes("arch/x86/kvm/lapic.c"));
    assert.ok(filesRead.includes("arch/x86/kvm/svm/avic.c"));
    assert.ok(!filesRead.includes("arch/x86/kvm/svm/missing.h"));
  });

  const incomplete = [
    { name: "no AVIC", gone: /svm\/avic\.c$/, reason: /avic_activate_vmcb/ },
    { name: "no toggle", gone: /svm\/svm\.c$/, reason: /svm_set_x2apic_msr_interception\(\) is not/ },
    { name: "no MSR filter", gone: /kvm\/x86\.c$/, reason: /kvm_msr_allowed|ways|conditions/ },
  ];
  for (const { name, gone, reason } of incomplete) {
    it(`tells no set of a tree with ${name}`, () => {
      const result = evaluateKernel(partOf(fixtureTree("6.1"), (path) => !gone.test(path)));
      assert.ok(!result.ok);
      assert.match(result.reason, reason);
    });
  }

  it("tells no set of a tree whose directories cannot be listed", () => {
    const result = evaluateKernel({ read: fixtureTree("6.1").read, list: () => [] });
    assert.ok(!result.ok);
    assert.match(result.reason, /svm_set_x2apic_msr_interception\(\) is not to be found/);
    assert.equal(result.place?.file, "arch/x86/kvm/svm/avic.c");
  });

  it("passes on what the tree throws", () => {
    const broken = () => {
      throw new RangeError("not loaded");
    };
    assert.throws(() => evaluateKernel({ read: broken, list: broken }), RangeError);
  });

  it("tells no set of an empty tree", () => {
    const result = evaluateKernel({ read: () => undefined, list: () => [] });
    assert.deepEqual(result.ok ? null : result.place, null);
    assert.ok(!result.ok);
  });
});
