/* Sample kernel: the in-kernel local APIC. */
#ifndef SAMPLE_LAPIC_H
#define SAMPLE_LAPIC_H

#include <linux/kvm_host.h>

#define APIC_LVTx(x) ((x) == LVT_CMCI ? APIC_LVTCMCI : APIC_LVTT + 0x10 * (x))

enum lapic_lvt_entry {
	LVT_TIMER,
	LVT_THERMAL_MONITOR,
	LVT_PERFORMANCE_COUNTER,
	LVT_LINT0,
	LVT_LINT1,
	LVT_ERROR,
	LVT_CMCI,

	KVM_APIC_MAX_NR_LVT_ENTRIES,
};

struct kvm_timer {
	s64 period;
	u32 timer_mode;
	u32 timer_mode_mask;
};

struct kvm_lapic {
	struct kvm_timer lapic_timer;
	u32 divide_count;
	struct kvm_vcpu *vcpu;
	bool apicv_active;
	void *regs;
	int nr_lvt_entries;
};

int kvm_x2apic_msr_read(struct kvm_vcpu *vcpu, u32 msr, u64 *data);
int kvm_x2apic_msr_write(struct kvm_vcpu *vcpu, u32 msr, u64 data);
void kvm_recalculate_apic_map(struct kvm *kvm);
void kvm_apic_send_ipi(struct kvm_lapic *apic, u32 icr_low, u32 icr_high);
void kvm_apic_write_nodecode(struct kvm_vcpu *vcpu, u32 offset);
u64 kvm_lapic_readable_reg_mask(struct kvm_lapic *apic);

static inline u32 kvm_lapic_get_reg(struct kvm_lapic *apic, int reg_off)
{
	return *((u32 *)(apic->regs + reg_off));
}

static inline int apic_x2apic_mode(struct kvm_lapic *apic)
{
	return apic->vcpu->arch.apic_base & X2APIC_ENABLE;
}

#endif
