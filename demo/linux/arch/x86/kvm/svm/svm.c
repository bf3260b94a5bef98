/* Sample kernel: the setter whose "set" means intercept. */
#include <linux/kvm_host.h>
#include "x86.h"
#include "lapic.h"
#include "svm.h"

void svm_set_intercept_for_msr(struct kvm_vcpu *vcpu, u32 msr, int type, bool set)
{
	struct vcpu_svm *svm = to_svm(vcpu);
	void *msrpm = svm->msrpm;

	/* What userspace wants to see stays intercepted. */
	if (type & MSR_TYPE_R) {
		if (!set && kvm_msr_allowed(vcpu, msr, KVM_MSR_FILTER_READ))
			svm_clear_msr_bitmap_read(msrpm, msr);
		else
			svm_set_msr_bitmap_read(msrpm, msr);
	}

	if (type & MSR_TYPE_W) {
		if (!set && kvm_msr_allowed(vcpu, msr, KVM_MSR_FILTER_WRITE))
			svm_clear_msr_bitmap_write(msrpm, msr);
		else
			svm_set_msr_bitmap_write(msrpm, msr);
	}

	svm->nested.force_msr_bitmap_recalc = true;
}
