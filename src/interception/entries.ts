/**
 * Where the evaluation begins: the functions that KVM runs on a vCPU when AVIC is activated and
 * deactivated on it.
 */
import { DEFAULT_LIMITS } from "../c/index.ts";
import type { Program } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";
import { definedFunctions } from "./call-graph.ts";
import type { DefinedFunction } from "./call-graph.ts";

export const SVM_DIR = "arch/x86/kvm/svm";
export const AVIC_UNIT = `${SVM_DIR}/avic.c`;

/** A function that takes the vCPU, as `struct vcpu_svm *` or `struct kvm_vcpu *`. */
export interface EntryPoint {
  readonly name: string;
  readonly unit: string;
  readonly takes: "svm" | "vcpu";
}

/** Activation and deactivation; one function for both asks the APIC whether AVIC is active. */
export interface Entries {
  readonly activate: EntryPoint;
  readonly deactivate: EntryPoint;
}

const PAIR = { activate: "avic_activate_vmcb", deactivate: "avic_deactivate_vmcb" } as const;
/** What the vendor hook calls when AVIC's state changes; it looks at apicv_active. */
const HOOKS = ["avic_refresh_virtual_apic_mode", "avic_refresh_apicv_exec_ctrl"];

/** Setters of the permission map in all eras. */
export const SETTERS: ReadonlySet<string> = new Set([
  "set_msr_interception",
  "set_msr_interception_bitmap",
  "svm_set_intercept_for_msr",
  "svm_enable_intercept_for_msr",
  "svm_disable_intercept_for_msr",
]);

/** Activation and deactivation by the names that they have in all eras. */
export function usualEntries(program: Program): Entries | null {
  return pairOf(program, PAIR.activate, PAIR.deactivate);
}

/** The hook that KVM calls when AVIC's state changes: the inner one, which sets up the control block. */
export function hookEntry(program: Program): EntryPoint | null {
  return HOOKS.map((name) => entryNamed(program, name)).find((entry) => entry !== null) ?? null;
}

function pairOf(program: Program, activate: string, deactivate: string): Entries | null {
  const first = entryNamed(program, activate);
  const second = entryNamed(program, deactivate);
  return first && second ? { activate: first, deactivate: second } : null;
}

/** The function of that name that vendor code has, or null. */
export function entryNamed(program: Program, name: string): EntryPoint | null {
  const found = program.findFunction(name, AVIC_UNIT);
  if (!found?.isComplete) return null;
  const words = found.tokens.map((token) => token.text);
  const head = words.slice(0, words.indexOf("{"));
  return { name, unit: found.unit, takes: head.includes("vcpu_svm") ? "svm" : "vcpu" };
}

/** Functions that call a toggle, under whatever name, paired by what their names say of activation. */
export function callersOfToggles(tree: KernelTree): Entries[] {
  const functions = svmFunctions(tree);
  const toggles = new Set(functions.filter(isToggle).map(({ name }) => name));
  const callers = functions.filter(
    ({ name, calls, parameters }) =>
      !toggles.has(name) && takes(parameters) !== null && [...calls].some((call) => toggles.has(call)),
  );
  const closing = callers.filter(({ name }) => /deactivat|disable|inhibit|clear/.test(name));
  const opening = callers.filter((caller) => !closing.includes(caller));
  return opening.flatMap((activate) =>
    (closing.length > 0 ? closing : [activate]).map((deactivate) => {
      return { activate: asEntry(activate), deactivate: asEntry(deactivate) };
    }),
  );
}

function svmFunctions(tree: KernelTree): DefinedFunction[] {
  return [...tree.list(SVM_DIR)]
    .filter((name) => name.endsWith(".c"))
    .sort()
    .flatMap((name) => {
      const path = `${SVM_DIR}/${name}`;
      const text = tree.read(path);
      const isReadable = text !== undefined && text.length <= DEFAULT_LIMITS.fileBytes;
      return isReadable ? definedFunctions(path, text) : [];
    });
}

/** Sets interception and speaks of x2APIC MSRs. */
function isToggle({ name, names, calls }: DefinedFunction): boolean {
  const sets = [...calls].some((call) => SETTERS.has(call));
  return sets && [name, ...names].some((word) => /x2a(pic|vic)|APIC_BASE_MSR/i.test(word));
}

function takes(parameters: readonly string[]): EntryPoint["takes"] | null {
  if (parameters.includes("vcpu_svm")) return "svm";
  return parameters.includes("kvm_vcpu") ? "vcpu" : null;
}

function asEntry({ name, file, parameters }: DefinedFunction): EntryPoint {
  return { name, unit: file, takes: takes(parameters) ?? "svm" };
}
