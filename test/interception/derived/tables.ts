/** Looks harmless and is a change: the table, its macros, the loop over it. */
import { LAPIC_C, OLD_SET, SVM_C, SVM_H, both, range } from "./types.ts";
import type { DerivedPatch, Edit } from "./types.ts";

const ARRAY_49: Edit = {
  file: SVM_H,
  find: "#define MAX_DIRECT_ACCESS_MSRS\t48",
  replace: "#define MAX_DIRECT_ACCESS_MSRS\t49",
};
const SENTINEL = "\t{ .index = MSR_INVALID,\t\t\t\t.always = false },\n};\n\n/*\n * These 2";

/** The edit that puts `entry` at the end of the table. */
function addEntry(entry: string): Edit {
  return { file: SVM_C, find: SENTINEL, replace: `\t{ .index = ${entry}, .always = false },\n${SENTINEL}` };
}

/** The edit that writes another expression for the entry of register `name`. */
function changeEntry(name: string, expression: string): Edit {
  return {
    file: SVM_C,
    find: `{ .index = X2APIC_MSR(APIC_${name}),`,
    replace: `{ .index = ${expression},`,
  };
}

function dropEntry(name: string, tabs = "\t\t"): Edit {
  const entry = `\t{ .index = X2APIC_MSR(APIC_${name}),${tabs}.always = false },\n`;
  return { file: SVM_C, find: entry, replace: "" };
}

const MACRO = "#define X2APIC_MSR(x)\t(APIC_BASE_MSR + (x >> 4))";
const LOOP_ALL =
  "\tfor (i = 0; i < MAX_DIRECT_ACCESS_MSRS; i++) {\n" +
  "\t\tint index = direct_access_msrs[i].index;\n\n" +
  "\t\tif ((index < APIC_BASE_MSR) ||\n\t\t    (index > APIC_BASE_MSR + 0xff))\n\t\t\tcontinue;\n";

/** The toggle walks over all MSRs up to `end`, which the comparison includes or not. */
function rangeLoop(comparison: string): Edit {
  return {
    file: SVM_C,
    find: LOOP_ALL,
    replace:
      "\tfor (i = X2APIC_MSR(APIC_ID); i " +
      `${comparison} X2APIC_MSR(APIC_SELF_IPI); i++) {\n\t\tint index = i;\n\n`,
  };
}

const NOT_OLD_BELOW_SELF_IPI = range(0x802, 0x83e).filter((msr) => !OLD_SET.includes(msr));

/** Without the shift the first ten entries name these MSRs, all others lie outside the range. */
const WITHOUT_SHIFT = [0x820, 0x830, 0x880, 0x890, 0x8a0, 0x8b0, 0x8c0, 0x8d0, 0x8e0, 0x8f0];

