/** A hardware profile, or the difference of two, as data. */
import { ACCESSES } from "../x2apic.ts";
import type { HardwareCell, Profile } from "./profile.ts";
import { registerAt, X2APIC_MSRS } from "./registers.ts";
import type { Register } from "./registers.ts";
import { runLabel, runMsrs, runName, runsOf } from "./runs.ts";
import type { Run } from "./runs.ts";

/** What is said of one register, or of consecutive words of one. */
interface RowHead {
  readonly msrs: readonly string[];
  readonly label: string;
  readonly register: string;
}

export interface ProfileRow extends RowHead {
  readonly read: HardwareCell;
  readonly write: HardwareCell;
}

export interface ProfileReport {
  readonly profile: string;
  readonly title: string;
  readonly conditions: string;
  /** All of 0x800..0x8FF, ascending. */
  readonly rows: readonly ProfileRow[];
}

export interface CellPair {
  readonly one: HardwareCell;
  readonly other: HardwareCell;
  readonly differs: boolean;
}

export interface ProfileDiffRow extends RowHead {
  readonly read: CellPair;
  readonly write: CellPair;
}

export interface ProfileDiff {
  readonly one: string;
  readonly other: string;
  /** Registers of which a read or a write, passed through, leads to something else. */
  readonly rows: readonly ProfileDiffRow[];
}

interface Both<T> {
  readonly register: Register;
  readonly read: T;
  readonly write: T;
}

function everywhere<T>(cellOf: (msr: number, access: "read" | "write") => T): Both<T>[] {
  return X2APIC_MSRS.map((msr) => {
    return { register: registerAt(msr), read: cellOf(msr, "read"), write: cellOf(msr, "write") };
  });
}

/** Cells are small data: equal text is equal content. */
function saysTheSame<T>(one: Both<T>, other: Both<T>): boolean {
  return ACCESSES.every((access) => JSON.stringify(one[access]) === JSON.stringify(other[access]));
}

function toRow<T>(run: Run<Both<T>>): RowHead & { readonly read: T; readonly write: T } {
  const { read, write } = run.first;
  return { msrs: runMsrs(run), label: runLabel(run), register: runName(run), read, write };
}

/** Every cell of a profile with its evidence and source. */
export function profileReport(profile: Profile): ProfileReport {
  const { name, title, conditions, cell } = profile;
  return { profile: name, title, conditions, rows: runsOf(everywhere(cell), saysTheSame).map(toRow) };
}

/** Where two profiles differ in what hardware does; evidence alone is no difference. */
export function profileDiff(one: Profile, other: Profile): ProfileDiff {
  const pairs = everywhere<CellPair>((msr, access) => {
    const [left, right] = [one.cell(msr, access), other.cell(msr, access)];
    return { one: left, other: right, differs: left.code !== right.code };
  }).filter(({ read, write }) => read.differs || write.differs);
  return { one: one.name, other: other.name, rows: runsOf(pairs, saysTheSame).map(toRow) };
}
