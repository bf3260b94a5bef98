/**
 * Everything that is taken for granted about the world around the code. What is not in these tables
 * and still decides something becomes a condition, or makes the result undetermined.
 */
import type { Scenario } from "../x2apic.ts";

/** A value given to a name; `value` is C text, evaluated where the name is defined. */
export interface Assumption {
  readonly name: string;
  readonly value: string;
}

/** How the host's CPU and the guest's APIC stand in a run. */
export interface Situation {
  /** Whether the host has x2AVIC and KVM uses it. */
  readonly x2avic: boolean;
  /** Whether the guest has its APIC in x2APIC mode. */
  readonly x2apicMode: boolean;
}

/** What happens to the vCPU; `read` looks at the map for a scenario. */
export type Step =
  | { readonly do: "activate" | "deactivate" | "leave x2APIC mode" }
  | { readonly do: "read"; readonly scenario: Scenario };

/** A new vCPU and what happens to it. A scenario's set is what is open at any of its readings. */
export interface Sequence {
  readonly situation: Situation;
  readonly steps: readonly Step[];
}

const X2AVIC: Situation = { x2avic: true, x2apicMode: true };
const ACTIVATE: Step = { do: "activate" };
const DEACTIVATE: Step = { do: "deactivate" };

function withoutX2avic(situation: Situation): Sequence {
  return { situation, steps: [ACTIVATE, { do: "read", scenario: "not-x2avic" }] };
}

export const SEQUENCES: readonly Sequence[] = [
  {
    situation: X2AVIC,
    steps: [
      ACTIVATE,
      { do: "read", scenario: "active" },
      DEACTIVATE,
      { do: "read", scenario: "deactivated" },
    ],
  },
  {
    situation: X2AVIC,
    steps: [ACTIVATE, { do: "leave x2APIC mode" }, DEACTIVATE, { do: "read", scenario: "deactivated" }],
  },
  // The host lacks x2AVIC, with the guest in either mode; or the guest alone keeps to xAPIC mode.
  withoutX2avic({ x2avic: false, x2apicMode: true }),
  withoutX2avic({ x2avic: false, x2apicMode: false }),
  withoutX2avic({ x2avic: true, x2apicMode: false }),
];

/** Variables of the kernel that say what the host can do: AVIC is switched on, with x2AVIC or without. */
export function globalAssumptions({ x2avic }: Situation): Assumption[] {
  return [
    { name: "x2avic_enabled", value: x2avic ? "1" : "0" },
    { name: "avic_mode", value: x2avic ? "AVIC_MODE_X2" : "AVIC_MODE_X1" },
    { name: "avic", value: "1" },
    { name: "enable_apicv", value: "1" },
  ];
}

const APIC_ENABLED = 0xfee0_0800n;
const X2APIC_MODE = 0x400n;

/** IA32_APIC_BASE of the guest: enabled at its usual address, bit 10 for x2APIC mode (APM vol. 2, 16.9). */
export function apicBase(situation: Situation): bigint {
  return situation.x2apicMode ? APIC_ENABLED | X2APIC_MODE : APIC_ENABLED;
}

/** Fields of a vCPU's structures and what they hold in every run. */
export interface FieldAssumption {
  readonly of: "svm" | "kvm" | "kvm_svm" | "apic";
  readonly field: string;
  readonly value: number | bigint;
}

