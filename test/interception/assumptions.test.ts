/** What is taken for granted decides nothing by itself, and what nobody can know becomes a condition. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OPEN, setsOf, tinyTree } from "./tiny.ts";
import type { Parts } from "./tiny.ts";

/** What the guard leads to: `open`, `closed`, or the ways a condition can go. */
function outcomeOf(guard: string, more: Parts = {}): string {
  const result = setsOf(tinyTree({ ...more, activate: `if (${guard}) ${OPEN}` }));
  if (!result.ok) return result.reason;
  if (result.conditions.length > 0) return result.conditions.map(({ when }) => when).join("; ");
  return result.sets.active.write.length > 0 ? "open" : "closed";
}

const KVM = "svm->vcpu.kvm";
const SEV = "container_of(svm->vcpu.kvm, struct kvm_svm, kvm)->sev_info";

describe("the state of a vCPU and its host", () => {
  for (const [guard, expected] of [
    ["svm->vcpu.arch.hflags", "closed"],
    ["svm->vcpu.arch.guest_mode", "closed"],
    ["svm->vcpu.arch.mcg_cap", "closed"],
    ["svm->vcpu.arch.tpr_access_reporting", "closed"],
    ["svm->vcpu.arch.apic_base == 0xfee00c00", "open"],
    [`${KVM}->arch.max_vcpu_ids == 512`, "open"],
    [`${KVM}->arch.msr_filter`, "closed"],
    [`${SEV}.active`, "closed"],
    [`${SEV}.es_active`, "closed"],
    ["apic->lapic_timer.period", "closed"],
    ["apic->lapic_timer.timer_mode", "closed"],
    ["apic->lapic_timer.timer_mode_mask == 0x60000", "open"],
    ["apic->divide_count == 2", "open"],
    ["apic->sw_enabled", "open"],
    ["apic->lvt0_in_nmi_mode", "closed"],
    ["apic->apicv_active", "open"],
    ["apic->vcpu == &svm->vcpu", "open"],
    ["apic->nr_lvt_entries == 6", "open"],
    ["*(u32 *)(apic->regs + 0xff0) == 0", "open"],
    ["svm->vmcb == svm->vmcb01.ptr", "open"],
    ["svm->vmcb->control.int_ctl == 0", "open"],
    ["svm->x2avic_msrs_intercepted", "open"],
    ["static_branch_unlikely(&key)", "closed"],
    ["static_branch_likely(&key)", "open"],
    ["sev_guest(svm->vcpu.kvm)", "closed"],
    ["sev_es_guest(svm->vcpu.kvm)", "closed"],
    ["sev_snp_guest(svm->vcpu.kvm)", "closed"],
    ["svm->nobody_knows", "svm->nobody_knows; !(svm->nobody_knows)"],
  ] as const) {
    it(`${guard}: ${expected}`, () => assert.equal(outcomeOf(guard), expected));
  }
});

describe("variables that say what the host can do", () => {
  const before = `
enum avic_modes { AVIC_MODE_NONE = 0, AVIC_MODE_X1, AVIC_MODE_X2 };
static bool x2avic_enabled; static enum avic_modes avic_mode; static bool avic; bool enable_apicv;
`;
  for (const [guard, active, notX2avic] of [
    ["x2avic_enabled", 1, 1],
    ["!x2avic_enabled", 0, 1],
    ["avic_mode == AVIC_MODE_X2", 1, 1],
    ["avic_mode == AVIC_MODE_X1", 0, 1],
    ["avic_mode == AVIC_MODE_NONE", 0, 0],
    ["avic && enable_apicv", 1, 1],
    ["!avic || !enable_apicv", 0, 0],
    ["x2avic_enabled && (svm->vcpu.arch.apic_base & 0x400)", 1, 0],
    ["!x2avic_enabled && (svm->vcpu.arch.apic_base & 0x400)", 0, 1],
    ["!x2avic_enabled && !(svm->vcpu.arch.apic_base & 0x400)", 0, 1],
    ["x2avic_enabled && !(svm->vcpu.arch.apic_base & 0x400)", 0, 1],
  ] as const) {
    it(`${guard}: with x2AVIC ${active}, without ${notX2avic}`, () => {
      const result = setsOf(tinyTree({ before, activate: `if (${guard}) ${OPEN}` }));
      assert.ok(result.ok, result.ok ? "" : result.reason);
      assert.deepEqual(
        [result.sets.active.write.length, result.sets["not-x2avic"].write.length],
        [active, notX2avic],
      );
      assert.deepEqual(result.conditions, []);
    });
  }
});

describe("the APIC leaves x2APIC mode before AVIC is deactivated", () => {
  for (const [guard, open] of [
    ["svm->vcpu.arch.apic_base & 0x400", 1],
    ["!(svm->vcpu.arch.apic_base & 0x400)", 1],
    ["apic->apicv_active", 1],
    ["!apic->apicv_active", 0],
  ] as const) {
    it(`closed only if (${guard}): ${open} stay open`, () => {
      const deactivate = `struct kvm_lapic *apic = svm->vcpu.arch.apic; if (${guard}) __set_bit(0x1011, svm->msrpm);`;
      const result = setsOf(tinyTree({ deactivate }));
      assert.ok(result.ok);
      assert.equal(result.sets.deactivated.write.length, open);
    });
  }
});

describe("what a CPU, a guest or its user can is a condition", () => {
  for (const name of [
    ...["boot_cpu_has", "cpu_feature_enabled", "guest_can_use", "guest_cpu_cap_has", "guest_cpuid_has"],
    ...["guest_cpuid_is_amd_compatible", "guest_cpuid_is_amd_or_hygon", "guest_cpuid_is_intel"],
    ...["guest_cpuid_is_intel_compatible", "kvm_check_has_quirk", "kvm_cpu_cap_has", "static_cpu_has"],
  ]) {
    it(name, () => {
      const before = `static bool ${name}(int feature) { return true; }`;
      assert.equal(outcomeOf(`${name}(7)`, { before }), `${name}(7); !${name}(7)`);
    });
  }
});
