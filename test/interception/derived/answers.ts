/** Equal sets, other answers: edits of lapic.c that the guest sees where an access is intercepted. */
import { LAPIC_C, range } from "./types.ts";
import type { DerivedPatch, Expected } from "./types.ts";

type Answer = NonNullable<Expected["answers"]>[number];

function reads(msrs: readonly number[], guest: string): Answer[] {
  return msrs.map((msr) => ({ msr, access: "read", guest }));
}

function writes(msrs: readonly number[], guest: string): Answer[] {
  return msrs.map((msr) => ({ msr, access: "write", guest }));
}

/** What x2APIC mode cannot read of the first 64 MSRs. */
const UNREADABLE = [
  0x800,
  0x801,
  ...range(0x804, 0x807),
  0x809,
  0x80b,
  0x80c,
  0x80e,
  ...range(0x829, 0x82f),
  0x831,
  ...range(0x83a, 0x83d),
  0x83f,
];

const CERTAIN = [...[0x802, 0x803, 0x808, 0x80a, 0x80d, 0x80f], ...range(0x810, 0x81f), 0x830];

export const ANSWERS: readonly DerivedPatch[] = [
  {
    name: "SPIV is no longer readable",
    tree: "6.12",
    subject: "KVM: x86: Drop SPIV from the readable registers",
    edits: [{ file: LAPIC_C, find: "\t\tAPIC_REG_MASK(APIC_SPIV) |\n", replace: "" }],
    expected: { answers: reads([0x80f], "#GP") },
  },
  {
    name: "DFR is readable again",
    tree: "6.12",
    subject: "KVM: x86: Make DFR readable in x2APIC mode",
    edits: [
      { file: LAPIC_C, find: "\t\t\t\t  APIC_REG_MASK(APIC_DFR) |\n", replace: "" },
      {
        file: LAPIC_C,
        find: "\t\tAPIC_REG_MASK(APIC_SPIV) |\n",
        replace: "\t\tAPIC_REG_MASK(APIC_DFR) |\n\t\tAPIC_REG_MASK(APIC_SPIV) |\n",
      },
    ],
    expected: { answers: reads([0x80e], "ok") },
  },
  {
    name: "the old kernel no longer refuses a read of DFR",
    tree: "6.1",
    subject: "KVM: x86: Drop the special case for DFR",
    edits: [{ file: LAPIC_C, find: "\tif (reg == APIC_DFR)\n\t\treturn 1;\n\n", replace: "" }],
    expected: { answers: reads([0x80e], "ok") },
  },
  {
    name: "the readable mask is joined by &&",
    tree: "6.12",
    subject: "KVM: x86: Simplify the check for readable registers",
    edits: [
      {
        file: LAPIC_C,
        find: "!(kvm_lapic_readable_reg_mask(apic) & APIC_REG_MASK(offset)))",
        replace: "!(kvm_lapic_readable_reg_mask(apic) && APIC_REG_MASK(offset)))",
      },
    ],
    expected: { answers: reads(UNREADABLE, "ok") },
  },
  {
    name: "the mask of one register loses its width",
    tree: "6.12",
    subject: "KVM: x86: Simplify APIC_REG_MASK()",
    edits: [{ file: LAPIC_C, find: "(1ull << ((reg) >> 4))", replace: "(1 << ((reg) >> 4))" }],
    // A shift beyond the width of an int: only bits below 32 that are certainly set can be told, and
    // ICR, which takes another way.
    expected: {
      documented: { read: range(0x800, 0x83f).filter((msr) => !CERTAIN.includes(msr)) },
    },
  },
  {
    name: "CMCI is supported by everybody",
    tree: "6.12",
    subject: "KVM: x86: Allow CMCI",
    edits: [
      {
        file: LAPIC_C,
        find: "\treturn apic->nr_lvt_entries > lvt_index;",
        replace: "\treturn apic->nr_lvt_entries >= lvt_index;",
      },
    ],
    expected: { answers: [...reads([0x82f], "ok"), ...writes([0x82f], "ok")] },
  },
  {
    name: "SELF_IPI is refused in x2APIC mode",
    tree: "6.12",
    subject: "KVM: x86: Fix the mode check of SELF_IPI",
    edits: [
      {
        file: LAPIC_C,
        find: "if (!apic_x2apic_mode(apic) || (val & ~APIC_VECTOR_MASK))",
        replace: "if (apic_x2apic_mode(apic) || (val & ~APIC_VECTOR_MASK))",
      },
    ],
    expected: { answers: writes([0x83f], "#GP") },
  },
  {
    name: "a write of the ID is ignored",
    tree: "6.1",
    subject: "KVM: x86: Ignore writes of the APIC ID",
    edits: [
      {
        file: LAPIC_C,
        find: "\t\t\tkvm_lapic_xapic_id_updated(apic);\n\t\t} else {\n\t\t\tret = 1;\n\t\t}",
        replace: "\t\t\tkvm_lapic_xapic_id_updated(apic);\n\t\t}",
      },
    ],
    expected: { answers: writes([0x802], "ok") },
  },
  {
    name: "the default of the write switch falls silent",
    tree: "6.12",
    subject: "KVM: x86: Ignore writes of unknown registers",
    edits: [
      {
        file: LAPIC_C,
        find: "\tdefault:\n\t\tret = 1;\n\t\tbreak;\n\t}\n\n\t/*\n\t * Recalculate APIC maps",
        replace: "\tdefault:\n\t\tbreak;\n\t}\n\n\t/*\n\t * Recalculate APIC maps",
      },
    ],
    expected: {
      answers: writes(
        [
          0x800,
          0x801,
          ...range(0x803, 0x807),
          0x809,
          0x80a,
          0x80c,
          ...range(0x810, 0x827),
          ...range(0x829, 0x82e),
          0x839,
          ...range(0x83a, 0x83d),
          ...range(0x840, 0x8ff),
        ],
        "ok",
      ),
    },
  },
  {
    name: "the bound of the register page is lost",
    tree: "6.12",
    subject: "KVM: x86: Drop a redundant bound",
    edits: [{ file: LAPIC_C, find: "if (offset > 0x3f0 ||\n\t    !(", replace: "if (!(" }],
    // Beyond the last register the mask is shifted out of its 64 bits.
    expected: { documented: { read: range(0x840, 0x8ff) } },
  },
  {
    name: "reads and writes of the whole APIC are refused",
    tree: "6.12",
    subject: "KVM: x86: Refuse x2APIC accesses without AVIC",
    edits: [
      {
        file: LAPIC_C,
        find: "\treturn kvm_lapic_msr_write(apic, reg, data);\n}\n\nint kvm_x2apic_msr_read(",
        replace: "\treturn 1;\n}\n\nint kvm_x2apic_msr_read(",
      },
    ],
    expected: {
      answers: writes([0x808, 0x80b, 0x80f, 0x828, 0x830, ...range(0x832, 0x838), 0x83e, 0x83f], "#GP"),
    },
  },
];
