/* Sample kernel: the generic vCPU, cut down to what the sample kernel use. */
#ifndef SAMPLE_KVM_HOST_H
#define SAMPLE_KVM_HOST_H

#include <linux/types.h>
#include <linux/bits.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>

struct kvm;
struct kvm_lapic;

struct kvm_vcpu_arch {
	u64 apic_base;
	struct kvm_lapic *apic;
	u32 hflags;
};

struct kvm_vcpu {
	struct kvm *kvm;
	int vcpu_id;
	struct kvm_vcpu_arch arch;
};

#define KVM_MSR_FILTER_READ  (1 << 0)
#define KVM_MSR_FILTER_WRITE (1 << 1)

bool kvm_msr_allowed(struct kvm_vcpu *vcpu, u32 index, u32 type);

#endif
