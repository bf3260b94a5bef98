/** How sentences name registers. */
import { msrLabel } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";
import { NO_REGISTER, rangeName, registerAt, sameWords } from "./registers.ts";
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

/** Where there is no register, the number is the name. */
function nameOfRun({ first, last }: Run): string {
  if (first.name !== NO_REGISTER) return rangeName(first, last);
  return first.msr === last.msr ? msrLabel(first.msr) : `${msrLabel(first.msr)}..${msrLabel(last.msr)}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `APIC_EOI, APIC_ISR1..7 and 0x854..0x8FF`, in ascending order. */
export function registersPhrase(msrs: readonly number[]): string {
  return listed(runsOf(msrs).map(nameOfRun));
}

/** `WRMSR of APIC_EOI`. */
export function accessPhrase(access: Access, msrs: readonly number[]): string {
  return `${INSTRUCTION[access]} of ${registersPhrase(msrs)}`;
}
