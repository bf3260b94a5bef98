/** What the kernel configuration says, seen from code that asks for it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import { OPEN, STRUCTS, setsOf, tinyTree } from "./tiny.ts";

describe("the kernel that trees are evaluated as", () => {
  for (const condition of [
    ...["__KERNEL__ == 1", "__x86_64__ == 1", "__GNUC__ == 13", "__GNUC_MINOR__ == 0"],
    ...["__LITTLE_ENDIAN == 1234", "defined(KBUILD_MODNAME)"],
    ...["64BIT", "X86", "X86_64", "X86_LOCAL_APIC", "X86_X2APIC", "SMP", "KVM_AMD_SEV"].map(
      (name) => `defined(CONFIG_${name}) && IS_ENABLED(CONFIG_${name}) && !defined(CONFIG_${name}_MODULE)`,
    ),
    ...["HAVE_KVM_IRQCHIP", "HAVE_KVM_IRQ_ROUTING"].map(
      (name) => `defined(CONFIG_${name}) && IS_ENABLED(CONFIG_${name})`,
    ),
    ...["KVM", "KVM_X86", "KVM_AMD"].map(
      (name) => `IS_ENABLED(CONFIG_${name}) && !IS_BUILTIN(CONFIG_${name})`,
    ),
    ...["!defined(CONFIG_HYPERV)", "!IS_ENABLED(CONFIG_KVM_INTEL)"],
  ]) {
    it(`#if ${condition}`, () => {
      const before = `#if ${condition}\n#define WANTED 1\n#else\n#define WANTED 0\n#endif\n`;
      const result = setsOf(tinyTree({ before, activate: `if (WANTED) ${OPEN}` }));
      assert.ok(result.ok, result.ok ? "" : result.reason);
      assert.deepEqual(result.sets.active.write, [0x808]);
    });
  }

  for (const header of [
    ...["include/vdso/bits.h", "include/linux/bits.h"],
    ...["apicdef.h", "msr-index.h", "svm.h", "kvm_host.h"].map((name) => `arch/x86/include/asm/${name}`),
  ]) {
    it(`every file sees ${header}`, () => {
      const files = { [header]: "#define WANTED 1\n" };
      const result = setsOf(tinyTree({ files, activate: `if (WANTED == 1) ${OPEN}` }));
      assert.ok(result.ok, result.ok ? "" : result.reason);
      assert.deepEqual([result.sets.active.write, result.conditions], [[0x808], []]);
    });
  }

  for (const [include, header] of [
    ["<linux/bits.h>", "include/linux/bits.h"],
    ["<asm/svm.h>", "arch/x86/include/asm/svm.h"],
    ['"lapic.h"', "arch/x86/kvm/lapic.h"],
    ['"svm.h"', "arch/x86/kvm/svm/svm.h"],
  ] as const) {
    it(`#include ${include} is ${header}`, () => {
      const files = { [header]: "#ifdef ASKED\n#define WANTED 1\n#endif\n" };
      const before = `#define ASKED\n#include ${include}\n`;
      const result = setsOf(tinyTree({ files, before, activate: `if (WANTED == 1) ${OPEN}` }));
      assert.ok(result.ok, result.ok ? "" : result.reason);
      assert.deepEqual([result.sets.active.write, result.conditions], [[0x808], []]);
    });
  }
});

describe("where code may stand", () => {
  it("the emulation of the APIC finds its functions in KVM's common code, not in the vendor's", () => {
    const lapic = (called: string) => `${STRUCTS}int ${called}(int a);
int kvm_x2apic_msr_read(struct kvm_vcpu *vcpu, u32 msr, u64 *data) { return ${called}(7); }`;
    const files = {
      "arch/x86/kvm/other.c": "int common(int a) { return 0; }\n",
      "arch/x86/kvm/svm/other.c": "int vendor(int a) { return 0; }\n",
    };
    const answered = (called: string) => {
      const result = evaluateKernel(tinyTree({ files: { ...files, "arch/x86/kvm/lapic.c": lapic(called) } }));
      assert.ok(result.ok);
      return result.behaviour.answers.length;
    };
    assert.deepEqual([answered("common"), answered("vendor")], [256, 0]);
  });
});
