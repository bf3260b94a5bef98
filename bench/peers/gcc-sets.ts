/**
 * The functions of Linux 6.12 that decide the passthrough set, cut out of its files and compiled by gcc around
 * the few stubs that they need: a vCPU with a permission map, before and after AVIC goes on and off.
 */
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "../../test/interception/kernels.ts";
import type { Command } from "../harness/process.ts";

const SVM = "arch/x86/kvm/svm/svm.c";
const AVIC = "arch/x86/kvm/svm/avic.c";
const HEADERS = ["arch/x86/kvm/svm/svm.h", "arch/x86/kvm/lapic.h", "arch/x86/include/asm/svm.h", SVM];

const DEFINES = (
  "MAX_DIRECT_ACCESS_MSRS MSR_INVALID X2APIC_MSR NUM_MSR_MAPS MSRS_RANGE_SIZE MSRS_IN_RANGE AVIC_ENABLE_MASK " +
  "AVIC_ENABLE_SHIFT X2APIC_MODE_MASK X2APIC_MODE_SHIFT"
).split(" ");

const FROM_SVM = (
  "svm_msrpm_offset direct_access_msr_slot set_shadow_msr_intercept valid_msr_intercept set_msr_interception_bitmap " +
  "set_msr_interception svm_set_x2apic_msr_interception"
).split(" ");
const FROM_AVIC = ["avic_activate_vmcb", "avic_deactivate_vmcb"];

const STUBS = `
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#define CONFIG_X86_64 1
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64;
#include "asm/msr-index.h"
#include "asm/apicdef.h"
#define APIC_BASE_MSR 0x800
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define WARN_ON(x) (x)
#define BUG_ON(x) ((void)(x))
#define AVIC_PHYSICAL_MAX_INDEX_MASK 0x1ffull
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 63) / 64]
#define set_bit(n, p) ((p)[(n) / 64] |= 1ul << ((n) % 64))
#define clear_bit(n, p) ((p)[(n) / 64] &= ~(1ul << ((n) % 64)))
enum { INTERCEPT_CR8_WRITE, KVM_MSR_FILTER_READ, KVM_MSR_FILTER_WRITE, KVM_REQ_TLB_FLUSH_CURRENT };
struct kvm_lapic { bool x2apic; };
struct kvm_vcpu { void *kvm; struct { struct kvm_lapic *apic; } arch; };
struct vmcb { struct { u32 int_ctl; u64 avic_physical_id; } control; };
struct vcpu_svm {
	struct kvm_vcpu vcpu;
	struct { struct vmcb *ptr; } vmcb01;
	u32 msrpm[2048];
	struct { bool force_msr_bitmap_recalc; } nested;
	struct { unsigned long read[4], write[4]; } shadow_msr_intercept;
	bool x2avic_msrs_intercepted;
};
static bool x2avic_enabled = true;
static struct vcpu_svm *to_svm(struct kvm_vcpu *vcpu) { return (struct vcpu_svm *)vcpu; }
static bool kvm_msr_allowed(struct kvm_vcpu *vcpu, u32 index, u32 type) { return true; }
static void svm_hv_vmcb_dirty_nested_enlightenments(struct kvm_vcpu *vcpu) { }
static void svm_clr_intercept(struct vcpu_svm *svm, int bit) { }
static void svm_set_intercept(struct vcpu_svm *svm, int bit) { }
static void kvm_make_request(int request, struct kvm_vcpu *vcpu) { }
static u64 avic_get_max_physical_id(struct kvm_vcpu *vcpu) { return 0x1ff; }
static bool apic_x2apic_mode(struct kvm_lapic *apic) { return apic->x2apic; }
static bool sev_es_guest(void *kvm) { return false; }
`;

const MAIN = `
static void show(const char *name, struct vcpu_svm *svm)
{
	printf("%s", name);
	for (u32 bit = 0; bit < 2; bit++)
		for (u32 msr = 0x800; msr <= 0x8ff; msr++)
			if (!(svm->msrpm[msr / 16] & (1u << (2 * (msr % 16) + bit))))
				printf(" %c0x%x", bit ? 'w' : 'r', msr);
	printf("\\n");
}
int main(void)
{
	struct vmcb vmcb = { };
	struct kvm_lapic apic = { .x2apic = true };
	static struct vcpu_svm svm;
	memset(svm.msrpm, 0xff, sizeof(svm.msrpm));
	svm.vcpu.arch.apic = &apic;
	svm.vmcb01.ptr = &vmcb;
	svm.x2avic_msrs_intercepted = true;
	avic_activate_vmcb(&svm);
	show("active", &svm);
	avic_deactivate_vmcb(&svm);
	show("deactivated", &svm);
	apic.x2apic = false;
	avic_activate_vmcb(&svm);
	show("not-x2avic", &svm);
	return 0;
}
`;

/** Writes the program to `dir`; the command compiles and runs it, and prints a line a scenario. */
export function gccCommand(tree: Tree, kernel: string, dir: string): Command {
  const read = (path: string) => tree.read(path) ?? "";
  const svm = read(SVM);
  const defines = DEFINES.map((name) => defineOf(HEADERS.map(read), name));
  const text = [
    STUBS,
    ...defines,
    between(svm, /^static const struct svm_direct_access_msrs /m, "\n};\n"),
    between(svm, /^static const u32 msrpm_ranges/m, ";\n"),
    ...FROM_SVM.map((name) => functionOf(svm, name)),
    ...FROM_AVIC.map((name) => functionOf(read(AVIC), name)),
    MAIN,
  ].join("\n");
  mkdirSync(join(dir, "linux"), { recursive: true });
  writeFileSync(join(dir, "linux", "bits.h"), BITS);
  writeFileSync(join(dir, "sets.c"), text, "latin1");
  const script = 'gcc -std=gnu11 -w -O0 -I"$0" -I"$1" -o "$0/sets" "$0/sets.c" && exec "$0/sets"';
  return { command: "sh", args: ["-c", script, dir, join(kernel, "arch/x86/include")] };
}

const BITS = `
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK(h, l) ((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l) GENMASK(h, l)
`;

function defineOf(texts: readonly string[], name: string): string {
  const form = new RegExp(`^#define\\s+${name}\\b(?:.*\\\\\\n)*.*`, "m");
  for (const text of texts) {
    const found = form.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  throw new Error(`no #define ${name} in the kernel's headers`);
}

function between(text: string, start: RegExp, end: string): string {
  const at = text.search(start);
  if (at < 0) throw new Error(`${start} is not in the kernel`);
  return text.slice(at, text.indexOf(end, at) + end.length);
}

/** From the line of its head to the brace in the first column. */
function functionOf(text: string, name: string): string {
  return between(
    text,
    new RegExp(`^(?:static )?(?:void|bool|int|u32) ${name}\\([^;]*?\\)\\n\\{`, "m"),
    "\n}\n",
  );
}
