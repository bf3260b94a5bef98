/** KVM's answers, from an emulation of a few lines, and of a whole one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateAnswers } from "../../src/interception/answers.ts";
import type { Answers } from "../../src/interception/answers.ts";
import { programOf } from "../../src/interception/evaluate.ts";
import { EMULATION_DIRS } from "../../src/interception/kernel-config.ts";
import type { Access } from "../../src/x2apic.ts";
import { range } from "./derived/types.ts";
import { fixtureTree } from "./kernels.ts";
import type { Tree } from "./kernels.ts";
import { STRUCTS, treeOf } from "./tiny.ts";

const LAPIC = "arch/x86/kvm/lapic.c";
const LINE = STRUCTS.split("\n").length;

function evaluated(tree: Tree): Answers {
  return evaluateAnswers(programOf(tree, EMULATION_DIRS));
}

/** Both functions on a line of their own each. */
function emulation({ read = "return 1;", write = "return 1;", before = "" }): Answers {
  const text = `${STRUCTS}int kvm_x2apic_msr_read(struct kvm_vcpu *vcpu, u32 msr, u64 *data) { ${read} }
int kvm_x2apic_msr_write(struct kvm_vcpu *vcpu, u32 msr, u64 data) { ${write} }
${before}`;
  return evaluated(treeOf({ [LAPIC]: text }));
}

function told({ answers, openAnswers }: Answers, access: Access, msr: number): string {
  const answer = answers.find((one) => one.msr === msr && one.access === access);
  if (answer)
    return [answer.guest, ...answer.variants.map(({ when, guest }) => `${when}: ${guest}`)].join("; ");
  const open = openAnswers.find((one) => one.msr === msr && one.access === access);
  return open ? `${open.reason} at ${open.at?.line ?? "no line"}` : "nothing";
}

const hexes = (msrs: readonly number[]) => msrs.map((msr) => msr.toString(16)).join(" ");

describe("the emulation of kernels since 6.2", () => {
  const { answers, openAnswers } = evaluated(fixtureTree("6.18"));
  const accepted = (access: Access) =>
    hexes(answers.filter((one) => one.access === access && one.guest === "ok").map(({ msr }) => msr));

  it("answers every access", () => {
    assert.equal(answers.length, 512);
    assert.ok(answers.every(({ from }) => from === "evaluated"));
    assert.deepEqual(openAnswers, []);
  });
  it("reads", () => {
    const registers = [0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f, ...range(0x810, 0x828), 0x830];
    assert.equal(accepted("read"), hexes([...registers, ...range(0x832, 0x838), 0x83e]));
  });
  it("reads 0 from the count of a stopped timer", () => {
    assert.equal(answers.find(({ msr, access }) => msr === 0x839 && access === "read")?.guest, "0");
  });
  it("writes", () => {
    assert.equal(
      accepted("write"),
      hexes([0x808, 0x80b, 0x80f, 0x828, 0x830, ...range(0x832, 0x838), 0x83e, 0x83f]),
    );
  });
  it("refuses other values", () => {
    const HIGH = "bits 63:32 set";
    const variants = answers.flatMap(({ msr, variants: all }) =>
      all.map(({ when, guest }) => `${msr.toString(16)} ${when} ${guest}`),
    );
    assert.deepEqual(
      variants.filter((one) => !one.includes(HIGH)),
      ["828 not 0 #GP", "830 reserved bits set #GP", "83f a vector above 0xff #GP"],
    );
    assert.equal(variants.filter((one) => one.includes(HIGH)).length, 13);
  });
  it("stands where the functions stand", () => {
    const at = (access: Access) => answers.find((one) => one.access === access)?.at;
    assert.deepEqual(
      [at("read"), at("write")],
      [
        { file: LAPIC, line: 144 },
        { file: LAPIC, line: 129 },
      ],
    );
  });
});

