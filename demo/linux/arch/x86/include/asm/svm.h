/* Sample kernel: the parts of the VM control block that AVIC touches. */
#define AVIC_ENABLE_MASK		(1U << 31)
#define X2APIC_MODE_MASK		(1U << 30)
#define AVIC_PHYSICAL_MAX_INDEX_MASK	GENMASK_ULL(8, 0)
#define AVIC_MAX_PHYSICAL_ID		0xFEULL
#define X2AVIC_MAX_PHYSICAL_ID		0x1FFUL

#define AVIC_UNACCEL_ACCESS_OFFSET_MASK	0xFF0
#define AVIC_UNACCEL_ACCESS_VECTOR_MASK	0xFFFFFFFF
#define AVIC_UNACCEL_ACCESS_WRITE_MASK	1

struct vmcb_control_area {
	u32 intercepts[6];
	u32 int_ctl;
	u64 avic_physical_id;
	u64 exit_info_1;
	u64 exit_info_2;
};

struct vmcb {
	struct vmcb_control_area control;
};
