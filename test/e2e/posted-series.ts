/**
 * A five-part series against Linux 6.12 that changes what the posted table shows: 2/5 the reads, 3/5 the
 * writes, the others nothing. Only the few words of kernel code that an edit has to find stand here.
 */
import type { Tree } from "../interception/kernels.ts";
import { SVM_C } from "../interception/derived/types.ts";
import type { Files, MailPatch } from "./git-mails.ts";

const FUNCTION = "void svm_set_x2apic_msr_interception(";
const LOOP = "\tfor (i = 0; i < MAX_DIRECT_ACCESS_MSRS; i++) {\n\t\tint index";
const LOOP_END = "\tsvm->x2avic_msrs_intercepted = intercept;";

const LISTED = `static bool x2avic_writes(u32 msr)
{
	int i;

	for (i = 0; i < MAX_DIRECT_ACCESS_MSRS; i++) {
		if (direct_access_msrs[i].index == msr)
			return true;
	}

	return false;
}
`;

const ACCELERATED = `static bool x2avic_writes(u32 msr)
{
	switch (msr) {
	case X2APIC_MSR(APIC_TASKPRI):
	case X2APIC_MSR(APIC_EOI):
	case X2APIC_MSR(APIC_ICR):
	case X2APIC_MSR(APIC_SELF_IPI):
		return true;
	default:
		return false;
	}
}
`;

const NEW_LOOP = `	reads = kvm_lapic_readable_reg_mask(svm->vcpu.arch.apic);
	reads &= ~BIT_ULL(APIC_TMCCT >> 4);

	for (i = 0; i < BITS_PER_TYPE(reads); i++) {
		u32 msr = APIC_BASE_MSR + i;
		bool rd = reads & BIT_ULL(i), wr = x2avic_writes(msr);

		if (rd || wr)
			set_msr_interception(&svm->vcpu, svm->msrpm, msr,
					     rd && !intercept, wr && !intercept);
	}

`;

function replaceOnce(text: string, find: string, replace: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times: ${find}`);
  return parts.join(replace);
}

function readsByMask(text: string): string {
  const start = text.indexOf(LOOP, text.indexOf(FUNCTION));
  const end = text.indexOf(LOOP_END, start);
  const patched = text.slice(0, start) + NEW_LOOP + text.slice(end);
  const declared = patched.replace(/(bool intercept\)\n\{\n)(\tint i;)/, "$1\tu64 reads;\n$2");
  return replaceOnce(declared, FUNCTION, `${LISTED}\n${FUNCTION}`);
}

/** The files before the series, and its patches. */
export function postedSeries(tree: Tree): { before: Files; patches: MailPatch[] } {
  const before = tree.read(SVM_C) ?? "";
  const noted = replaceOnce(before, FUNCTION, `/* Called when AVIC goes on or off. */\n${FUNCTION}`);
  const reads = readsByMask(noted);
  const writes = replaceOnce(reads, LISTED, ACCELERATED);
  const renamed = writes.replaceAll("x2avic_writes", "x2avic_accelerates_write");
  const last = replaceOnce(renamed, "on or off. */", "on or off, on its vCPU. */");
  const patch = (subject: string, text: string): MailPatch => ({ subject, files: new Map([[SVM_C, text]]) });
  return {
    before: new Map([[SVM_C, before]]),
    patches: [
      patch("KVM: SVM: Say when the x2AVIC toggle runs", noted),
      patch("KVM: SVM: Pass through RDMSR of readable x2APIC registers", reads),
      patch("KVM: SVM: Pass through WRMSR of accelerated x2APIC registers", writes),
      patch("KVM: SVM: Rename x2avic_writes()", renamed),
      patch("KVM: SVM: Mend a comment", last),
    ],
  };
}
