/** Looks harmless and is a change: the setters below the toggle, and the map itself. */
import { OLD_SET, SVM_C, both, range } from "./types.ts";
import type { DerivedPatch } from "./types.ts";

const STATE = "\tsvm->x2avic_msrs_intercepted = intercept;\n";

/** Where the 24 MSRs land when the offset is divided by 8 in place of 4: half as far, 16 a word. */
const HALF_WAY = [0x400, 0x402, 0x403, ...range(0x408, 0x411), ...range(0x413, 0x419), 0x41e];

export const SETTERS: readonly DerivedPatch[] = [
  {
    name: "the setter clears the read bit for a write",
    tree: "6.12",
    subject: "KVM: SVM: Clean up the MSR map's setter",
    edits: [
      {
        file: SVM_C,
        find: "\twrite ? clear_bit(bit_write, &tmp)",
        replace: "\twrite ? clear_bit(bit_read, &tmp)",
      },
    ],
    expected: { closed: { write: OLD_SET } },
  },
  {
    name: "the setter never sets a write bit",
    tree: "6.1",
    subject: "KVM: SVM: Clear write intercepts at once",
    edits: [
      {
        file: SVM_C,
        find: "\twrite ? clear_bit(bit_write, &tmp) : set_bit(bit_write, &tmp);",
        replace: "\tclear_bit(bit_write, &tmp);",
      },
    ],
    expected: { deactivated: { write: OLD_SET } },
  },
  {
    name: "the setter has the other polarity",
    tree: "6.12",
    subject: "KVM: SVM: Let the setter's arguments mean intercept",
    edits: [
      {
        file: SVM_C,
        find: "\tread  ? clear_bit(bit_read,  &tmp) : set_bit(bit_read,  &tmp);",
        replace: "\tread  ? set_bit(bit_read,  &tmp) : clear_bit(bit_read,  &tmp);",
      },
    ],
    expected: { closed: { read: OLD_SET }, deactivated: { read: OLD_SET } },
  },
  {
    name: "the offset counts eight MSRs a byte",
    tree: "6.12",
    subject: "KVM: SVM: Fix the offset into the MSR map",
    edits: [
      {
        file: SVM_C,
        find: "offset  = (msr - msrpm_ranges[i]) / 4; /* 4 msrs per u8 */",
        replace: "offset  = (msr - msrpm_ranges[i]) / 8;",
      },
    ],
    expected: { closed: both(OLD_SET), outside: both(HALF_WAY) },
  },
  {
    name: "the setter returns before it reaches the map",
    tree: "6.12",
    subject: "KVM: SVM: Skip MSRs that need no update",
    edits: [
      {
        file: SVM_C,
        find: "\tset_shadow_msr_intercept(vcpu, msr, read, write);\n\tset_msr",
        replace:
          "\tset_shadow_msr_intercept(vcpu, msr, read, write);\n\tif (msr == 0x830)\n\t\treturn;\n\tset_msr",
      },
    ],
    expected: { closed: both([0x830]) },
  },
  {
    name: "the toggle writes the map itself",
    tree: "6.12",
    subject: "KVM: SVM: Open the first x2APIC registers at once",
    edits: [
      {
        file: SVM_C,
        find: STATE,
        replace: `\tsvm->msrpm[APIC_BASE_MSR / 16] = intercept ? ~0U : 0;\n\n${STATE}`,
      },
    ],
    expected: { opened: both([0x800, 0x801, ...range(0x804, 0x807)]) },
  },
  {
    name: "the toggle opens one read bit of the map",
    tree: "6.1",
    subject: "KVM: SVM: Open the read of LVTT",
    edits: [
      {
        file: SVM_C,
        find: STATE,
        replace:
          "\tif (!intercept)\n\t\tclear_bit(2 * X2APIC_MSR(APIC_LVTT), (unsigned long *)svm->msrpm);\n" +
          `\telse\n\t\tset_bit(2 * X2APIC_MSR(APIC_LVTT), (unsigned long *)svm->msrpm);\n\n${STATE}`,
      },
    ],
    expected: { opened: { read: [0x832] } },
  },
  {
    name: "the toggle copies a helper's answer that no file has",
    tree: "6.12",
    subject: "KVM: SVM: Let the CPU say what it accelerates",
    edits: [
      {
        file: SVM_C,
        find: STATE,
        replace: `\tsvm->msrpm[APIC_BASE_MSR / 16 + 4] = x2avic_hw_mask(intercept);\n\n${STATE}`,
      },
    ],
    expected: { undetermined: /x2avic_hw_mask/ },
  },
];
