/** What a new vCPU starts with, as far as it decides about interception. */
import type { Program } from "../c/index.ts";

const CREATE = "svm_vcpu_create";
const FLAG = "x2avic_msrs_intercepted";

/**
 * Whether a new vCPU takes its x2APIC MSRs for intercepted: what svm_vcpu_create() assigns to the
 * flag, zero where it assigns nothing. In a tree without that function: yes, as in every kernel that
 * has the flag.
 */
export function startsIntercepted(program: Program): boolean {
  const create = program.findFunction(CREATE, "arch/x86/kvm/svm/svm.c");
  if (!create?.isComplete) return true;
  const { tokens } = create;
  const at = tokens.findIndex((token, i) => token.text === FLAG && tokens[i + 1]?.text === "=");
  return at >= 0 && tokens[at + 2]?.text !== "0";
}
