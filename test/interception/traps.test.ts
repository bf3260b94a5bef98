import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { programOf } from "../../src/interception/evaluate.ts";
import { VENDOR_DIRS } from "../../src/interception/kernel-config.ts";
import { evaluateTraps } from "../../src/interception/traps.ts";
import { AVIC, STRUCTS, treeOf } from "./tiny.ts";

const LINE = STRUCTS.split("\n").length;

function handling(trapIf: string, handler = "") {
  const isTrap = `static bool is_avic_unaccelerated_access_trap(u32 offset) { ${trapIf} }\n`;
  const toSvm =
    "static struct vcpu_svm *to_svm(struct kvm_vcpu *v) { return container_of(v, struct vcpu_svm, vcpu); }\n";
  return evaluateTraps(programOf(treeOf({ [AVIC]: `${STRUCTS}${isTrap}${toSvm}${handler}` }), VENDOR_DIRS));
}

describe("registers that are handled as trap", () => {
  for (const [body, trap, reason] of [
    ["return offset == 0x20;", [0x802], null],
    ["switch (offset) { case 0xd0: case 0x20: return true; default: return false; }", [0x802, 0x80d], null],
    ["return offset == 0 || offset == 0x3f0 || offset == 0x400;", [0x800, 0x83f], null],
    ["if (offset == 0x30) BUG(); return offset == 0x40;", [0x804], "BUG() is reached"],
    ["return offset == 0x20 ? nobody(offset) : 0;", [], "nobody() is not known"],
    ["return offset == 0x20 ? nobody(1) : other(2);", [], "other() is not known"],
    ["if (offset == 0x10) BUG(); return nobody(offset);", [], "nobody() is not known"],
    ["if (offset == 0x00) BUG(); return nobody(offset);", [], "BUG() is reached"],
  ] as const) {
    it(body, () => {
      const trapsAt = { file: AVIC, line: LINE };
      assert.deepEqual(handling(body), { trapsAt, trap, helpers: [], reason });
    });
  }

  it("are not told without the function", () => {
    const reason = "no is_avic_unaccelerated_access_trap() in this tree";
    const none = { trapsAt: null, trap: [], helpers: [], reason };
    assert.deepEqual(evaluateTraps(programOf(treeOf({ [AVIC]: STRUCTS }), VENDOR_DIRS)), none);
  });
});

describe("registers with code of their own in the trap handler", () => {
  const offset = "u32 offset = to_svm(vcpu)->vmcb->control.exit_info_1;";
  const shown = (parameter: string, body: string) =>
    handling(
      "return offset >= 0xd0 && offset <= 0xf0;",
      `static int avic_unaccel_trap_write(${parameter})\n{\n${body}\n}\n`,
    ).helpers.map(({ msr, name, at }) => `${msr.toString(16)} ${name} ${at.file} ${at.line - LINE}`);

  for (const { name, body, helpers } of [
    {
      name: "one for each, by MSR",
      body: `${offset}\nif (offset == 0xe0) helper_e(vcpu);\nif (offset == 0xd0)\n\thelper_d(vcpu);`,
      helpers: [`80d helper_d ${AVIC} 7`, `80e helper_e ${AVIC} 5`],
    },
    {
      name: "two of one register, by name",
      body: `${offset}\nif (offset != 0xf0) return 1;\nhelper_b(vcpu);\nhelper_a(vcpu);\nhelper_c(vcpu);`,
      helpers: [`80f helper_a ${AVIC} 7`, `80f helper_b ${AVIC} 6`, `80f helper_c ${AVIC} 8`],
    },
    {
      name: "within switch, while, for and behind sizeof",
      body: `${offset}\nint i;\nswitch (offset) { case 0xd0: for (i = 0; i < sizeof(i); i++) while (i == 0) { helper(vcpu); break; } }`,
      helpers: [`80d helper ${AVIC} 6`],
    },
    {
      name: "on one way of a condition that is not known",
      body: `${offset}\nif (offset == 0xe0 && to_svm(vcpu)->nobody_knows) helper(vcpu);`,
      helpers: [`80e helper ${AVIC} 5`],
    },
    {
      name: "not what all registers have in common",
      body: `${offset}\nkvm_apic_write_nodecode(vcpu, offset);\nkvm_lapic_reg_write(vcpu->arch.apic, offset, kvm_lapic_get_reg(vcpu->arch.apic, offset));`,
      helpers: [],
    },
  ]) {
    it(name, () => assert.deepEqual(shown("struct kvm_vcpu *vcpu", body), helpers));
  }

  it("also where the handler takes the other structure", () => {
    const body = "if ((svm->vmcb->control.exit_info_1 & 0xff0) == 0xd0)\n\thelper(svm);";
    assert.deepEqual(shown("struct vcpu_svm *svm", body), [`80d helper ${AVIC} 5`]);
  });
});
