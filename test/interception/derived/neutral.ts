/** Looks like a change and is none: every set, every answer stays as it was. */
import { LOOP_HEAD, LOOP_CALL, LOOP, TOGGLE_HEAD, PROTOTYPE, SETTER_PROTOTYPE } from "./toggle.ts";
import { AVIC_C, LAPIC_C, SVM_C, SVM_H } from "./types.ts";
import type { DerivedPatch } from "./types.ts";

export const NEUTRAL: readonly DerivedPatch[] = [
  {
    name: "the setter has the opposite polarity and its argument is negated",
    tree: "6.12",
    subject: "KVM: SVM: Let the x2AVIC toggle say what is intercepted",
    edits: [
      { file: SVM_C, find: TOGGLE_HEAD, replace: SETTER_PROTOTYPE + TOGGLE_HEAD },
      {
        file: SVM_C,
        find: LOOP_CALL,
        replace: "svm_set_intercept_for_msr(&svm->vcpu, index, MSR_TYPE_RW, intercept);",
      },
      {
        file: SVM_H,
        find: PROTOTYPE,
        replace: `#define MSR_TYPE_R\t1\n#define MSR_TYPE_W\t2\n#define MSR_TYPE_RW\t3\n\n${PROTOTYPE}`,
      },
    ],
    expected: {},
  },
  {
    name: "both single setters stand in an if and an else",
    tree: "6.1",
    subject: "KVM: SVM: Split the x2AVIC toggle by direction",
    edits: [
      {
        file: SVM_C,
        find: LOOP_CALL,
        replace:
          "if (intercept)\n\t\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index, 0, 0);\n" +
          "\t\telse\n\t\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index, 1, 1);",
      },
    ],
    expected: {},
  },
  {
    name: "ARRAY_SIZE takes the place of the constant",
    tree: "6.12",
    subject: "KVM: SVM: Bound the x2AVIC loop by the table",
    edits: [
      {
        file: SVM_C,
        find: LOOP_HEAD,
        replace: "for (i = 0; i < ARRAY_SIZE(direct_access_msrs); i++) {",
      },
    ],
    expected: {},
  },
  {
    name: "the sentinel ends the loop",
    tree: "6.1",
    subject: "KVM: SVM: Stop the x2AVIC loop at the end marker",
    edits: [
      {
        file: SVM_C,
        find: LOOP_HEAD,
        replace: "for (i = 0; direct_access_msrs[i].index != MSR_INVALID; i++) {",
      },
    ],
    expected: {},
  },
  {
    name: "the loop body becomes a helper with table and length as arguments",
    tree: "6.12",
    subject: "KVM: SVM: Extract the x2AVIC loop",
    edits: [
      {
        file: SVM_C,
        find: TOGGLE_HEAD,
        replace:
          "static void toggle_msrs(struct vcpu_svm *svm, const struct svm_direct_access_msrs *msrs,\n" +
          "\t\t\tunsigned int n, bool allow)\n{\n\tconst struct svm_direct_access_msrs *end = msrs + n;\n\n" +
          "\tfor (; msrs != end; msrs++) {\n\t\tif (msrs->index >> 8 != APIC_BASE_MSR >> 8)\n" +
          "\t\t\tcontinue;\n\t\tset_msr_interception(&svm->vcpu, svm->msrpm, msrs->index, allow, allow);\n" +
          "\t}\n}\n\nvoid svm_set_x2apic_msr_interception(struct vcpu_svm *svm, bool intercept)\n{\n",
      },
      {
        file: SVM_C,
        find: LOOP,
        replace: "\ttoggle_msrs(svm, direct_access_msrs, ARRAY_SIZE(direct_access_msrs), !intercept);\n",
      },
    ],
    expected: {},
  },
  {
    name: "two entries change places",
    tree: "6.12",
    subject: "KVM: SVM: Sort the x2AVIC MSRs",
    edits: [
      {
        file: SVM_C,
        find: "X2APIC_MSR(APIC_ICR),\t\t.always",
        replace: "X2APIC_MSR(APIC_TDCR),\t\t.always",
      },
      {
        file: SVM_C,
        find: "X2APIC_MSR(APIC_TDCR),\t\t.always = false },\n\t{ .index = MSR_INVALID",
        replace: "X2APIC_MSR(APIC_ICR),\t\t.always = false },\n\t{ .index = MSR_INVALID",
      },
    ],
    expected: {},
  },
  {
    name: "an entry stands twice",
    tree: "6.12",
    subject: "KVM: SVM: Name TASKPRI by both of its names",
    edits: [
      {
        file: SVM_H,
        find: "#define MAX_DIRECT_ACCESS_MSRS\t48",
        replace: "#define MAX_DIRECT_ACCESS_MSRS\t49",
      },
      {
        file: SVM_C,
        find: "\t{ .index = X2APIC_MSR(APIC_TASKPRI),\t\t.always = false },\n",
        replace:
          "\t{ .index = X2APIC_MSR(APIC_TASKPRI),\t\t.always = false },\n" +
          "\t{ .index = X2APIC_MSR(APIC_TASKPRI),\t\t.always = false },\n",
      },
    ],
    expected: {},
  },
  {
    name: "the table is no longer const",
    tree: "6.12",
    subject: "KVM: SVM: Prepare for run-time changes of the MSR table",
    edits: [
      {
        file: SVM_C,
        find: "static const struct svm_direct_access_msrs {",
        replace: "static struct svm_direct_access_msrs {",
      },
    ],
    expected: {},
  },
  {
    name: "a comment alone",
    tree: "6.1",
    subject: "KVM: SVM: Say why x2AVIC needs no LVTT",
    edits: [
      {
        file: SVM_C,
        find: TOGGLE_HEAD,
        replace:
          "/* svm_set_x2apic_msr_interception(svm, true): { .index = X2APIC_MSR(APIC_LVTT) } */\n" +
          TOGGLE_HEAD,
      },
    ],
    expected: {},
  },
  {
    name: "the two calls become one with a computed argument",
    tree: "6.12",
    subject: "KVM: SVM: Toggle x2AVIC MSRs in one place",
    edits: [
      {
        file: AVIC_C,
        find: "\t\tsvm_set_x2apic_msr_interception(svm, false);\n",
        replace: "",
      },
      {
        file: AVIC_C,
        find:
          "\t\t/* Enabling MSR intercept for x2APIC registers */\n" +
          "\t\tsvm_set_x2apic_msr_interception(svm, true);\n\t}\n",
        replace:
          "\t}\n\n\tsvm_set_x2apic_msr_interception(svm,\n" +
          "\t\t!(vmcb->control.int_ctl & X2APIC_MODE_MASK));\n",
      },
    ],
    expected: {},
  },
  {
    name: "the readable registers are collected in another order",
    tree: "6.12",
    subject: "KVM: x86: Sort the readable registers",
    edits: [
      { file: LAPIC_C, find: "\t\tAPIC_REG_MASK(APIC_LVTPC) |\n", replace: "" },
      {
        file: LAPIC_C,
        find: "\t\tAPIC_REG_MASK(APIC_TMCCT) |\n\t\tAPIC_REG_MASK(APIC_TDCR);",
        replace:
          "\t\tAPIC_REGS_MASK(APIC_TMICT, 2) |\n\t\tAPIC_REG_MASK(APIC_TDCR);\n\n" +
          "\tvalid_reg_mask |= BIT_ULL(APIC_LVTPC >> 4);",
      },
    ],
    expected: {},
  },
];
