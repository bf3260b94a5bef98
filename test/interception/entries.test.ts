/** Where the evaluation begins, in trees of a few lines. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { candidates } from "../../src/interception/evaluate-sets.ts";
import { programOf } from "../../src/interception/evaluate.ts";
import { VENDOR_DIRS } from "../../src/interception/kernel-config.ts";
import { AVIC, STRUCTS, treeOf } from "./tiny.ts";
import type { Tree } from "./kernels.ts";

const PAIR = `
static void avic_activate_vmcb(struct vcpu_svm *svm) { }
static void avic_deactivate_vmcb(struct vcpu_svm *svm) { }
`;
const SVM = "arch/x86/kvm/svm/svm.c";

function told(tree: Tree): string[] {
  return [...candidates(programOf(tree, VENDOR_DIRS), tree)].map(({ activate, deactivate }) =>
    [activate, deactivate].map(({ name, takes }) => `${name}(${takes})`).join(" "),
  );
}

const hook = (body: string, name = "avic_refresh_virtual_apic_mode") =>
  `void ${name}(struct kvm_vcpu *vcpu)\n{\n\tstruct vcpu_svm *svm = container_of(vcpu, struct vcpu_svm, vcpu);\n${body}\n}\n`;
const ACTIVE = "svm->vcpu.arch.apic->apicv_active";
const USUAL = "avic_activate_vmcb(svm) avic_deactivate_vmcb(svm)";
const REFRESH = "avic_refresh_virtual_apic_mode(vcpu)";

describe("activation and deactivation", () => {
  for (const { name, text, entries } of [
    { name: "by their usual names", text: PAIR, entries: [USUAL] },
    { name: "one of them is gone", text: "void avic_activate_vmcb(struct vcpu_svm *svm) { }", entries: [] },
    { name: "the other is gone", text: "void avic_deactivate_vmcb(struct vcpu_svm *svm) { }", entries: [] },
    { name: "declared alone", text: PAIR.replaceAll("{ }", ";"), entries: [] },
    {
      name: "with the generic vCPU",
      text: PAIR.replaceAll("vcpu_svm *svm", "kvm_vcpu *vcpu"),
      entries: ["avic_activate_vmcb(vcpu) avic_deactivate_vmcb(vcpu)"],
    },
    {
      name: "a structure that only the body speaks of",
      text: "static void avic_activate_vmcb(struct kvm_vcpu *vcpu) { struct vcpu_svm *svm; }\nstatic void avic_deactivate_vmcb(struct kvm_vcpu *vcpu) { }",
      entries: ["avic_activate_vmcb(vcpu) avic_deactivate_vmcb(vcpu)"],
    },
    {
      name: "through a hook that calls both",
      text: PAIR + hook(`if (${ACTIVE}) avic_activate_vmcb(svm); else avic_deactivate_vmcb(svm);`),
      entries: [USUAL, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that does not activate",
      text: PAIR + hook(`if (!${ACTIVE}) avic_deactivate_vmcb(svm);`),
      entries: [`${REFRESH} avic_deactivate_vmcb(svm)`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that does not deactivate",
      text: PAIR + hook(`if (${ACTIVE}) avic_activate_vmcb(svm);`),
      entries: [`avic_activate_vmcb(svm) ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that does neither",
      text: PAIR + hook(""),
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that calls them on one way of a condition",
      text: PAIR + hook("if (svm->nobody_knows) { avic_activate_vmcb(svm); avic_deactivate_vmcb(svm); }"),
      entries: [USUAL, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that stops before that can be told",
      text: PAIR + hook("BUG();"),
      entries: [USUAL, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that puts more questions than are followed",
      text: PAIR + hook([1, 2, 3, 4, 5].map((n) => `if (guest_cpuid_has(vcpu, ${n})) ${n};`).join("\n")),
      entries: [USUAL, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that puts as many questions as are followed",
      text: PAIR + hook([1, 2, 3, 4].map((n) => `if (guest_cpuid_has(vcpu, ${n})) ${n};`).join("\n")),
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that first restores what AVIC had",
      text:
        PAIR +
        "void avic_apicv_post_state_restore(struct kvm_vcpu *vcpu) { BUG(); }\n" +
        hook("avic_apicv_post_state_restore(vcpu);"),
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook asks whether the host has x2AVIC",
      text: `static bool x2avic_enabled;\n${PAIR}${hook("if (!x2avic_enabled) { avic_activate_vmcb(svm); avic_deactivate_vmcb(svm); }")}`,
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook asks for the mode of the APIC",
      text:
        PAIR +
        hook("if (!(vcpu->arch.apic_base & 0x400)) { avic_activate_vmcb(svm); avic_deactivate_vmcb(svm); }"),
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that calls them the wrong way round",
      text: PAIR + hook(`if (${ACTIVE}) avic_deactivate_vmcb(svm); else avic_activate_vmcb(svm);`),
      entries: [`${REFRESH} ${REFRESH}`, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "a hook that stops on one way",
      text: PAIR + hook("if (guest_cpuid_has(vcpu, 7)) BUG();"),
      entries: [USUAL, `${REFRESH} ${REFRESH}`],
    },
    {
      name: "the inner hook goes first",
      text: hook("", "avic_refresh_apicv_exec_ctrl") + hook(""),
      entries: [`${REFRESH} ${REFRESH}`],
    },
    {
      name: "the outer hook alone",
      text: hook("", "avic_refresh_apicv_exec_ctrl"),
      entries: ["avic_refresh_apicv_exec_ctrl(vcpu) avic_refresh_apicv_exec_ctrl(vcpu)"],
    },
  ]) {
    it(name, () => assert.deepEqual(told(treeOf({ [AVIC]: STRUCTS + text })), entries));
  }
});

const setter = (name: string, setting = "svm_set_intercept_for_msr(vcpu, 0x802, 3, 0);") =>
  `static void ${name}(struct kvm_vcpu *vcpu) { ${setting} }\n`;
const caller = (name: string, called: string, parameter = "struct vcpu_svm *svm") =>
  `static void ${name}(${parameter}) { ${called}(svm); }\n`;

describe("functions under other names that call a toggle", () => {
  for (const { name, files, entries } of [
    { name: "nothing toggles", files: { [SVM]: caller("up", "toggle") }, entries: [] },
    {
      name: "one for both",
      files: { [SVM]: setter("toggle_x2apic") + caller("up", "toggle_x2apic") },
      entries: ["up(svm) up(svm)"],
    },
    {
      name: "the generic vCPU",
      files: { [SVM]: setter("toggle_x2apic") + caller("up", "toggle_x2apic", "struct kvm_vcpu *svm") },
      entries: ["up(vcpu) up(vcpu)"],
    },
    {
      name: "a caller without a vCPU is none",
      files: { [SVM]: setter("toggle_x2apic") + caller("up", "toggle_x2apic", "void *svm") },
      entries: [],
    },
    {
      name: "a toggle that calls another is no caller",
      files: {
        [SVM]:
          setter("toggle_x2apic") + setter("x2avic_all", "toggle_x2apic(vcpu); set_msr_interception(vcpu);"),
      },
      entries: [],
    },
    {
      name: "a setter for other MSRs is no toggle",
      files: { [SVM]: setter("lbr") + caller("up", "lbr") },
      entries: [],
    },
    {
      name: "speaking of x2APIC is not enough",
      files: { [SVM]: setter("x2apic", "f();") + caller("up", "x2apic") },
      entries: [],
    },
    {
      name: "an MSR of the range in its body",
      files: {
        [SVM]: setter("toggle", "set_msr_interception(vcpu, APIC_BASE_MSR + 2, 0);") + caller("up", "toggle"),
      },
      entries: ["up(svm) up(svm)"],
    },
    ...["deactivate", "disable", "inhibit", "clear"].map((word) => ({
      name: `paired by name: ${word}`,
      files: {
        [SVM]:
          setter("toggle_x2avic") +
          caller("avic_up", "toggle_x2avic") +
          caller(`avic_${word}`, "toggle_x2avic"),
      },
      entries: [`avic_up(svm) avic_${word}(svm)`],
    })),
    {
      name: "in the order of the files, C alone",
      files: {
        "arch/x86/kvm/svm/z.c": caller("z_up", "toggle_x2apic"),
        "arch/x86/kvm/svm/a.c": caller("a_up", "toggle_x2apic"),
        "arch/x86/kvm/svm/m.c": setter("toggle_x2apic"),
        "arch/x86/kvm/svm/b.h": caller("b_up", "toggle_x2apic"),
        "arch/x86/kvm/vmx/c.c": caller("c_up", "toggle_x2apic"),
      },
      entries: ["a_up(svm) a_up(svm)", "z_up(svm) z_up(svm)"],
    },
    {
      name: "a file beyond what is read",
      files: { [SVM]: setter("toggle_x2apic") + caller("up", "toggle_x2apic") + " ".repeat(1_000_000) },
      entries: [],
    },
    ...[
      "set_msr_interception",
      "set_msr_interception_bitmap",
      "svm_enable_intercept_for_msr",
      "svm_disable_intercept_for_msr",
    ].map((name) => ({
      name: `${name}() sets`,
      files: { [SVM]: setter("x2apic", `${name}(vcpu);`) + caller("up", "x2apic") },
      entries: ["up(svm) up(svm)"],
    })),
  ]) {
    it(name, () => assert.deepEqual(told(treeOf(files)), entries));
  }
});

it("a file that is listed and cannot be read holds no function", () => {
  assert.deepEqual(told({ read: () => undefined, list: () => ["svm.c"] }), []);
});
