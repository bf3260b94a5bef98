/** The words of the 6.1 and 6.12 toggle that edits find, and what several edits put in their place. */
import { AVIC_C, SVM_C, SVM_H } from "./types.ts";
import type { Edit } from "./types.ts";

export const LOOP_HEAD = "for (i = 0; i < MAX_DIRECT_ACCESS_MSRS; i++) {";
export const LOOP_FILTER =
  "\t\tif ((index < APIC_BASE_MSR) ||\n\t\t    (index > APIC_BASE_MSR + 0xff))\n\t\t\tcontinue;\n";
export const LOOP_CALL =
  "set_msr_interception(&svm->vcpu, svm->msrpm, index,\n\t\t\t\t     !intercept, !intercept);";
export const LOOP =
  `\t${LOOP_HEAD}\n\t\tint index = direct_access_msrs[i].index;\n\n` +
  `${LOOP_FILTER}\t\t${LOOP_CALL}\n\t}\n`;
export const TOGGLE_HEAD =
  "void svm_set_x2apic_msr_interception(struct vcpu_svm *svm, bool intercept)\n{\n\tint i;\n";
export const PROTOTYPE = "void svm_set_x2apic_msr_interception(struct vcpu_svm *svm, bool disable);";

/** The 24 registers as a kernel table would list them. */
const REGISTERS =
  "ID LVR TASKPRI ARBPRI PROCPRI EOI RRR LDR DFR SPIV ISR TMR IRR ESR ICR ICR2 " +
  "LVTTHMR LVTPC LVT0 LVT1 LVTERR TMICT TMCCT TDCR";
export const ENTRIES = REGISTERS.split(" ")
  .map((name) => `\t\tX2APIC_MSR(APIC_${name}),\n`)
  .join("");

export const ENTRY_FUNCTION: readonly Edit[] = [
  {
    file: SVM_C,
    find: TOGGLE_HEAD,
    replace:
      "void svm_set_x2apic_msr_interception(struct vcpu_svm *svm, bool intercept)\n{\n" +
      `\tstatic const u32 msrs[] = {\n${ENTRIES}\t};\n\tint i;\n`,
  },
  {
    file: SVM_C,
    find: LOOP,
    replace:
      "\tfor (i = 0; i < ARRAY_SIZE(msrs); i++)\n" +
      "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, msrs[i],\n" +
      "\t\t\t\t     !intercept, !intercept);\n",
  },
];

export const RENAMED: readonly Edit[] = [
  {
    file: SVM_C,
    find: "void svm_set_x2apic_msr_interception(struct vcpu_svm *svm, bool intercept)",
    replace: "void svm_toggle_x2avic_msrs(struct vcpu_svm *svm, bool intercept)",
  },
  {
    file: SVM_H,
    find: PROTOTYPE,
    replace: "void svm_toggle_x2avic_msrs(struct vcpu_svm *svm, bool intercept);",
  },
  {
    file: AVIC_C,
    find: "svm_set_x2apic_msr_interception(svm, false);",
    replace: "svm_toggle_x2avic_msrs(svm, false);",
  },
  {
    file: AVIC_C,
    find: "\t\tsvm_set_x2apic_msr_interception(svm, true);\n\t}",
    replace: "\t\tsvm_toggle_x2avic_msrs(svm, true);\n\t}",
  },
  {
    file: AVIC_C,
    find: "registers */\n\tsvm_set_x2apic_msr_interception(svm, true);",
    replace: "registers */\n\tsvm_toggle_x2avic_msrs(svm, true);",
  },
];

const STRUCT_HEAD =
  "static const struct svm_direct_access_msrs {\n\tu32 index;   /* Index of the MSR */\n" +
  "\tbool always; /* True if intercept is initially cleared */\n} direct_access_msrs[";

/** The table gets external linkage, its type moves to the header. */
export const SHARED_TABLE: readonly Edit[] = [
  {
    file: SVM_C,
    find: STRUCT_HEAD,
    replace: "const struct svm_direct_access_msrs direct_access_msrs[",
  },
  {
    file: SVM_H,
    find: PROTOTYPE,
    replace:
      "struct svm_direct_access_msrs {\n\tu32 index;\n\tbool always;\n};\n\n" +
      "extern const struct svm_direct_access_msrs direct_access_msrs[MAX_DIRECT_ACCESS_MSRS];\n\n" +
      PROTOTYPE,
  },
];

export const OWN_TABLE_LOOP: Edit = {
  file: SVM_C,
  find: LOOP,
  replace:
    "\tfor (i = 0; i < x2avic_nr_msrs; i++)\n" +
    "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, x2avic_msrs[i],\n" +
    "\t\t\t\t     !intercept, !intercept);\n",
};

export const SETTER_PROTOTYPE =
  "static void svm_set_intercept_for_msr(struct kvm_vcpu *vcpu, u32 msr, int type, bool set)\n{\n" +
  "\tset_msr_interception(vcpu, to_svm(vcpu)->msrpm, msr,\n" +
  "\t\t\t     (type & 1) ? !set : 0, (type & 2) ? !set : 0);\n}\n\n";
