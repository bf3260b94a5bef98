/** Sets, conditions and what decided them, in trees of a few lines. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import type { NoSets, SetsOfTree } from "../../src/interception/evaluate-sets.ts";
import { fixtureTree } from "./kernels.ts";
import { AVIC, CLOSE, OPEN, STRUCTS, setsOf, tinyTree, treeOf } from "./tiny.ts";
import type { Parts } from "./tiny.ts";

const LINE = STRUCTS.split("\n").length;

function told(parts: Parts): SetsOfTree {
  const result = setsOf(tinyTree(parts));
  assert.ok(result.ok, result.ok ? "" : result.reason);
  return result;
}

function refused(parts: Parts): NoSets {
  const result = setsOf(tinyTree(parts));
  assert.ok(!result.ok);
  return result;
}

const opened = (msr: number, bit = 1) => `__clear_bit(${msr} * 2 + ${bit}, svm->msrpm);`;

describe("conditions", () => {
  for (const { name, before = "", activate, ways, usual } of [
    { name: "none", activate: OPEN, ways: [], usual: [0x808] },
    {
      name: "a parameter that is off",
      before: "static bool wanted = false;",
      activate: `if (wanted) ${OPEN}`,
      ways: ["wanted: 2056", "!wanted: "],
      usual: [],
    },
    {
      name: "a parameter that is on",
      before: "static bool wanted = true;",
      activate: `if (!wanted) return; ${OPEN}`,
      ways: ["wanted: 2056", "!wanted: "],
      usual: [0x808],
    },
    {
      name: "two",
      before: "static int level = 2;",
      activate: `if (level > 1 && boot_cpu_has(17)) ${OPEN}`,
      ways: ["1 < level and boot_cpu_has(17): 2056", "1 < level and !boot_cpu_has(17): ", "!(1 < level): "],
      usual: [0x808],
    },
    {
      name: "two, of which the default way fulfils one",
      before: "static bool a = true; static bool b = false;",
      activate: `if (a) { if (b) ${opened(0x80b)} else ${OPEN} }`,
      ways: ["a and b: 2059", "a and !b: 2056", "!a: "],
      usual: [0x808],
    },
    {
      name: "one that decides about nothing",
      activate: `if (boot_cpu_has(7)) svm->nobody_knows = 1; ${OPEN}`,
      ways: [],
      usual: [0x808],
    },
    {
      name: "one that decides about another scenario alone",
      before: "static bool x2avic_enabled;",
      activate: `if (x2avic_enabled || boot_cpu_has(7)) ${OPEN}`,
      ways: ["boot_cpu_has(7): 2056", "!boot_cpu_has(7): 2056"],
      usual: [0x808],
    },
    {
      name: "one that decides about an MSR beyond the range alone",
      activate: `${OPEN} if (boot_cpu_has(7)) ${opened(0x900)}`,
      ways: ["boot_cpu_has(7): 2056", "!boot_cpu_has(7): 2056"],
      usual: [0x808],
    },
    {
      name: "one whose other way is BUG()",
      activate: `if (boot_cpu_has(7)) BUG(); ${OPEN}`,
      ways: [],
      usual: [0x808],
    },
    {
      name: "one that several vCPUs ask for",
      activate: `if (boot_cpu_has(7)) ${OPEN} else ${opened(0x80b)}`,
      ways: ["boot_cpu_has(7): 2056", "!boot_cpu_has(7): 2059"],
      usual: [0x808],
    },
  ]) {
    it(name, () => {
      const { conditions, sets } = told({ before, activate });
      assert.deepEqual(
        conditions.map(({ when, sets: { active } }) => `${when}: ${active.write.join(" ")}`),
        ways,
      );
      assert.deepEqual(sets.active.write, usual);
      assert.ok(conditions.every(({ at }) => at?.file === AVIC && at.line === LINE));
    });
  }
});

describe("why no set is told", () => {
  const at = { file: AVIC, line: LINE };
  const asked = (count: number) =>
    Array.from({ length: count }, (_, n) => `if (boot_cpu_has(${n})) ${opened(0x802 + n)}`).join(" ");
  for (const { name, activate, reason, place } of [
    {
      name: "BUG() on every way",
      activate: "if (boot_cpu_has(7)) BUG(); BUG();",
      reason: "BUG() is reached",
      place: at,
    },
    { name: "BUG() without a condition", activate: "BUG();", reason: "BUG() is reached", place: at },
    { name: "no end", activate: "for (;;) ;", reason: "more than N steps", place: at },
    {
      name: "no end on one way",
      activate: `${OPEN} if (boot_cpu_has(7)) for (;;) ;`,
      reason: "more than N steps",
      place: at,
    },
    {
      name: "more ways than are followed",
      activate: asked(7),
      reason: "more than 32 ways through what is not known",
      place: at,
    },
    {
      name: "a value that is not known",
      activate: "*(u32 *)(svm->msrpm + 0x200) = svm->nobody_knows;",
      reason: "the permission map holds svm->nobody_knows, which is not known",
      place: at,
    },
    {
      name: "two bytes that are not known",
      activate: "*(u16 *)(svm->msrpm + 0x202) = (u16)svm->vcpu.arch.apic->nobody_knows;",
      reason: "the permission map holds apic->nobody_knows, which is not known",
      place: at,
    },
    {
      name: "a function that is not there and may set",
      activate: "x2avic_setup(svm);",
      reason: "x2avic_setup() is not to be found in the tree",
      place: at,
    },
    {
      name: "a function of any name, where nobody else sets",
      activate: "somewhere_else(svm);",
      reason: "somewhere_else() is not to be found in the tree",
      place: at,
    },
    {
      name: "a function that is given the map",
      activate: `${OPEN} set_msrs(svm->msrpm);`,
      reason: "the permission map holds msrpm@0:1 after set_msrs(), which is not known",
      place: { file: AVIC, line: 0 },
    },
    {
      name: "a function that is given the generic vCPU",
      activate: `${OPEN} update_intercepts(1, &svm->vcpu);`,
      reason: "update_intercepts() is not to be found in the tree",
      place: at,
    },
    {
      name: "a function on one way",
      activate: `${OPEN} if (boot_cpu_has(7)) set_msrs(svm);`,
      reason: "set_msrs() is not to be found in the tree",
      place: at,
    },
  ]) {
    it(name, () => {
      const found = refused({ activate, deactivate: "" });
      assert.deepEqual([found.reason.replace(/\d{5,}/, "N"), found.place], [reason, place]);
    });
  }

  it("no entry point", () => {
    assert.deepEqual(setsOf(treeOf({ [AVIC]: STRUCTS })), {
      ok: false,
      reason:
        "no avic_activate_vmcb() and avic_deactivate_vmcb() under arch/x86/kvm/svm, nor anything that calls a function which toggles x2APIC MSRs",
      place: null,
    });
  });

  it("a file beyond what is read", () => {
    const result = setsOf(treeOf({ [AVIC]: " ".repeat(1_000_001) }));
    assert.ok(!result.ok);
    assert.equal(result.place?.file, AVIC);
    assert.match(result.reason, /1000001|1000000|bytes|long|large/);
  });
});

describe("functions that are not there and do not matter", () => {
  for (const activate of [
    `${OPEN} flush(svm);`,
    `${OPEN} set_msrs(7);`,
    `${OPEN} set_msrs(svm->vcpu.arch.apic);`,
    "kvm_make_request(1, &svm->vcpu);",
    "recalc_intercepts(svm);",
  ]) {
    it(activate, () => assert.ok(setsOf(tinyTree({ activate, deactivate: "" })).ok));
  }
});

describe("several candidates for activation", () => {
  const hook = (body: string) =>
    `void avic_refresh_virtual_apic_mode(struct kvm_vcpu *vcpu) { struct vcpu_svm *svm = container_of(vcpu, struct vcpu_svm, vcpu); ${body} }\n`;
  const calls = "avic_activate_vmcb(svm); avic_deactivate_vmcb(svm);";
  const before =
    "static void avic_activate_vmcb(struct vcpu_svm *svm); static void avic_deactivate_vmcb(struct vcpu_svm *svm);\n";
  const pair = "avic_activate_vmcb avic_deactivate_vmcb";
  const both = "avic_refresh_virtual_apic_mode avic_refresh_virtual_apic_mode";
  for (const { name, parts, entries, write } of [
    { name: "the pair", parts: { before: before + hook(calls) }, entries: pair, write: [0x808] },
    {
      name: "the hook, where the pair leaves the map alone",
      parts: { before: before + hook(`${calls} ${opened(0x80b)}`), activate: "", deactivate: "" },
      entries: both,
      write: [0x80b],
    },
    {
      name: "the pair, where nobody touches the map",
      parts: { before: before + hook(calls), activate: "", deactivate: "" },
      entries: pair,
      write: [],
    },
    {
      name: "the hook, where the pair cannot be evaluated",
      parts: {
        before: before + hook(`if (svm->vcpu.arch.apic->divide_count != 2) { ${calls} } ${opened(0x80b)}`),
        activate: "",
        deactivate: "",
      },
      entries: both,
      write: [0x80b],
    },
  ]) {
    it(name, () => {
      const { entries: found, sets } = told(parts);
      assert.equal(`${found.activate} ${found.deactivate}`, entries);
      assert.deepEqual(sets.active.write, write);
    });
  }

  it("the first reason, where none can be evaluated", () => {
    const { reason } = refused({ before: before + hook(`${calls} x2avic_more(svm);`), activate: "BUG();" });
    assert.equal(reason, "BUG() is reached");
  });

  it("what can be evaluated without touching the map goes before a reason", () => {
    const parts = { before: before + hook(""), activate: "x2avic_setup(svm);", deactivate: "" };
    const withHook = told({ ...parts, before: before + hook("") });
    assert.equal(withHook.entries.activate, "avic_refresh_virtual_apic_mode");
  });
});

describe("what decided", () => {
  const provenance = (parts: Parts) =>
    told(parts)
      .provenance.filter(({ at }) => at !== null)
      .map(({ scenario, msr, access, passed, at, chain }) =>
        [
          scenario,
          msr.toString(16),
          access,
          passed,
          `${at?.line}`,
          chain.map((link) => `${link.function}:${link.line}`).join(" "),
        ].join(" "),
      );

  it("is a line for each scenario", () => {
    const [on, off] = [`${LINE} avic_activate_vmcb:${LINE}`, `${LINE + 1} avic_deactivate_vmcb:${LINE + 1}`];
    assert.deepEqual(provenance({}), [
      `active 808 write true ${on}`,
      `deactivated 808 write false ${off}`,
      `not-x2avic 808 write true ${on}`,
    ]);
  });

  it("is who left it open, where a scenario has several readings", () => {
    const deactivate = `if (svm->vcpu.arch.apic_base & 0x400) { ${CLOSE} }`;
    assert.ok(
      provenance({ deactivate }).includes(`deactivated 808 write true ${LINE} avic_activate_vmcb:${LINE}`),
    );
  });

  it("names every access of every scenario", () => {
    assert.equal(told({}).provenance.length, 3 * 512);
  });
});

describe("accesses beyond the range", () => {
  it("are told by scenario, each once, of all ways", () => {
    const { outside } = told({
      activate: `if (boot_cpu_has(7)) ${opened(0x900)} else { ${opened(0x900)} ${opened(0x901, 0)} }`,
      deactivate: "__set_bit(0x900 * 2 + 1, svm->msrpm); __set_bit(0x901 * 2, svm->msrpm);",
    });
    assert.deepEqual(
      outside.map(({ scenario, msr, access }) => `${scenario} ${msr.toString(16)} ${access}`),
      ["active 900 write", "not-x2avic 900 write", "active 901 read", "not-x2avic 901 read"],
    );
  });
});

describe("a whole tree", () => {
  it("names its entries, its traps and the files it rests on", () => {
    const result = evaluateKernel(fixtureTree("6.18"));
    assert.ok(result.ok);
    const { entries, unaccelerated, filesRead } = result.behaviour;
    assert.deepEqual(entries, { activate: "avic_activate_vmcb", deactivate: "avic_deactivate_vmcb" });
    assert.deepEqual(
      unaccelerated.helpers.map(({ msr, name }) => [msr, name]),
      [
        [0x80d, "avic_handle_ldr_update"],
        [0x80e, "avic_handle_dfr_update"],
      ],
    );
    assert.equal(unaccelerated.trap.length, 16);
    assert.deepEqual(
      filesRead.filter((path) => path.startsWith("arch/x86/kvm/")),
      [
        ...[
          "arch/x86/kvm/lapic.c",
          "arch/x86/kvm/lapic.h",
          "arch/x86/kvm/svm/avic.c",
          "arch/x86/kvm/svm/svm.c",
        ],
        ...["arch/x86/kvm/svm/svm.h", "arch/x86/kvm/x86.c", "arch/x86/kvm/x86.h"],
      ],
    );
  });

  it("names the files in order", () => {
    const [lapic, header] = ["arch/x86/kvm/lapic.c", "arch/x86/kvm/irq.h"];
    const result = evaluateKernel(tinyTree({ files: { [lapic]: '#include "irq.h"\n', [header]: "\n" } }));
    assert.ok(result.ok);
    assert.deepEqual(result.behaviour.filesRead, [header, lapic, AVIC]);
  });

  it("names the files that a refusal rests on", () => {
    const result = evaluateKernel(tinyTree({ activate: "BUG();" }));
    assert.ok(!result.ok);
    assert.deepEqual([result.reason, result.filesRead], ["BUG() is reached", [AVIC]]);
  });
});
