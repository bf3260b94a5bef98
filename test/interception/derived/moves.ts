/** Code that is renamed or moves between files, and does what it did. */
import {
  LOOP_FILTER,
  TOGGLE_HEAD,
  PROTOTYPE,
  ENTRIES,
  ENTRY_FUNCTION,
  RENAMED,
  SHARED_TABLE,
  OWN_TABLE_LOOP,
} from "./toggle.ts";
import { AVIC_C, NESTED_C, SVM_C, SVM_H } from "./types.ts";
import type { DerivedPatch } from "./types.ts";

export const MOVES: readonly DerivedPatch[] = [
  {
    name: "the toggle is renamed",
    tree: "6.12",
    subject: "KVM: SVM: Give the x2AVIC toggle a shorter name",
    edits: RENAMED,
    expected: {},
  },
  {
    name: "the toggle moves to another file",
    tree: "6.12",
    subject: "KVM: SVM: Move the x2AVIC toggle to avic.c",
    edits: [
      ...SHARED_TABLE,
      {
        file: SVM_C,
        from: TOGGLE_HEAD,
        to: "svm->x2avic_msrs_intercepted = intercept;\n}\n",
        into: AVIC_C,
        before: "static void avic_activate_vmcb(",
      },
    ],
    expected: {},
  },
  {
    name: "the table is reached through extern from its new file",
    tree: "6.12",
    subject: "KVM: SVM: Keep the x2AVIC MSRs in a file of their own",
    edits: [
      OWN_TABLE_LOOP,
      {
        file: SVM_H,
        find: PROTOTYPE,
        replace: "extern const u32 x2avic_msrs[];\nextern const unsigned int x2avic_nr_msrs;\n" + PROTOTYPE,
      },
      {
        file: "arch/x86/kvm/svm/x2avic_msrs.c",
        create:
          '#include <linux/kvm_host.h>\n#include "svm.h"\n\n' +
          "#define X2APIC_MSR(r) (APIC_BASE_MSR + ((r) >> 4))\n\n" +
          `const u32 x2avic_msrs[] = {\n${ENTRIES}};\n` +
          "const unsigned int x2avic_nr_msrs = ARRAY_SIZE(x2avic_msrs);\n",
      },
    ],
    expected: {},
  },
  {
    name: "the table is kept in nested.c",
    tree: "6.1",
    subject: "KVM: SVM: Keep the x2AVIC MSRs beside the nested code",
    edits: [
      OWN_TABLE_LOOP,
      {
        file: SVM_H,
        find: PROTOTYPE,
        replace: `extern const u32 x2avic_msrs[];\nextern const int x2avic_nr_msrs;\n${PROTOTYPE}`,
      },
      {
        file: NESTED_C,
        find: '#include "hyperv.h"\n',
        replace:
          '#include "hyperv.h"\n\n#define X2APIC_MSR(r) (APIC_BASE_MSR + ((r) >> 4))\n\n' +
          `const u32 x2avic_msrs[] = {\n${ENTRIES}};\n` +
          "const int x2avic_nr_msrs = sizeof(x2avic_msrs) / sizeof(x2avic_msrs[0]);\n",
      },
    ],
    expected: {},
  },
  {
    name: "the table moves into the function",
    tree: "6.12",
    subject: "KVM: SVM: List the x2AVIC MSRs where they are used",
    edits: ENTRY_FUNCTION,
    expected: {},
  },
  {
    name: "the range check becomes a helper in another file",
    tree: "6.12",
    subject: "KVM: SVM: Share the x2APIC range check",
    edits: [
      { file: SVM_C, find: LOOP_FILTER, replace: "\t\tif (!avic_is_x2apic_msr(index))\n\t\t\tcontinue;\n" },
      { file: SVM_H, find: PROTOTYPE, replace: `bool avic_is_x2apic_msr(u32 msr);\n${PROTOTYPE}` },
      {
        file: AVIC_C,
        find: "static void avic_activate_vmcb(",
        replace:
          "bool avic_is_x2apic_msr(u32 msr)\n{\n\tswitch (msr) {\n" +
          "\tcase APIC_BASE_MSR ... APIC_BASE_MSR + 0xff:\n\t\treturn true;\n\tdefault:\n" +
          "\t\treturn false;\n\t}\n}\n\nstatic void avic_activate_vmcb(",
      },
    ],
    expected: {},
  },
  {
    name: "activation and deactivation are renamed",
    tree: "6.12",
    subject: "KVM: SVM: Give AVIC's activation better names",
    edits: [
      ...["(struct vcpu_svm *svm)\n{", "(svm);\n\telse\n", "(svm);\n\t} else {"].map((after) => {
        return {
          file: AVIC_C,
          find: `avic_activate_vmcb${after}`,
          replace: `avic_turn_on${after}`,
        };
      }),
      ...["(struct vcpu_svm *svm)\n{", "(svm);\n}\n\n", "(svm);\n\t}\n"].map((after) => {
        return {
          file: AVIC_C,
          find: `avic_deactivate_vmcb${after}`,
          replace: `avic_turn_off${after}`,
        };
      }),
    ],
    expected: {},
  },
  {
    name: "the macro moves to the header and gets its parentheses",
    tree: "6.12",
    subject: "KVM: SVM: Move X2APIC_MSR() to svm.h",
    edits: [
      { file: SVM_C, find: "#define X2APIC_MSR(x)\t(APIC_BASE_MSR + (x >> 4))\n\n", replace: "" },
      {
        file: SVM_H,
        find: PROTOTYPE,
        replace: `#define X2APIC_MSR(r) (APIC_BASE_MSR + ((r) >> 4))\n\n${PROTOTYPE}`,
      },
    ],
    expected: {},
  },
];
