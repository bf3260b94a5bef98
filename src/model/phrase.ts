/** How sentences name registers. */
import { msrLabel } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";
import { rangeName, registerAt, sameWords } from "./registers.ts";
import type { Register } from "./registers.ts";

/** The instruction of an access. */
export const INSTRUCTION: Readonly<Record<Access, "RDMSR" | "WRMSR">> = { read: "RDMSR", write: "WRMSR" };

/** Consecutive MSRs that are words of one register, ascending. */
interface Run {
  readonly first: Register;
  last: Register;
}

function runsOf(msrs: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const register of [...new Set(msrs)].sort((a, b) => a - b).map(registerAt)) {
    const run = runs.at(-1);
    if (run && register.msr === run.last.msr + 1 && sameWords(run.last, register)) run.last = register;
    else runs.push({ first: register, last: register });
  }
  return runs;
}

function nameOfRun({ first, last }: Run): string {
  const label = msrLabel(first.msr);
  const range = first.msr === last.msr ? label : `${label}..${msrLabel(last.msr)}`;
  return `${range} ${rangeName(first, last)}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `0x80B APIC_EOI and 0x811..0x817 APIC_ISR1..7`, in ascending order. */
export function registersPhrase(msrs: readonly number[]): string {
  return listed(runsOf(msrs).map(nameOfRun));
}

/** `WRMSR of 0x80B APIC_EOI`. */
export function accessPhrase(access: Access, msrs: readonly number[]): string {
  return `${INSTRUCTION[access]} of ${registersPhrase(msrs)}`;
}
