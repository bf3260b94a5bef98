/**
 * The one kernel configuration that trees are evaluated under: x86-64, KVM for AMD with nested and
 * encrypted guests built in, no Hyper-V enlightenments, no debugging options.
 */
import { FALLBACK_MACROS, KEPT_NAMES } from "../c/index.ts";
import type { CConfig } from "../c/index.ts";
import { HEADER_SCOPE, SEARCHED_DIRS } from "../evaluated-files.ts";

export const KERNEL_CONFIG: CConfig = {
  defines: {
    __KERNEL__: "1",
    __x86_64__: "1",
    __GNUC__: "13",
    __GNUC_MINOR__: "0",
    __LITTLE_ENDIAN: "1234",
    KBUILD_MODNAME: '"kvm_amd"',
    CONFIG_64BIT: "y",
    CONFIG_X86: "y",
    CONFIG_X86_64: "y",
    CONFIG_X86_LOCAL_APIC: "y",
    CONFIG_X86_X2APIC: "y",
    CONFIG_SMP: "y",
    CONFIG_KVM: "m",
    CONFIG_KVM_X86: "m",
    CONFIG_KVM_AMD: "m",
    CONFIG_KVM_AMD_SEV: "y",
    CONFIG_HAVE_KVM_IRQCHIP: "y",
    CONFIG_HAVE_KVM_IRQ_ROUTING: "y",
  },
  /** KVM is compiled with -I arch/x86/kvm. */
  includeRoots: ["arch/x86/kvm", "arch/x86/include", "include"],
  headerScope: HEADER_SCOPE,
  /** What a unit of KVM gets through <linux/kvm_host.h>, which is not among them. */
  commonHeaders: [
    "include/vdso/bits.h",
    "include/linux/bits.h",
    "arch/x86/include/asm/apicdef.h",
    "arch/x86/include/asm/msr-index.h",
    "arch/x86/include/asm/svm.h",
    "arch/x86/include/asm/kvm_host.h",
  ],
  keptNames: KEPT_NAMES,
  fallbackMacros: FALLBACK_MACROS,
};

/** Where else code of the vendor module may stand. */
export const VENDOR_DIRS: readonly string[] = SEARCHED_DIRS;

/** The emulation of the APIC stands in KVM's common code: a change of the vendor's files leaves it alone. */
export const EMULATION_DIRS: readonly string[] = ["arch/x86/kvm"];
