/** A vCPU with its APIC, VM control block and permission map, as the evaluated code finds them. */
import { Machine, Pointer, Unknown, ZERO, outside } from "../c/index.ts";
import type { Override, OverrideCall, Program, Value } from "../c/index.ts";
import { CAPABILITIES, FIELDS, KNOWN_FUNCTIONS, apicBase } from "./assumptions.ts";
import type { FieldAssumption, Situation } from "./assumptions.ts";
import type { EntryPoint } from "./entries.ts";
import { MAP_BYTES } from "./permission-map.ts";

export const LAPIC_UNIT = "arch/x86/kvm/lapic.c";
const APIC_PAGE_BYTES = 4096;
/** Timer, thermal, performance counter, LINT0, LINT1, error. */
const NR_LVT_ENTRIES = 6;

export interface World {
  readonly machine: Machine;
  readonly svm: Pointer;
  readonly vcpu: Pointer;
  readonly apic: Pointer;
  readonly vmcb: Pointer;
  /** The permission map, all ones at first. */
  readonly map: Pointer;
}

/** Functions whose value is assumed, and those whose value nobody can know. */
export const KNOWN_OVERRIDES: ReadonlyMap<string, Override> = new Map([
  ...KNOWN_FUNCTIONS.map(({ name, value }): [string, Override] => [name, () => value]),
  ...CAPABILITIES.map((name): [string, Override] => [name, askedFor]),
]);

/** The capability as an unknown value that says which one it is. */
function askedFor(args: readonly Value[], { machine, name, place }: OverrideCall): Unknown {
  const feature = args.map((arg) => machine.textOf(arg)).join(", ");
  return outside(`${name}(${feature})`, place, "unknown-function");
}

/** Builds the structures on a fresh machine and gives every assumed field its value. */
export function makeWorld(machine: Machine, situation: Situation): World {
  const svm = machine.opaque("struct vcpu_svm", "svm");
  const kvmSvm = machine.opaque("struct kvm_svm", "kvm_svm");
  const apic = machine.opaque("struct kvm_lapic", "apic");
  const vmcb = zeroed(machine.opaque("struct vmcb", "vmcb"));
  const map = machine.bytes("msrpm", MAP_BYTES, 0xff);
  const vcpu = part(machine, svm, "vcpu");
  const kvm = part(machine, kvmSvm, "kvm");
  const owners: Record<FieldAssumption["of"], Pointer> = { svm, kvm, kvm_svm: kvmSvm, apic };
  for (const { of, field, value } of FIELDS) machine.setField(owners[of], field, value);
  const fields: readonly [Pointer, string, Value][] = [
    [svm, "vcpu.kvm", kvm],
    [svm, "vcpu.arch.apic", apic],
    [svm, "vcpu.arch.apic_base", apicBase(situation)],
    [svm, "vmcb", vmcb],
    [svm, "vmcb01.ptr", vmcb],
    [svm, "msrpm", map],
    [apic, "vcpu", vcpu],
    [apic, "nr_lvt_entries", lvtEntries(machine.program)],
    [apic, "regs", machine.bytes("regs", APIC_PAGE_BYTES, 0)],
  ];
  for (const [owner, field, value] of fields) machine.setField(owner, field, value);
  return { machine, svm, vcpu, apic, vmcb, map };
}

/** A VM control block starts out zeroed. */
function zeroed(pointer: Pointer): Pointer {
  pointer.object.background = ZERO;
  return pointer;
}

/** The address of a structure within another. */
function part(machine: Machine, whole: Pointer, field: string): Pointer {
  const found = machine.fieldRef(whole, field);
  return found instanceof Pointer ? found : machine.opaque("", field);
}

/** The guest changes the mode of its APIC. */
export function setMode({ machine, svm }: World, x2apicMode: boolean): void {
  machine.setField(svm, "vcpu.arch.apic_base", apicBase({ x2avic: true, x2apicMode }));
}

/** The argument an entry point takes. */
export function argumentOf(world: World, entry: EntryPoint): Pointer {
  return entry.takes === "svm" ? world.svm : world.vcpu;
}

const lvtCounts = new WeakMap<Program, Value>();

/** Local vector table entries of a guest without CMCI: as the tree counts them, else all but the last. */
function lvtEntries(program: Program): Value {
  const counted = lvtCounts.get(program) ?? countLvtEntries(program);
  lvtCounts.set(program, counted);
  return counted;
}

function countLvtEntries(program: Program): Value {
  const machine = new Machine(program);
  const vcpu = machine.opaque("struct kvm_vcpu", "vcpu");
  machine.setField(vcpu, "arch.mcg_cap", 0n);
  const counted = machine.call("kvm_apic_calc_nr_lvt_entries", [vcpu], LAPIC_UNIT);
  if ("value" in counted && !(counted.value instanceof Unknown)) return counted.value;
  const listed = machine.evaluate("KVM_APIC_MAX_NR_LVT_ENTRIES - 1", LAPIC_UNIT);
  return "value" in listed && !(listed.value instanceof Unknown) ? listed.value : NR_LVT_ENTRIES;
}
