/** A kernel of one function: what opens the write of 0x808, and under which condition, is the test's to say. */
import { evaluateSets } from "../../src/interception/evaluate-sets.ts";
import type { NoSets, SetsOfTree } from "../../src/interception/evaluate-sets.ts";
import { programOf } from "../../src/interception/evaluate.ts";
import { VENDOR_DIRS } from "../../src/interception/kernel-config.ts";
import type { Tree } from "./kernels.ts";

export const AVIC = "arch/x86/kvm/svm/avic.c";

export const STRUCTS = `
struct kvm_arch { u32 max_vcpu_ids; void *msr_filter; };
struct kvm { struct kvm_arch arch; };
struct kvm_sev_info { bool active; bool es_active; };
struct kvm_svm { struct kvm kvm; struct kvm_sev_info sev_info; };
struct kvm_timer { u64 period; u32 timer_mode; u32 timer_mode_mask; };
struct kvm_lapic {
	struct kvm_timer lapic_timer; u32 divide_count; bool sw_enabled; bool lvt0_in_nmi_mode;
	bool apicv_active; struct kvm_vcpu *vcpu; int nr_lvt_entries; void *regs;
};
struct kvm_vcpu_arch {
	u64 apic_base; u32 hflags; bool guest_mode; u64 mcg_cap; bool tpr_access_reporting;
	struct kvm_lapic *apic;
};
struct kvm_vcpu { struct kvm *kvm; struct kvm_vcpu_arch arch; };
struct vmcb_control_area { u64 exit_info_1; u32 int_ctl; };
struct vmcb { struct vmcb_control_area control; };
struct kvm_vmcb_info { struct vmcb *ptr; };
struct vcpu_svm {
	struct kvm_vcpu vcpu; struct vmcb *vmcb; struct kvm_vmcb_info vmcb01; void *msrpm;
	bool x2avic_msrs_intercepted; u32 nobody_knows;
};
`;

export const OPEN = "__clear_bit(0x808 * 2 + 1, svm->msrpm);";
export const CLOSE = "__set_bit(0x808 * 2 + 1, svm->msrpm);";

export interface Parts {
  /** Before the functions, on their line where it does not end with one. */
  readonly before?: string;
  readonly activate?: string;
  readonly deactivate?: string;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const dirOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
  return {
    read: (path) => files[path],
    list: (dir) =>
      Object.keys(files)
        .filter((path) => dirOf(path) === dir)
        .map((path) => path.slice(dir.length + 1)),
  };
}

export function tinyTree({ before = "", activate = OPEN, deactivate = CLOSE, files = {} }: Parts): Tree {
  const text = `${STRUCTS}${before}static void avic_activate_vmcb(struct vcpu_svm *svm) { struct kvm_lapic *apic = svm->vcpu.arch.apic; ${activate} }
static void avic_deactivate_vmcb(struct vcpu_svm *svm) { ${deactivate} }
`;
  return treeOf({ [AVIC]: text, ...files });
}

export function setsOf(tree: Tree): SetsOfTree | NoSets {
  return evaluateSets(programOf(tree, VENDOR_DIRS), tree);
}
