/** Which files of a kernel its evaluation can read: what it is configured with, and what the first look asks. */

/** Directories whose .c files may define what a unit does not; the best first. */
export const SEARCHED_DIRS: readonly string[] = ["arch/x86/kvm/svm", "arch/x86/kvm"];

/**
 * Headers that decide: KVM's own, the registers, the bit helpers. All others count as missing, in a full tree
 * as in one that holds only these.
 */
export const HEADER_SCOPE: readonly string[] = [
  "arch/x86/kvm/",
  "arch/x86/include/asm/apicdef.h",
  "arch/x86/include/asm/svm.h",
  "arch/x86/include/asm/msr-index.h",
  "arch/x86/include/asm/kvm_host.h",
  "include/linux/bits.h",
  "include/linux/bitops.h",
  "include/vdso/bits.h",
];

/**
 * Whether the evaluation of a kernel reads this file or could come to read it, so that a patch to it can change
 * what avicbot answers; false is certain. Those are the .c files that stand directly in a searched directory,
 * and whatever within the scope of headers an `#include` may name: the selected headers, and everything below
 * arch/x86/kvm/ but Makefiles, Kconfig, assembly and the .c files of other directories (vmx/, mmu/), which
 * are units of their own and included by none. No other source is opened, so arch/x86/kernel, virt/kvm and
 * the other headers cannot matter: what they define counts as unknown, before a patch and after it.
 */
export function isEvaluated(path: string): boolean {
  if (!HEADER_SCOPE.some((prefix) => path.startsWith(prefix))) return false;
  if (path.endsWith(".c")) return SEARCHED_DIRS.includes(path.slice(0, path.lastIndexOf("/")));
  return !NEVER_INCLUDED.test(path);
}

const NEVER_INCLUDED = /(?:\.S|\/Makefile|\/Kbuild|\/Kconfig)$/;
