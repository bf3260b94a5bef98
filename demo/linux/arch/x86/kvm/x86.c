/* Sample kernel: userspace's MSR filter does not reach x2APIC MSRs. */
#include <linux/kvm_host.h>

struct msr_range {
	u32 base;
	u32 nmsrs;
	u32 flags;
};

extern bool msr_filter_default(struct kvm *kvm);

bool kvm_msr_allowed(struct kvm_vcpu *vcpu, u32 index, u32 type)
{
	/* The local APIC is in the kernel: userspace cannot filter it. */
	if (index >= 0x800 && index <= 0x8ff)
		return true;

	return msr_filter_default(vcpu->kvm);
}