export const FIELDS: readonly FieldAssumption[] = [
  // the vCPU runs no nested guest
  { of: "svm", field: "vcpu.arch.hflags", value: 0 },
  { of: "svm", field: "vcpu.arch.guest_mode", value: 0 },
  // SVM guests have no CMCI
  { of: "svm", field: "vcpu.arch.mcg_cap", value: 0n },
  // nobody asked for TPR reports
  { of: "svm", field: "vcpu.arch.tpr_access_reporting", value: 0 },
  // as many as x2AVIC addresses
  { of: "kvm", field: "arch.max_vcpu_ids", value: 512 },
  // userspace installed no MSR filter
  { of: "kvm", field: "arch.msr_filter", value: 0 },
  // the guest is not encrypted
  { of: "kvm_svm", field: "sev_info.active", value: 0 },
  { of: "kvm_svm", field: "sev_info.es_active", value: 0 },
  // the timer is stopped
  { of: "apic", field: "lapic_timer.period", value: 0n },
  // the timer is one-shot
  { of: "apic", field: "lapic_timer.timer_mode", value: 0 },
  // the guest has TSC-deadline
  { of: "apic", field: "lapic_timer.timer_mode_mask", value: 0x60000 },
  // as after reset
  { of: "apic", field: "divide_count", value: 2 },
  // the guest has enabled its APIC
  { of: "apic", field: "sw_enabled", value: 1 },
  // LVT0 is no NMI watchdog
  { of: "apic", field: "lvt0_in_nmi_mode", value: 0 },
];

/** Functions and macros of the kernel at large whose value is known without their code. */
export interface KnownFunction {
  readonly name: string;
  readonly value: number;
}

export const KNOWN_FUNCTIONS: readonly KnownFunction[] = [
  // no vCPU is without or with a disabled APIC
  { name: "static_branch_unlikely", value: 0 },
  // static keys keep their usual way
  { name: "static_branch_likely", value: 1 },
  // the guest is not encrypted
  { name: "sev_es_guest", value: 0 },
  { name: "sev_guest", value: 0 },
  { name: "sev_snp_guest", value: 0 },
];

/** Questions about a CPU, a guest or its user whose answer no source tells: what rests on one is a condition. */
export const CAPABILITIES: readonly string[] = [
  "boot_cpu_has",
  "cpu_feature_enabled",
  "guest_can_use",
  "guest_cpu_cap_has",
  "guest_cpuid_has",
  "guest_cpuid_is_amd_compatible",
  "guest_cpuid_is_amd_or_hygon",
  "guest_cpuid_is_intel",
  "guest_cpuid_is_intel_compatible",
  "kvm_check_has_quirk",
  "kvm_cpu_cap_has",
  "static_cpu_has",
];

/**
 * What kvm_x2apic_msr_write() sets off and what cannot change its answer: interrupts sent, timers
 * started, maps rebuilt. They are skipped; a value that one of them returns counts as unknown.
 */
export const SIDE_EFFECTS: readonly string[] = [
  "apic_manage_nmi_watchdog",
  "apic_set_eoi",
  "apic_set_spiv",
  "apic_set_tpr",
  "apic_update_lvtt",
  "apic_update_ppr",
  "cancel_apic_timer",
  "kvm_apic_send_ipi",
  "kvm_recalculate_apic_map",
  "restart_apic_timer",
  "start_apic_timer",
  "update_divide_count",
  "update_target_expiration",
  "kvm_make_request",
  "recalc_intercepts",
];

/** What is written where 0 is not what a guest would write: valid vectors, as in the measurement. */
export const WRITTEN: ReadonlyMap<number, bigint> = new Map([
  [0x80f, 0x1ffn],
  [0x830, 0x30n],
  [0x832, 0x30n],
  [0x833, 0x30n],
  [0x834, 0x30n],
  [0x835, 0x30n],
  [0x836, 0x30n],
  [0x837, 0x30n],
  [0x83f, 0x30n],
]);

/** Other values that may be answered differently; for MSRs whose usual write is answered `ok`. */
export const OTHER_VALUES: readonly {
  readonly when: string;
  readonly value: bigint;
  readonly applies: (msr: number) => boolean;
}[] = [
  { when: "bits 63:32 set", value: 1n << 32n, applies: (msr) => msr !== 0x830 },
  { when: "not 0", value: 1n, applies: (msr) => msr === 0x828 },
  { when: "a vector above 0xff", value: 0x100n, applies: (msr) => msr === 0x83f },
  { when: "reserved bits set", value: 1n << 13n, applies: (msr) => msr === 0x830 },
];
