/* Sample kernel: emulation of x2APIC MSR accesses, as kernels since 6.2 shape it. */
#include <linux/kvm_host.h>
#include "lapic.h"
#include "x86.h"

#define APIC_REG_MASK(reg)	(1ull << ((reg) >> 4))
#define APIC_REGS_MASK(first, count) \
	(APIC_REG_MASK(first) * ((1ull << (count)) - 1))

static inline void kvm_lapic_set_reg(struct kvm_lapic *apic, int reg_off, u32 val)
{
	*((u32 *)(apic->regs + reg_off)) = val;
}

static inline bool lvt_supported(struct kvm_lapic *apic, int lvt)
{
	return apic->nr_lvt_entries > lvt;
}

static u32 apic_get_tmcct(struct kvm_lapic *apic)
{
	if (kvm_lapic_get_reg(apic, APIC_TMICT) == 0 ||
	    apic->lapic_timer.period == 0)
		return 0;

	return remaining_ticks(apic);
}

static u32 __apic_read(struct kvm_lapic *apic, unsigned int offset)
{
	switch (offset) {
	case APIC_ARBPRI:
		return 0;
	case APIC_TMCCT:
		return apic_get_tmcct(apic);
	default:
		return kvm_lapic_get_reg(apic, offset);
	}
}

u64 kvm_lapic_readable_reg_mask(struct kvm_lapic *apic)
{
	u64 mask = APIC_REG_MASK(APIC_ID) | APIC_REG_MASK(APIC_LVR) |
		   APIC_REG_MASK(APIC_TASKPRI) | APIC_REG_MASK(APIC_PROCPRI) |
		   APIC_REG_MASK(APIC_LDR) | APIC_REG_MASK(APIC_SPIV) |
		   APIC_REGS_MASK(APIC_ISR, APIC_ISR_NR) |
		   APIC_REGS_MASK(APIC_TMR, APIC_ISR_NR) |
		   APIC_REGS_MASK(APIC_IRR, APIC_ISR_NR) |
		   APIC_REG_MASK(APIC_ESR) | APIC_REG_MASK(APIC_ICR) |
		   APIC_REGS_MASK(APIC_LVTT, 6) |
		   APIC_REG_MASK(APIC_TMICT) | APIC_REG_MASK(APIC_TMCCT) |
		   APIC_REG_MASK(APIC_TDCR);

	if (lvt_supported(apic, LVT_CMCI))
		mask |= APIC_REG_MASK(APIC_LVTCMCI);

	if (!apic_x2apic_mode(apic))
		mask |= APIC_REG_MASK(APIC_ARBPRI) | APIC_REG_MASK(APIC_DFR) |
			APIC_REG_MASK(APIC_ICR2);

	return mask;
}

static int kvm_lapic_reg_read(struct kvm_lapic *apic, u32 offset, int len,
			      void *data)
{
	u32 result;

	if (offset > 0x3f0 ||
	    !(kvm_lapic_readable_reg_mask(apic) & APIC_REG_MASK(offset)))
		return 1;

	result = __apic_read(apic, offset & ~0xf);
	memcpy(data, &result, len);
	return 0;
}

static int kvm_lapic_reg_write(struct kvm_lapic *apic, u32 reg, u32 val)
{
	int ret = 0;

	switch (reg) {
	case APIC_TASKPRI:
	case APIC_EOI:
	case APIC_SPIV:
	case APIC_LVTT ... APIC_LVTERR:
	case APIC_TMICT:
	case APIC_TDCR:
		kvm_lapic_set_reg(apic, reg, val);
		break;
	case APIC_LVTCMCI:
		if (!lvt_supported(apic, LVT_CMCI))
			ret = 1;
		break;
	case APIC_LDR:
	case APIC_DFR:
	case APIC_ICR2:
		if (apic_x2apic_mode(apic))
			ret = 1;
		break;
	case APIC_ESR:
		if (apic_x2apic_mode(apic) && val != 0)
			ret = 1;
		break;
	case APIC_SELF_IPI:
		if (!apic_x2apic_mode(apic) || (val & ~APIC_VECTOR_MASK))
			ret = 1;
		else
			kvm_apic_send_ipi(apic, 0x40000 | val, 0);
		break;
	default:
		ret = 1;
		break;
	}

	kvm_recalculate_apic_map(apic->vcpu->kvm);
	return ret;
}

static int kvm_x2apic_icr_write(struct kvm_lapic *apic, u64 data)
{
	if (data & (GENMASK_ULL(31, 20) | GENMASK_ULL(17, 16) | BIT(13)))
		return 1;

	kvm_apic_send_ipi(apic, (u32)data, (u32)(data >> 32));
	return 0;
}

int kvm_x2apic_msr_write(struct kvm_vcpu *vcpu, u32 msr, u64 data)
{
	struct kvm_lapic *apic = vcpu->arch.apic;
	u32 reg = (msr - APIC_BASE_MSR) << 4;

	if (!apic_x2apic_mode(apic))
		return 1;
	if (reg == APIC_ICR)
		return kvm_x2apic_icr_write(apic, data);
	if (data >> 32)
		return 1;

	return kvm_lapic_reg_write(apic, reg, (u32)data);
}

int kvm_x2apic_msr_read(struct kvm_vcpu *vcpu, u32 msr, u64 *data)
{
	struct kvm_lapic *apic = vcpu->arch.apic;
	u32 reg = (msr - APIC_BASE_MSR) << 4;
	u32 low;

	if (!apic_x2apic_mode(apic))
		return 1;
	if (reg == APIC_ICR) {
		*data = kvm_lapic_get_reg(apic, APIC_ICR);
		return 0;
	}
	if (kvm_lapic_reg_read(apic, reg, 4, &low))
		return 1;

	*data = low;
	return 0;
}
