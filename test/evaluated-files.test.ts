import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { isEvaluated } from "../src/evaluated-files.ts";
import { evaluateKernel } from "../src/interception/evaluate.ts";
import { ERAS, fixtureTree, realTree, type Tree } from "./interception/kernels.ts";

const PATHS: [string, boolean][] = [
  ["arch/x86/kvm/svm/avic.c", true],
  ["arch/x86/kvm/svm/svm.h", true],
  ["arch/x86/kvm/svm.c", true],
  ["arch/x86/kvm/lapic.c", true],
  ["arch/x86/kvm/x86.c", true],
  ["arch/x86/kvm/mmu.h", true],
  ["arch/x86/kvm/mmu/page_track.h", true],
  ["arch/x86/kvm/vmx/vmx.h", true],
  ["arch/x86/include/asm/kvm_host.h", true],
  ["include/linux/bits.h", true],
  ["arch/x86/kvm/vmx/vmx.c", false],
  ["arch/x86/kvm/mmu/mmu.c", false],
  ["arch/x86/kvm/svm/vmenter.S", false],
  ["arch/x86/kvm/Kconfig", false],
  ["arch/x86/kvm/Makefile", false],
  ["arch/x86/include/asm/kvm-x86-ops.h", false],
  ["arch/x86/include/uapi/asm/svm.h", false],
  ["arch/x86/kernel/apic/apic.c", false],
  ["include/linux/kvm_host.h", false],
  ["virt/kvm/kvm_main.c", false],
  ["tools/arch/x86/include/asm/svm.h", false],
  ["drivers/iommu/amd/iommu.c", false],
];
for (const [path, expected] of PATHS) {
  test(`${path}: ${expected}`, () => assert.equal(isEvaluated(path), expected));
}

/** Every path that the evaluation asks the tree for, there or not. */
function pathsAsked(tree: Tree): Set<string> {
  const asked = new Set<string>();
  const read = (path: string) => {
    asked.add(path);
    return tree.read(path);
  };
  evaluateKernel({ read, list: (dir) => tree.list(dir) });
  return asked;
}

describe("every file that an evaluation asks for is one that may be evaluated", () => {
  for (const era of ERAS) {
    test(era, () =>
      assert.deepEqual(
        [...pathsAsked(fixtureTree(era))].filter((path) => !isEvaluated(path)),
        [],
      ),
    );
  }
  for (const version of ["6.1", "6.12"]) {
    const tree = realTree(version);
    test(`Linux ${version}`, { skip: tree === null && "no such kernel here" }, () => {
      const asked = pathsAsked(tree as Tree);
      assert.ok(asked.size > 40);
      assert.deepEqual(
        [...asked].filter((path) => !isEvaluated(path)),
        [],
      );
    });
  }
});
