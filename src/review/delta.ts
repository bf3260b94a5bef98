/** What a version of a series leads to where the version before led to something else. */
import { registerAt } from "../model/registers.ts";
import { runLabel, runName, runsOf } from "../model/runs.ts";
import { ACCESSES, type Access } from "../x2apic.ts";
import type { Review } from "./types.ts";

export interface DeltaRow {
  /** `0x80A` or `0x811..0x817`. */
  readonly label: string;
  readonly register: string;
  readonly access: Access;
  /** Outcomes with either version applied. */
  readonly former: string;
  readonly now: string;
}

function outcomes({ rows }: Review, access: Access): Map<number, string> {
  return new Map(rows.flatMap((row) => row.msrs.map((msr) => [Number(msr), row[access].new] as const)));
}

function deltaOf(former: Review, now: Review, access: Access): DeltaRow[] {
  const [before, after] = [outcomes(former, access), outcomes(now, access)];
  const differing = [...after.keys()]
    .filter((msr) => before.has(msr) && before.get(msr) !== after.get(msr))
    .sort((a, b) => a - b)
    .map((msr) => ({
      register: registerAt(msr),
      former: before.get(msr) ?? "",
      now: after.get(msr) ?? "",
    }));
  const runs = runsOf(differing, (a, b) => a.former === b.former && a.now === b.now);
  return runs.map((run) => ({
    label: runLabel(run),
    register: runName(run),
    access,
    former: run.first.former,
    now: run.first.now,
  }));
}

/** Reads by ascending MSR, then writes; registers that only one of the two tables shows are left out. */
export function reviewDelta(former: Review, now: Review): DeltaRow[] {
  return ACCESSES.flatMap((access) => deltaOf(former, now, access));
}
