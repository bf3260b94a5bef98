/* Sample kernel: the few MSR numbers the sample kernel name. */
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_IA32_SYSENTER_CS	0x00000174
#define MSR_IA32_SPEC_CTRL	0x00000048
#define MSR_AMD64_SEV_ES_GHCB	0xc0010130
