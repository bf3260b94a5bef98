import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { Program } from "../../src/c/program.ts";
import type { CConfig, SourceTree } from "../../src/c/source.ts";
import { spell } from "../../src/c/text/token.ts";

const SEARCH_DIRS = ["arch/x86/kvm/svm", "arch/x86/kvm"];
const CONFIG: CConfig = {
  defines: {
    __KERNEL__: "1",
    CONFIG_X86_64: "y",
    CONFIG_64BIT: "y",
    CONFIG_SMP: "y",
    CONFIG_KVM_AMD: "m",
    CONFIG_KVM_AMD_SEV: "y",
    CONFIG_KVM_SMM: "y",
    CONFIG_KVM_HYPERV: "y",
    CONFIG_HYPERV: "m",
    CONFIG_CPU_MITIGATIONS: "y",
    CONFIG_MITIGATION_RETPOLINE: "y",
    CONFIG_RETPOLINE: "y",
  },
  includeRoots: ["arch/x86/kvm", "arch/x86/include", "arch/x86/include/uapi", "include", "include/uapi"],
  headerScope: [
    "arch/x86/kvm/",
    "arch/x86/include/asm/apicdef.h",
    "arch/x86/include/asm/svm.h",
    "arch/x86/include/asm/kvm_host.h",
  ],
  commonHeaders: [
    "arch/x86/include/asm/apicdef.h",
    "arch/x86/include/asm/svm.h",
    "arch/x86/include/asm/kvm_host.h",
  ],
};

const SVM = "arch/x86/kvm/svm";

function kernelTree(version: string): SourceTree {
  const root = `.cache/linux-${version}`;
  const path = (name: string): string => `${root}/${name}`;
  return {
    read: (name) => (existsSync(path(name)) ? readFileSync(path(name), "latin1") : undefined),
    list: (dir) => (existsSync(path(dir)) ? readdirSync(path(dir)) : []),
  };
}

/** Names of the functions whose body begins with a `{` in the first column, which is the kernel's style. */
function functionsByStyle(text: string): string[] {
  const lines = text.split("\n");
  const names: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (line !== "{") continue;
    let first = at;
    while (first > 0 && !/^$|^[#}]|;$|\*\/$/.test(lines[first - 1] ?? "")) first--;
    const head = lines
      .slice(first, at)
      .join(" ")
      .replace(/__attribute__\(\(\w+\)\)|__printf\([^)]*\)/g, "");
    const name = /(\w+)\s*\(/.exec(head)?.[1];
    if (name) names.push(name);
  }
  return names;
}

function identifiers(program: Program, name: string, unit: string): Set<string> {
  const found = program.findFunction(name, `${SVM}/${unit}`);
  assert.ok(found?.isComplete && found.problem === null, `${name} is found`);
  return new Set(found.tokens.filter(({ kind }) => kind === "identifier").map(({ text }) => text));
}

for (const version of ["6.1", "6.12"]) {
  const skip = !existsSync(`.cache/linux-${version}`) && `no .cache/linux-${version}`;

  test(`outlines every function of ${version}'s svm`, { skip }, () => {
    const tree = kernelTree(version);
    const program = new Program(tree, CONFIG, { searchDirs: SEARCH_DIRS });
    let count = 0;
    for (const file of tree.list(SVM).filter((name) => name.endsWith(".c"))) {
      const path = `${SVM}/${file}`;
      const names = functionsByStyle(tree.read(path) ?? "");
      const missing = names.filter((name) => program.findFunction(name, path)?.file !== path);
      assert.deepEqual(missing, [], path);
      assert.deepEqual(
        program.problems(path).filter(({ file }) => file === path),
        [],
      );
      count += names.length;
    }
    assert.ok(count > 370, `${count} functions`);
  });

  test(`expands what activates AVIC in ${version}`, { skip }, () => {
    const program = new Program(kernelTree(version), CONFIG, { searchDirs: SEARCH_DIRS });
    const activate = identifiers(program, "avic_activate_vmcb", "avic.c");
    for (const name of [
      "svm_set_x2apic_msr_interception",
      "kvm_make_request",
      "apic_x2apic_mode",
      "vmcb",
      "false",
      "true",
    ]) {
      assert.ok(activate.has(name), name);
    }
    for (const macro of ["AVIC_ENABLE_MASK", "X2APIC_MODE_MASK", "KVM_REQ_TLB_FLUSH_CURRENT"]) {
      assert.ok(!activate.has(macro), macro);
    }
    const toggle = program.findFunction("svm_set_x2apic_msr_interception", `${SVM}/avic.c`);
    assert.deepEqual([toggle?.file, toggle?.unit], [`${SVM}/svm.c`, `${SVM}/svm.c`]);
  });

  test(`knows the constants, tables and types of ${version}`, { skip }, () => {
    const program = new Program(kernelTree(version), CONFIG, { searchDirs: SEARCH_DIRS });
    const unit = `${SVM}/svm.c`;
    assert.equal(
      spell(program.expandExpression("X2APIC_MSR(APIC_LVTT)", unit).tokens),
      "(0x800 + (0x320 >> 4))",
    );
    const table = program.findObject("direct_access_msrs", unit);
    assert.ok(table?.isComplete && table.isStatic);
    const text = table.tokens.map((token) => token.text).join("");
    assert.ok(text.includes("{.index=(0x800+(0x300>>4)),.always=false}"));
    assert.equal(program.findTag("struct", "vcpu_svm", unit)?.file, `${SVM}/svm.h`);
    assert.equal(program.findTag("struct", "vmcb_control_area", unit)?.file, "arch/x86/include/asm/svm.h");
    assert.equal(program.findEnumerator("INTERCEPT_CR8_WRITE", unit)?.file, "arch/x86/include/asm/svm.h");
    assert.equal(program.findFunction("to_svm", unit)?.file, `${SVM}/svm.h`);
    assert.equal(program.findFunction("kvm_x2apic_msr_write", unit)?.file, "arch/x86/kvm/lapic.c");
  });

  test(`reads of ${version} no more than the scope`, { skip }, () => {
    const program = new Program(kernelTree(version), CONFIG, { searchDirs: SEARCH_DIRS });
    program.findFunction("avic_activate_vmcb", `${SVM}/avic.c`);
    program.findFunction("no_such_function", `${SVM}/avic.c`);
    const scope = CONFIG.headerScope ?? [];
    assert.deepEqual(
      program.filesRead().filter((path) => !scope.some((prefix) => path.startsWith(prefix))),
      [],
    );
  });
}
