/** How sentences name registers. */
import type { Access } from "../x2apic.ts";
import { NO_REGISTER, registerAt, sameWords } from "./registers.ts";
import { runLabel, runName } from "./runs.ts";

/** The instruction of an access. */
export const INSTRUCTION: Readonly<Record<Access, "RDMSR" | "WRMSR">> = { read: "RDMSR", write: "WRMSR" };

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** From three consecutive MSRs on a range is shorter than its members. */
const FOLD_FROM = 3;

/** Consecutive MSRs, ascending: words of one register and runs of at least three, the others by themselves. */
function foldRuns(msrs: readonly number[]): number[][] {
  const ascending = [...new Set(msrs)].sort((a, b) => a - b);
  const runs: number[][] = [];
  for (const msr of ascending) {
    const run = runs.at(-1);
    if (run?.at(-1) === msr - 1) run.push(msr);
    else runs.push([msr]);
  }
  const isWhole = (run: number[]) =>
    run.length >= FOLD_FROM || sameWords(registerAt(run[0] ?? 0), registerAt(run.at(-1) ?? 0));
  return runs.flatMap((run) => (isWhole(run) ? [run] : run.map((msr) => [msr])));
}

/** `0x80B, 0x833..0x839`: a range holds every MSR from the one to the other. */
export function msrsPhrase(msrs: readonly number[]): string {
  return foldRuns(msrs)
    .map((run) => runLabel(endsOf(run)))
    .join(", ");
}

/**
 * `APIC_EOI, APIC_ISR1..7 and APIC_LVT0..APIC_TMICT`, ascending: a range holds the register of every MSR from
 * the one to the other. Where there is no register, the number is the name.
 */
export function registersPhrase(msrs: readonly number[]): string {
  return listed(foldRuns(msrs).map((run) => rangePhrase(endsOf(run))));
}

function endsOf(msrs: readonly number[]) {
  const at = (msr: number | undefined) => ({ register: registerAt(msr ?? 0) });
  return { first: at(msrs[0]), last: at(msrs.at(-1)) };
}

function rangePhrase(run: ReturnType<typeof endsOf>): string {
  const [first, last] = [run.first.register, run.last.register];
  if (first.name === NO_REGISTER || last.name === NO_REGISTER) return runLabel(run);
  if (first.msr === last.msr || sameWords(first, last)) return runName(run);
  return `${first.name}..${last.name}`;
}

/** `WRMSR of APIC_EOI`. */
export function accessPhrase(access: Access, msrs: readonly number[]): string {
  return `${INSTRUCTION[access]} of ${registersPhrase(msrs)}`;
}
