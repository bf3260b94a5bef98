/** The rows of a table as a reader of the mail sees them: what was said can be taken from the mail itself. */
import { registerAt } from "../model/registers.ts";
import { runLabel, runName, runsOf } from "../model/runs.ts";
import { HEADINGS } from "./table.ts";

export interface ShownCells {
  readonly old: string;
  readonly new: string;
}

/** A row of a review fits, too. */
export interface ShownRow {
  /** `0x80A` or `0x811..0x817`. */
  readonly label: string;
  readonly register: string;
  readonly read: ShownCells;
  readonly write: ShownCells;
}

/** One register, or words of one, of which two tables say something else; null: the table has no such row. */
export interface RowDifference {
  readonly label: string;
  readonly register: string;
  readonly former: ShownRow | null;
  readonly now: ShownRow | null;
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function rowOf(line: string): ShownRow[] {
  const [label = "", register = "", readOld = "", readNew, writeOld = "", writeNew] = cellsOf(line);
  if (readNew === undefined || writeNew === undefined) return [];
  const cells = (old: string, now: string) => ({ old, new: now.replace(/^\* /, "") });
  return [{ label, register, read: cells(readOld, readNew), write: cells(writeOld, writeNew) }];
}

/** The rows of the table in the text of a reply; empty when it holds none. */
export function readTable(text: string): ShownRow[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  const heading = lines.findIndex((line) => line.startsWith("|") && cellsOf(line).join() === HEADINGS.join());
  if (heading < 0) return [];
  const body = lines.slice(heading + 2);
  const end = body.findIndex((line) => !line.startsWith("| 0x"));
  return body.slice(0, end < 0 ? body.length : end).flatMap(rowOf);
}

/** The MSRs of `0x811..0x817`; hostile ends make no long list. */
function msrsOf(label: string): number[] {
  const [first = Number.NaN, last = first] = label.split("..").map(Number);
  const count = Math.min(256, last - first + 1);
  return Number.isNaN(count) ? [] : Array.from({ length: Math.max(0, count) }, (_, at) => first + at);
}

function byMsr(rows: readonly ShownRow[]): Map<number, ShownRow> {
  return new Map(rows.flatMap((row) => msrsOf(row.label).map((msr) => [msr, row] as const)));
}

function saysTheSame(one: ShownRow | null, other: ShownRow | null): boolean {
  if (one === null || other === null) return one === other;
  return (["read", "write"] as const).every(
    (access) => one[access].old === other[access].old && one[access].new === other[access].new,
  );
}

/** The rows that say something else in the second table, by ascending MSR. */
export function differingRows(former: readonly ShownRow[], now: readonly ShownRow[]): RowDifference[] {
  const [before, after] = [byMsr(former), byMsr(now)];
  const msrs = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
  const differing = msrs
    .map((msr) => ({
      register: registerAt(msr),
      former: before.get(msr) ?? null,
      now: after.get(msr) ?? null,
    }))
    .filter((one) => !saysTheSame(one.former, one.now));
  return runsOf(
    differing,
    (one, next) => saysTheSame(one.former, next.former) && saysTheSame(one.now, next.now),
  ).map((run) => ({
    label: runLabel(run),
    register: runName(run),
    former: run.first.former,
    now: run.first.now,
  }));
}
