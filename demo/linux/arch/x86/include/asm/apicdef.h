/* Sample kernel: local APIC register offsets, as numbers of the architecture. */
#ifndef SAMPLE_APICDEF_H
#define SAMPLE_APICDEF_H

#define APIC_ID		0x20
#define APIC_LVR	0x30
#define APIC_TASKPRI	0x80
#define APIC_ARBPRI	0x90
#define APIC_PROCPRI	0xA0
#define APIC_EOI	0xB0
#define APIC_RRR	0xC0
#define APIC_LDR	0xD0
#define APIC_DFR	0xE0
#define APIC_SPIV	0xF0
#define APIC_ISR	0x100
#define APIC_ISR_NR	0x8
#define APIC_TMR	0x180
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_LVTCMCI	0x2f0
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVTT	0x320
#define APIC_LVTTHMR	0x330
#define APIC_LVTPC	0x340
#define APIC_LVT0	0x350
#define APIC_LVT1	0x360
#define APIC_LVTERR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3E0
#define APIC_SELF_IPI	0x3F0

#define APIC_VECTOR_MASK	0x000FF
#define APIC_BASE_MSR	0x800
#define X2APIC_ENABLE	(1UL << 10)

#endif
