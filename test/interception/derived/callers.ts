/** Looks harmless and is a change: who calls the toggle, when, and with what. */
import { AVIC_C, OLD_SET, SVM_C, X86_C, both } from "./types.ts";
import type { DerivedPatch } from "./types.ts";

const ACTIVATE_CALL = "\t\tsvm_set_x2apic_msr_interception(svm, false);\n";
const ELSE_CALL =
  "\t\t/* Enabling MSR intercept for x2APIC registers */\n" +
  "\t\tsvm_set_x2apic_msr_interception(svm, true);\n";
const DEACTIVATE_CALL =
  "\t/* Enabling MSR intercept for x2APIC registers */\n\tsvm_set_x2apic_msr_interception(svm, true);\n}";
const SAME_STATE = "\tif (intercept == svm->x2avic_msrs_intercepted)\n\t\treturn;\n";
const NO_X2AVIC = "\tif (!x2avic_enabled)\n\t\treturn;\n\n\tfor (i = 0;";
const CALL_ARGUMENTS = "\t\t\t\t     !intercept, !intercept);\n\t}\n\n\tsvm->x2avic";

export const CALLERS: readonly DerivedPatch[] = [
  {
    name: "activation no longer calls the toggle",
    tree: "6.12",
    subject: "KVM: SVM: Do not touch MSR intercepts on activation",
    edits: [{ file: AVIC_C, find: ACTIVATE_CALL, replace: "" }],
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "activation asks the toggle to intercept",
    tree: "6.1",
    subject: "KVM: SVM: Intercept x2APIC MSRs on activation",
    edits: [
      { file: AVIC_C, find: ACTIVATE_CALL, replace: "\t\tsvm_set_x2apic_msr_interception(svm, true);\n" },
    ],
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "deactivation forgets the toggle",
    tree: "6.12",
    subject: "KVM: SVM: Drop a redundant call from AVIC deactivation",
    edits: [{ file: AVIC_C, find: DEACTIVATE_CALL, replace: "}" }],
    expected: { deactivated: both(OLD_SET) },
  },
  {
    name: "deactivation forgets the toggle in the old kernel",
    tree: "6.1",
    subject: "KVM: SVM: Drop a redundant call from AVIC deactivation",
    edits: [{ file: AVIC_C, find: DEACTIVATE_CALL, replace: "}" }],
    expected: { deactivated: both(OLD_SET) },
  },
  {
    name: "the vendor hook forgets deactivation",
    tree: "6.12",
    subject: "KVM: SVM: Do nothing while AVIC is inhibited",
    edits: [
      {
        file: AVIC_C,
        find: "\t} else {\n\t\tavic_deactivate_vmcb(svm);\n\t}\n",
        replace: "\t}\n",
      },
    ],
    expected: { deactivated: both(OLD_SET) },
  },
  {
    name: "the vendor hook never activates",
    tree: "6.1",
    subject: "KVM: SVM: Leave activation to vCPU creation",
    edits: [{ file: AVIC_C, find: "\t\tavic_activate_vmcb(svm);\n\t} else {", replace: "\t} else {" }],
    // A vCPU is created in xAPIC mode; when the guest turns on x2APIC mode only the hook runs.
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "deactivation returns early when the guest left x2APIC mode",
    tree: "6.12",
    subject: "KVM: SVM: Toggle x2APIC MSRs only in x2APIC mode",
    edits: [
      {
        file: SVM_C,
        find: NO_X2AVIC,
        replace: NO_X2AVIC.replace(
          "!x2avic_enabled",
          "!x2avic_enabled || !apic_x2apic_mode(svm->vcpu.arch.apic)",
        ),
      },
    ],
    expected: { deactivated: both(OLD_SET) },
  },
  {
    name: "the mode check joins by or",
    tree: "6.12",
    subject: "KVM: SVM: Relax the x2AVIC mode check",
    edits: [
      {
        file: AVIC_C,
        find: "if (x2avic_enabled && apic_x2apic_mode(svm->vcpu.arch.apic)) {",
        replace: "if (x2avic_enabled || apic_x2apic_mode(svm->vcpu.arch.apic)) {",
      },
    ],
    // x2AVIC may be enabled while the guest is in xAPIC mode.
    expected: { notX2avic: both(OLD_SET) },
  },
  {
    name: "the other branch opens too",
    tree: "6.12",
    subject: "KVM: SVM: Treat hybrid AVIC like x2AVIC",
    edits: [
      {
        file: AVIC_C,
        find: ELSE_CALL,
        replace: "\t\tsvm_set_x2apic_msr_interception(svm, 0);\n",
      },
    ],
    expected: { notX2avic: both(OLD_SET) },
  },
  {
    name: "the early return is inverted",
    tree: "6.12",
    subject: "KVM: SVM: Fix the check for redundant toggles",
    edits: [{ file: SVM_C, find: SAME_STATE, replace: SAME_STATE.replace("==", "!=") }],
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "the check for x2AVIC is inverted",
    tree: "6.12",
    subject: "KVM: SVM: Simplify the x2AVIC check",
    edits: [{ file: SVM_C, find: NO_X2AVIC, replace: NO_X2AVIC.replace("!x2avic", "x2avic") }],
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "the state is never recorded",
    tree: "6.12",
    subject: "KVM: SVM: Drop x2avic_msrs_intercepted",
    edits: [{ file: SVM_C, find: "\tsvm->x2avic_msrs_intercepted = intercept;\n", replace: "" }],
    // The flag stays true, so that the request to intercept again looks redundant.
    expected: { deactivated: both(OLD_SET) },
  },
  {
    name: "a new vCPU takes its MSRs for passed through",
    tree: "6.12",
    subject: "KVM: SVM: Drop a redundant initialisation",
    edits: [{ file: SVM_C, find: "\tsvm->x2avic_msrs_intercepted = true;\n", replace: "" }],
    // The structure starts out zeroed: the first request to open looks redundant.
    expected: { closed: both(OLD_SET) },
  },
  {
    name: "reads only",
    tree: "6.12",
    subject: "KVM: SVM: Intercept x2APIC writes again",
    edits: [{ file: SVM_C, find: CALL_ARGUMENTS, replace: CALL_ARGUMENTS.replace(", !intercept)", ", 0)") }],
    expected: { closed: { write: OLD_SET } },
  },
  {
    name: "writes only",
    tree: "6.1",
    subject: "KVM: SVM: Intercept x2APIC reads again",
    edits: [{ file: SVM_C, find: CALL_ARGUMENTS, replace: CALL_ARGUMENTS.replace("!intercept,", "0,") }],
    expected: { closed: { read: OLD_SET } },
  },
  {
    name: "the negations are lost",
    tree: "6.12",
    subject: "KVM: SVM: Pass the toggle's argument on",
    edits: [
      { file: SVM_C, find: CALL_ARGUMENTS, replace: CALL_ARGUMENTS.replaceAll("!intercept", "intercept") },
    ],
    // Activation intercepts, deactivation opens.
    expected: { closed: both(OLD_SET), deactivated: both(OLD_SET) },
  },
  {
    name: "one negation is lost",
    tree: "6.12",
    subject: "KVM: SVM: Pass the toggle's argument on for writes",
    edits: [
      { file: SVM_C, find: CALL_ARGUMENTS, replace: CALL_ARGUMENTS.replace(", !intercept", ", intercept") },
    ],
    expected: { closed: { write: OLD_SET }, deactivated: { write: OLD_SET } },
  },
  {
    name: "an MSR outside the range is opened",
    tree: "6.12",
    subject: "KVM: SVM: Pass through EFER with x2AVIC",
    edits: [
      {
        file: SVM_C,
        find: "\tsvm->x2avic_msrs_intercepted = intercept;\n",
        replace:
          "\tset_msr_interception(&svm->vcpu, svm->msrpm, MSR_EFER, 1, !intercept);\n\n" +
          "\tsvm->x2avic_msrs_intercepted = intercept;\n",
      },
    ],
    expected: { outside: both([0xc0000080]) },
  },
  {
    name: "a module parameter decides about writes",
    tree: "6.12",
    subject: "KVM: SVM: Add a parameter for x2AVIC writes",
    edits: [
      {
        file: SVM_C,
        find: "static bool erratum_383_found __read_mostly;\n",
        replace:
          "static bool erratum_383_found __read_mostly;\n\nstatic bool x2avic_writes = true;\n" +
          "module_param(x2avic_writes, bool, 0444);\n",
      },
      {
        file: SVM_C,
        find: CALL_ARGUMENTS,
        replace: CALL_ARGUMENTS.replace(", !intercept)", ", !intercept && x2avic_writes)"),
      },
    ],
    expected: { condition: { text: "x2avic_writes", closed: { write: OLD_SET } } },
  },
  {
    name: "a guest capability decides about the timer's count",
    tree: "6.12",
    subject: "KVM: SVM: Intercept the timer's count for guests without ARAT",
    edits: [
      {
        file: SVM_C,
        find: "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index,\n",
        replace:
          "\t\tif (index == X2APIC_MSR(APIC_TMCCT) &&\n" +
          "\t\t    !guest_cpuid_has(&svm->vcpu, X86_FEATURE_ARAT))\n\t\t\tcontinue;\n" +
          "\t\tset_msr_interception(&svm->vcpu, svm->msrpm, index,\n",
      },
    ],
    expected: { condition: { text: "guest_cpuid_has", closed: both([0x839]) } },
  },
  {
    name: "userspace may filter the divider",
    tree: "6.12",
    subject: "KVM: x86: Let userspace filter the last x2APIC registers",
    edits: [
      {
        file: X86_C,
        find: "if (index >= 0x800 && index <= 0x8ff)\n\t\treturn true;",
        replace: "if (index >= 0x800 && index < 0x83e)\n\t\treturn true;",
      },
    ],
    // No filter is installed unless userspace asks for one.
    expected: {},
  },
];