describe("one access", () => {
  for (const [title, functions, access, msr, answer] of [
    ["refused", {}, "read", 0x802, "#GP"],
    ["accepted", { read: "return 0;" }, "read", 0x802, "ok"],
    ["an error of any kind", { read: "return -22;" }, "read", 0x802, "#GP"],
    ["a wide zero", { before: "", read: "u64 none = 0; return none;" }, "read", 0x802, "ok"],
    ["the timer's count", { read: "*data = 0; return 0;" }, "read", 0x839, "0"],
    ["another count", { read: "*data = 1ull << 40; return 0;" }, "read", 0x839, "ok"],
    ["a count that is not known", { read: "*data = vcpu->nobody_knows; return 0;" }, "read", 0x839, "ok"],
    ["no count", { read: "return 0;" }, "read", 0x839, "ok"],
    ["a refused count", { read: "*data = 0; return 1;" }, "read", 0x839, "#GP"],
    ["0 from another register", { read: "*data = 0; return 0;" }, "read", 0x838, "ok"],
    ["0 is written", { write: "return data != 0;" }, "write", 0x808, "ok; bits 63:32 set: #GP"],
    [
      "SPIV with its enable bit",
      { write: "return data != 0x1ff;" },
      "write",
      0x80f,
      "ok; bits 63:32 set: #GP",
    ],
    ["ICR with a vector", { write: "return data != 0x30;" }, "write", 0x830, "ok; reserved bits set: #GP"],
    ...[0x832, 0x833, 0x834, 0x835, 0x836, 0x837].map(
      (lvt) =>
        [
          "an LVT entry with a vector",
          { write: "return data != 0x30;" },
          "write",
          lvt,
          "ok; bits 63:32 set: #GP",
        ] as const,
    ),
    [
      "a vector above 0xff",
      { write: "return data == 0x100;" },
      "write",
      0x83f,
      "ok; a vector above 0xff: #GP",
    ],
    [
      "SELF_IPI with a vector",
      { write: "return data != 0x30;" },
      "write",
      0x83f,
      "ok; bits 63:32 set: #GP; a vector above 0xff: #GP",
    ],
    ["ESR", { write: "return data == 1;" }, "write", 0x828, "ok; not 0: #GP"],
    ["bit 13 of ICR", { write: "return data == 1 << 13;" }, "write", 0x830, "ok; reserved bits set: #GP"],
    ["every value", { write: "return 0;" }, "write", 0x828, "ok"],
    [
      "another value is not known",
      { write: "return data == 1 ? vcpu->nobody_knows : 0;" },
      "write",
      0x828,
      "ok",
    ],
    ["refused for every value", { write: "return data != 1;" }, "write", 0x828, "#GP"],
    [
      "a state that a write leaves",
      {
        write:
          "if (vcpu->arch.apic->divide_count != 2) return 1; vcpu->arch.apic->divide_count = 3; return 0;",
        read: "return vcpu->arch.apic->divide_count != 2;",
      },
      "write",
      0x803,
      "ok",
    ],
    [
      "what both ways answer",
      { read: "if (guest_cpuid_has(vcpu, 7)) return 1; return 2;" },
      "read",
      0x802,
      "#GP",
    ],
    [
      "what two ways answer differently",
      { read: "if (guest_cpuid_has(vcpu, 7)) return 1; return 0;" },
      "read",
      0x802,
      `'guest_cpuid_has(&svm->vcpu, 7)' decides and is not known at ${LINE}`,
    ],
    ["what stops", { write: "BUG(); return 0;" }, "write", 0x802, `BUG() is reached at ${LINE + 1}`],
    [
      "what stops on one way",
      { write: "if (guest_cpuid_has(vcpu, 7)) BUG(); return 0;" },
      "write",
      0x802,
      `BUG() is reached at ${LINE + 1}`,
    ],
    [
      "a value that is not known",
      { read: "return vcpu->arch.nobody_knows;" },
      "read",
      0x802,
      `the value of svm->vcpu.arch.nobody_knows is not known at ${LINE}`,
    ],
    [
      "as many ways as are followed",
      { read: [1, 2, 3, 4].map((n) => `if (guest_cpuid_has(vcpu, ${n})) ${n};`).join(" ") + " return 0;" },
      "read",
      0x802,
      "ok",
    ],
    [
      "too many ways",
      { read: [1, 2, 3, 4, 5].map((n) => `if (guest_cpuid_has(vcpu, ${n})) ${n};`).join(" ") + " return 0;" },
      "read",
      0x802,
      "more than 16 ways at no line",
    ],
    ["the first of the range", { read: "return msr != 0x800;" }, "read", 0x800, "ok"],
    ["the last of the range", { read: "return msr != 0x8ff;" }, "read", 0x8ff, "ok"],
  ] as const) {
    it(`${title}: ${access} of 0x${msr.toString(16)}`, () => {
      assert.equal(told(emulation(functions), access, msr), answer);
    });
  }
});

describe("what cannot change an answer is skipped", () => {
  for (const name of [
    ...["apic_manage_nmi_watchdog", "apic_set_eoi", "apic_set_spiv", "apic_set_tpr", "apic_update_lvtt"],
    ...["apic_update_ppr", "cancel_apic_timer", "kvm_apic_send_ipi", "kvm_recalculate_apic_map"],
    ...["restart_apic_timer", "start_apic_timer", "update_divide_count", "update_target_expiration"],
    ...["kvm_make_request", "recalc_intercepts"],
  ]) {
    it(name, () => {
      const before = `static void ${name}(struct kvm_vcpu *vcpu) { BUG(); }`;
      const write = `if (msr == 0x808) ${name}(vcpu); return msr != 0x808;`;
      assert.equal(told(emulation({ before, write }), "write", 0x808), "ok");
    });
  }
});

describe("entries of the local vector table", () => {
  const count = (before: string) => `${STRUCTS}${before}
int kvm_x2apic_msr_read(struct kvm_vcpu *vcpu, u32 msr, u64 *data) { return vcpu->arch.apic->nr_lvt_entries != msr - 0x800; }`;
  for (const [title, before, entries] of [
    ["six where the tree does not tell", "", 6],
    ["all but the last", "enum e { A, B, C, D, KVM_APIC_MAX_NR_LVT_ENTRIES };", 3],
    ["as the tree counts", "static int kvm_apic_calc_nr_lvt_entries(struct kvm_vcpu *vcpu) { return 5; }", 5],
    [
      "of a guest without CMCI",
      "static int kvm_apic_calc_nr_lvt_entries(struct kvm_vcpu *vcpu) { return vcpu->arch.mcg_cap ? 7 : 4; }",
      4,
    ],
    [
      "where the count is not known",
      "static int kvm_apic_calc_nr_lvt_entries(struct kvm_vcpu *vcpu) { return vcpu->arch.apic_base; }",
      6,
    ],
  ] as const) {
    it(title, () => {
      const { answers } = evaluated(treeOf({ [LAPIC]: count(before) }));
      assert.deepEqual(
        answers.filter(({ guest }) => guest === "ok").map(({ msr }) => msr - 0x800),
        [entries],
      );
    });
  }
});

it("a tree without the emulation leaves every answer open", () => {
  const none = evaluated(treeOf({}));
  assert.deepEqual([none.answers.length, none.openAnswers.length], [0, 512]);
  assert.deepEqual(none.openAnswers[0], {
    msr: 0x800,
    access: "read",
    reason: "kvm_x2apic_msr_read() is not known",
    at: { file: LAPIC, line: 0 },
  });
});
