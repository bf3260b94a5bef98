/** How sentences name registers. */
import type { Access } from "../x2apic.ts";
import { NO_REGISTER, registerAt } from "./registers.ts";
import { runLabel, runName, runsOf } from "./runs.ts";

/** The instruction of an access. */
export const INSTRUCTION: Readonly<Record<Access, "RDMSR" | "WRMSR">> = { read: "RDMSR", write: "WRMSR" };

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `APIC_EOI, APIC_ISR1..7 and 0x854..0x8FF`, ascending; where there is no register, the number is the name. */
export function registersPhrase(msrs: readonly number[]): string {
  const ascending = [...new Set(msrs)]
    .sort((a, b) => a - b)
    .map((msr) => {
      return { register: registerAt(msr) };
    });
  const runs = runsOf(ascending, () => true);
  return listed(runs.map((run) => (run.first.register.name === NO_REGISTER ? runLabel(run) : runName(run))));
}

/** `WRMSR of APIC_EOI`. */
export function accessPhrase(access: Access, msrs: readonly number[]): string {
  return `${INSTRUCTION[access]} of ${registersPhrase(msrs)}`;
}
