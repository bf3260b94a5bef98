/* Sample kernel: SVM's vCPU and the bitmap helpers, kernels 6.18 and later. */
#ifndef SAMPLE_SVM_H
#define SAMPLE_SVM_H

#include <linux/kvm_types.h>
#include <linux/kvm_host.h>
#include <linux/bits.h>
#include <asm/svm.h>

#define MSR_TYPE_R	1
#define MSR_TYPE_W	2
#define MSR_TYPE_RW	3

#define X2APIC_MSR(r) (APIC_BASE_MSR + ((r) >> 4))

struct vmcb_ctrl_area_cached {
	u32 intercepts[6];
};

struct kvm_vmcb_info {
	struct vmcb *ptr;
};

struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct vmcb *vmcb;
	struct kvm_vmcb_info vmcb01;
	void *msrpm;
	struct {
		bool force_msr_bitmap_recalc;
		struct vmcb_ctrl_area_cached ctl;
	} nested;
	bool x2avic_msrs_intercepted;
};

static __always_inline struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu)
{
	return container_of(vcpu, struct vcpu_svm, vcpu);
}

#define HF_GUEST_MASK		(1 << 0)
#define INTERCEPT_MSR_PROT	124

static inline bool is_guest_mode(struct kvm_vcpu *vcpu)
{
	return vcpu->arch.hflags & HF_GUEST_MASK;
}

static inline bool vmcb12_is_intercept(struct vmcb_ctrl_area_cached *ctl, u32 bit)
{
	return test_bit(bit, (unsigned long *)&ctl->intercepts);
}

#define SVM_BITS_PER_MSR		2
#define SVM_MSRPM_BYTES_PER_RANGE	2048
#define SVM_MSRS_PER_RANGE \
	(SVM_MSRPM_BYTES_PER_RANGE * (BITS_PER_BYTE / SVM_BITS_PER_MSR))
static_assert(SVM_MSRS_PER_RANGE == 8192);
#define SVM_MSRPM_OFFSET_MASK (SVM_MSRS_PER_RANGE - 1)

static __always_inline int svm_msrpm_bit_nr(u32 msr)
{
	int range_nr;

	switch (msr & ~SVM_MSRPM_OFFSET_MASK) {
	case 0:
		range_nr = 0;
		break;
	case 0xc0000000:
		range_nr = 1;
		break;
	case 0xc0010000:
		range_nr = 2;
		break;
	default:
		return -EINVAL;
	}

	return range_nr * SVM_MSRPM_BYTES_PER_RANGE * BITS_PER_BYTE +
	       (msr & SVM_MSRPM_OFFSET_MASK) * SVM_BITS_PER_MSR;
}

#define BUILD_BITMAP_HELPER(rtype, action, bitop, access, bit_rw)		\
static inline rtype svm_##action##_msr_bitmap_##access(unsigned long *bitmap,	\
						       u32 msr)			\
{										\
	int bit_nr;								\
										\
	bit_nr = svm_msrpm_bit_nr(msr);						\
	if (bit_nr < 0)								\
		return (rtype)true;						\
										\
	return bitop##_bit(bit_nr + bit_rw, bitmap);				\
}

#define BUILD_BITMAP_HELPERS(ret_type, action, bitop)		\
	BUILD_BITMAP_HELPER(ret_type, action, bitop, read,  0)	\
	BUILD_BITMAP_HELPER(ret_type, action, bitop, write, 1)

BUILD_BITMAP_HELPERS(bool, test, test)
BUILD_BITMAP_HELPERS(void, clear, __clear)
BUILD_BITMAP_HELPERS(void, set, __set)

void svm_set_intercept_for_msr(struct kvm_vcpu *vcpu, u32 msr, int type, bool set);

static inline void svm_disable_intercept_for_msr(struct kvm_vcpu *vcpu,
						 u32 msr, int type)
{
	svm_set_intercept_for_msr(vcpu, msr, type, false);
}

static inline void svm_enable_intercept_for_msr(struct kvm_vcpu *vcpu,
						u32 msr, int type)
{
	svm_set_intercept_for_msr(vcpu, msr, type, true);
}

#endif