export const TABLES: readonly DerivedPatch[] = [
  {
    name: "an entry is dropped",
    tree: "6.12",
    subject: "KVM: SVM: Drop ESR from the x2AVIC MSRs",
    edits: [dropEntry("ESR")],
    expected: { closed: both([0x828]) },
  },
  {
    name: "an entry is dropped from the old kernel",
    tree: "6.1",
    subject: "KVM: SVM: Keep intercepting the timer's count",
    edits: [dropEntry("TMCCT")],
    expected: { closed: both([0x839]) },
  },
  {
    name: "two entries are dropped",
    tree: "6.12",
    subject: "KVM: SVM: Drop registers x2APIC mode does not have",
    edits: [dropEntry("DFR"), dropEntry("ICR2")],
    expected: { closed: both([0x80e, 0x831]) },
  },
  {
    name: "LVTT is added",
    tree: "6.12",
    subject: "KVM: SVM: Pass through LVTT with x2AVIC",
    edits: [ARRAY_49, addEntry("X2APIC_MSR(APIC_LVTT)")],
    expected: { opened: both([0x832]) },
  },
  {
    name: "SELF_IPI is added",
    tree: "6.12",
    subject: "KVM: SVM: Pass through SELF_IPI with x2AVIC",
    edits: [ARRAY_49, addEntry("X2APIC_MSR(APIC_SELF_IPI)")],
    expected: { opened: both([0x83f]) },
  },
  {
    name: "an entry names the MSR by its number",
    tree: "6.12",
    subject: "KVM: SVM: Pass through the second ISR word",
    edits: [ARRAY_49, addEntry("0x811")],
    expected: { opened: both([0x811]) },
  },
  {
    name: "the shift is lost",
    tree: "6.12",
    subject: "KVM: SVM: Simplify X2APIC_MSR()",
    edits: [{ file: SVM_C, find: MACRO, replace: "#define X2APIC_MSR(x)\t(APIC_BASE_MSR + x)" }],
    expected: {
      opened: both(WITHOUT_SHIFT.filter((msr) => !OLD_SET.includes(msr))),
      closed: both(OLD_SET.filter((msr) => !WITHOUT_SHIFT.includes(msr))),
    },
  },
  {
    name: "the shift is lost in the old kernel",
    tree: "6.1",
    subject: "KVM: SVM: Simplify X2APIC_MSR()",
    edits: [{ file: SVM_C, find: MACRO, replace: "#define X2APIC_MSR(x)\t(APIC_BASE_MSR + (x))" }],
    expected: {
      opened: both(WITHOUT_SHIFT.filter((msr) => !OLD_SET.includes(msr))),
      closed: both(OLD_SET.filter((msr) => !WITHOUT_SHIFT.includes(msr))),
    },
  },
  {
    name: "the shift counts one too many",
    tree: "6.12",
    subject: "KVM: SVM: Use the right shift for x2APIC registers",
    edits: [{ file: SVM_C, find: MACRO, replace: "#define X2APIC_MSR(x)\t(APIC_BASE_MSR + (x >> 5))" }],
    // Offsets 0x20..0x3e0 by 32: pairs of neighbours share an MSR.
    expected: {
      opened: both([0x801, 0x804, 0x805, 0x806, 0x807, 0x814, 0x819, 0x81a, 0x81b, 0x81c, 0x81f]),
      closed: both([
        0x802, 0x803, 0x809, 0x80a, 0x80b, 0x80d, 0x80e, 0x80f, 0x820, 0x828, 0x830, 0x831, 0x833, 0x834,
        0x835, 0x836, 0x837, 0x838, 0x839, 0x83e,
      ]),
    },
  },
  {
    name: "a macro argument without parentheses: an or binds after the shift",
    tree: "6.12",
    subject: "KVM: SVM: Pass through ID and its neighbour",
    // APIC_ID | 0x10 >> 4 is 0x20 | 1.
    edits: [changeEntry("ID", "X2APIC_MSR(APIC_ID | 0x10)")],
    expected: { opened: both([0x821]), closed: both([0x802]) },
  },
  {
    name: "a macro argument without parentheses: a conditional leaves the range",
    tree: "6.12",
    subject: "KVM: SVM: Choose the error register",
    // (0x800 + (1 ? 0x280 : 0 >> 4)) is 0xa80.
    edits: [changeEntry("ESR", "X2APIC_MSR(1 ? APIC_ESR : 0)")],
    expected: { closed: both([0x828]) },
  },
  {
    name: "a sum as macro argument is right even without parentheses",
    tree: "6.12",
    subject: "KVM: SVM: Write the in-service word as a sum",
    edits: [changeEntry("ISR", "X2APIC_MSR(APIC_ISR + 0x10)")],
    expected: { opened: both([0x811]), closed: both([0x810]) },
  },
  {
    name: "the loop goes over the range, its end excluded",
    tree: "6.12",
    subject: "KVM: SVM: Pass through all x2APIC registers",
    edits: [rangeLoop("<")],
    expected: { opened: both(NOT_OLD_BELOW_SELF_IPI) },
  },
  {
    name: "the loop goes over the range, its end included",
    tree: "6.12",
    subject: "KVM: SVM: Pass through all x2APIC registers",
    edits: [rangeLoop("<=")],
    expected: { opened: both([...NOT_OLD_BELOW_SELF_IPI, 0x83f]) },
  },
  {
    name: "the loop runs one entry too far",
    tree: "6.12",
    subject: "KVM: SVM: Visit all entries",
    edits: [
      {
        file: SVM_C,
        find: "for (i = 0; i < MAX_DIRECT_ACCESS_MSRS; i++) {",
        replace: "for (i = 0; i <= MAX_DIRECT_ACCESS_MSRS; i++) {",
      },
    ],
    expected: { undetermined: /svm\.c/ },
  },
  {
    name: "the range ends early",
    tree: "6.12",
    subject: "KVM: SVM: Tighten the x2APIC range",
    edits: [
      { file: SVM_C, find: "(index > APIC_BASE_MSR + 0xff))", replace: "(index > APIC_BASE_MSR + 0x30))" },
    ],
    expected: { closed: both(OLD_SET.filter((msr) => msr > 0x830)) },
  },
  {
    name: "the range check uses && for ||",
    tree: "6.12",
    subject: "KVM: SVM: Fix the x2APIC range check",
    edits: [
      { file: SVM_C, find: "if ((index < APIC_BASE_MSR) ||", replace: "if ((index < APIC_BASE_MSR) &&" },
    ],
    // Nothing is skipped: every entry of the table is toggled, even the end marker, which has no place in the map.
    expected: { undetermined: /svm\.c/ },
  },
  {
    name: "the upper bound is compared as unsigned",
    tree: "6.12",
    subject: "KVM: SVM: Compare MSR numbers as unsigned",
    edits: [
      {
        file: SVM_C,
        find: "\t\tint index = direct_access_msrs[i].index;",
        replace: "\t\tu32 index = direct_access_msrs[i].index;",
      },
    ],
    expected: {},
  },
  {
    name: "an entry is compiled only for another configuration",
    tree: "6.12",
    subject: "KVM: SVM: Pass through the divider on 32-bit kernels only",
    edits: [
      {
        file: SVM_C,
        find: "\t{ .index = X2APIC_MSR(APIC_TDCR),\t\t.always = false },\n",
        replace: "#ifndef CONFIG_X86_64\n\t{ .index = X2APIC_MSR(APIC_TDCR),\t\t.always = false },\n#endif\n",
      },
    ],
    expected: { closed: both([0x83e]) },
  },
  {
    name: "a register's offset changes in the shared header",
    tree: "6.12",
    subject: "x86/apic: Correct the offset of the error register",
    edits: [
      {
        file: "arch/x86/include/asm/apicdef.h",
        find: "#define\tAPIC_ESR\t0x280",
        replace: "#define\tAPIC_ESR\t0x290",
      },
    ],
    expected: {
      opened: both([0x829]),
      closed: both([0x828]),
      answers: [
        { msr: 0x828, access: "read", guest: "#GP" },
        { msr: 0x829, access: "read", guest: "ok" },
        { msr: 0x828, access: "write", guest: "#GP" },
        { msr: 0x829, access: "write", guest: "ok" },
      ],
    },
  },
  {
    name: "reads follow the mask of readable registers",
    tree: "6.12",
    subject: "KVM: SVM: Pass through reads of what KVM emulates",
    edits: [
      {
        file: SVM_C,
        find: `${LOOP_ALL}\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index,\n\t\t\t\t     !intercept, !intercept);\n\t}\n`,
        replace:
          "\tu64 mask = kvm_lapic_readable_reg_mask(svm->vcpu.arch.apic) & ~BIT_ULL(APIC_TMCCT >> 4);\n\n" +
          "\tfor_each_set_bit(i, (unsigned long *)&mask, BITS_PER_TYPE(mask))\n" +
          "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, APIC_BASE_MSR + i, !intercept, 0);\n" +
          "\tset_msr_interception(&svm->vcpu, svm->msrpm, X2APIC_MSR(APIC_TASKPRI), !intercept, !intercept);\n" +
          "\tset_msr_interception(&svm->vcpu, svm->msrpm, X2APIC_MSR(APIC_ICR), !intercept, !intercept);\n",
      },
    ],
    expected: {
      opened: { read: [...range(0x811, 0x817), ...range(0x819, 0x81f), ...range(0x821, 0x827), 0x832] },
      closed: {
        read: [0x809, 0x80b, 0x80c, 0x80e, 0x831, 0x839],
        write: OLD_SET.filter((msr) => msr !== 0x808 && msr !== 0x830),
      },
    },
  },
  {
    name: "reads follow the mask, one word of the in-service register too few",
    tree: "6.12",
    subject: "KVM: SVM: Pass through reads of what KVM emulates",
    edits: [
      {
        file: LAPIC_C,
        find: "APIC_REGS_MASK(APIC_ISR, APIC_ISR_NR)",
        replace: "APIC_REGS_MASK(APIC_ISR, 1)",
      },
      {
        file: SVM_C,
        find: `${LOOP_ALL}\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index,\n\t\t\t\t     !intercept, !intercept);\n\t}\n`,
        replace:
          "\tu64 mask = kvm_lapic_readable_reg_mask(svm->vcpu.arch.apic);\n\n" +
          "\tfor_each_set_bit(i, (unsigned long *)&mask, 64)\n" +
          "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, APIC_BASE_MSR + i, !intercept, 0);\n",
      },
    ],
    expected: {
      opened: { read: [...range(0x819, 0x81f), ...range(0x821, 0x827), 0x832] },
      closed: { read: [0x809, 0x80b, 0x80c, 0x80e, 0x831], write: OLD_SET },
      answers: range(0x811, 0x817).map((msr) => ({ msr, access: "read", guest: "#GP" })),
    },
  },
];
