/** The rows of the table: what every access led to before and leads to after. */
import type { Access } from "../x2apic.ts";
import { compareAccess } from "./changes.ts";
import type { ComparisonInput } from "./changes.ts";
import { weakerEvidence } from "./profile.ts";
import type { Evidence } from "./profile.ts";
import { registerAt, X2APIC_MSRS } from "./registers.ts";
import type { Register } from "./registers.ts";
import { runLabel, runMsrs, runName, runsOf } from "./runs.ts";
import type { Run } from "./runs.ts";

/** One access in a row, before and after. */
export interface RowCell {
  readonly old: string;
  readonly new: string;
  readonly changed: boolean;
  /** Indices of the patches that changed it, ascending. */
  readonly by: readonly number[];
  /** The weaker one of the two outcomes' evidence. */
  readonly evidence: Evidence;
}

/** One register, or consecutive words of one that behave alike. */
export interface Row {
  /** `0x80a`, ascending. */
  readonly msrs: readonly string[];
  /** `0x80A` or `0x811..0x817`. */
  readonly label: string;
  readonly register: string;
  readonly read: RowCell;
  readonly write: RowCell;
}

export interface RowsInput extends ComparisonInput {
  /** Which patches changed an access; asked for changed ones only. Default: none. */
  readonly changedBy?: (msr: number, access: Access) => readonly number[];
}

interface RegisterCells {
  readonly register: Register;
  readonly read: RowCell;
  readonly write: RowCell;
}

/** Builds the cell of one access of a register from both sides. */
function cellBuilder(input: RowsInput): (msr: number, access: Access) => RowCell {
  const compare = compareAccess(input);
  return (msr, access) => {
    const { old, new: now } = compare(msr, access);
    const changed = old.outcome.code !== now.outcome.code;
    return {
      old: old.outcome.code,
      new: now.outcome.code,
      changed,
      by: changed ? [...(input.changedBy?.(msr, access) ?? [])].sort((a, b) => a - b) : [],
      evidence: weakerEvidence(old.outcome.evidence, now.outcome.evidence),
    };
  };
}

function sameCell(one: RowCell, other: RowCell): boolean {
  return (
    one.old === other.old &&
    one.new === other.new &&
    one.evidence === other.evidence &&
    one.by.join() === other.by.join()
  );
}

function saysTheSame(one: RegisterCells, other: RegisterCells): boolean {
  return sameCell(one.read, other.read) && sameCell(one.write, other.write);
}

function toRow(run: Run<RegisterCells>): Row {
  const { read, write } = run.first;
  return { msrs: runMsrs(run), label: runLabel(run), register: runName(run), read, write };
}

/** Whether an MSR without a row of its own gets one: passed through before or after, or changed. */
function isSpokenOf(input: RowsInput): (cells: RegisterCells) => boolean {
  const passed = new Set([...input.old.read, ...input.old.write, ...input.new.read, ...input.new.write]);
  return ({ register, read, write }) =>
    register.always || passed.has(register.msr) || read.changed || write.changed;
}

/**
 * The rows of the table, by ascending MSR: the 29 of every table and one for any other MSR of
 * 0x800..0x8FF that is passed through in either set or changes. Consecutive words of a register share a
 * row as long as all that is said of them is equal.
 */
export function buildRows(input: RowsInput): Row[] {
  const cell = cellBuilder(input);
  const all = X2APIC_MSRS.map((msr) => {
    return { register: registerAt(msr), read: cell(msr, "read"), write: cell(msr, "write") };
  });
  return runsOf(all.filter(isSpokenOf(input)), saysTheSame).map(toRow);
}
