/** Consecutive words of one register that stand together: `0x811..0x817`, `APIC_ISR1..7`. */
import { msrHex, msrLabel } from "../x2apic.ts";
import { rangeName, sameWords } from "./registers.ts";
import type { Register } from "./registers.ts";

export interface Run<T> {
  readonly first: T;
  last: T;
}

interface OfRegister {
  readonly register: Register;
}

/** Joins neighbours by ascending MSR that are words of one register and of which the same is said. */
export function runsOf<T extends OfRegister>(
  items: readonly T[],
  same: (one: T, other: T) => boolean,
): Run<T>[] {
  const runs: Run<T>[] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (run && follows(run.last.register, item.register) && same(run.last, item)) run.last = item;
    else runs.push({ first: item, last: item });
  }
  return runs;
}

function follows(one: Register, next: Register): boolean {
  return next.msr === one.msr + 1 && sameWords(one, next);
}

/** `0x80A` or `0x811..0x817`. */
export function runLabel({ first, last }: Run<OfRegister>): string {
  const label = msrLabel(first.register.msr);
  return first.register.msr === last.register.msr ? label : `${label}..${msrLabel(last.register.msr)}`;
}

/** `APIC_PPR` or `APIC_ISR1..7`. */
export function runName({ first, last }: Run<OfRegister>): string {
  return rangeName(first.register, last.register);
}

/** The MSRs of a run, `0x80a`, ascending. */
export function runMsrs({ first, last }: Run<OfRegister>): string[] {
  const count = last.register.msr - first.register.msr + 1;
  return Array.from({ length: count }, (_, index) => msrHex(first.register.msr + index));
}
