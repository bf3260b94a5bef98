/** Arithmetic on sets of accesses. */
import type { AccessSet } from "../x2apic.ts";
import { ACCESSES } from "../x2apic.ts";

function ascending(msrs: Iterable<number>): number[] {
  return [...new Set(msrs)].sort((a, b) => a - b);
}

export function union(sets: readonly AccessSet[]): AccessSet {
  return {
    read: ascending(sets.flatMap((set) => set.read)),
    write: ascending(sets.flatMap((set) => set.write)),
  };
}

export function sameSet(a: AccessSet, b: AccessSet): boolean {
  return ACCESSES.every(
    (access) => a[access].length === b[access].length && a[access].every((msr, i) => msr === b[access][i]),
  );
}
