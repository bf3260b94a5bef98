/** Rows in which two tables differ, as text: in the reply to a new version, and in a correction. */
import type { RowDifference, ShownCells, ShownRow } from "./shown.ts";
import { renderGrid } from "./table.ts";

type Side = keyof ShownCells;

/** What the two tables are called in the headings. */
export interface Names {
  readonly former: string;
  readonly now: string;
}

const ABSENT = "(no row)";

function cell(row: ShownRow | null, access: "read" | "write", side: Side): string {
  return row === null ? ABSENT : row[access][side];
}

function differsIn(side: Side): (row: RowDifference) => boolean {
  return ({ former, now }) =>
    (["read", "write"] as const).some((access) => cell(former, access, side) !== cell(now, access, side));
}

function grid(rows: readonly RowDifference[], side: Side, { former, now }: Names): string {
  const headings = ["MSR", "Register", `${former} RDMSR`, `${now} RDMSR`, `${former} WRMSR`, `${now} WRMSR`];
  const pair = (row: RowDifference, access: "read" | "write") => {
    const [was, is] = [cell(row.former, access, side), cell(row.now, access, side)];
    return [was, was === is ? is : `* ${is}`];
  };
  return renderGrid(
    headings,
    rows.map((row) => [row.label, row.register, ...pair(row, "read"), ...pair(row, "write")]),
  );
}

/** `2 rows differ`. */
export function countPhrase(rows: readonly RowDifference[]): string {
  return rows.length === 1 ? "1 row differs" : `${rows.length} rows differ`;
}

/** The outcomes after the series, and those of the base where they differ, too; empty for no rows. */
export function renderDifference(rows: readonly RowDifference[], names: Names): string {
  const now = rows.filter(differsIn("new"));
  const base = rows.filter(differsIn("old"));
  return [
    ...(now.length > 0 ? [grid(now, "new", names)] : []),
    ...(base.length > 0 ? [`Before the series, on the base:\n${grid(base, "old", names)}`] : []),
  ].join("");
}

/** Codes that occur in the rows, for the legend. */
export function codesOf(rows: readonly RowDifference[]): string[] {
  const of = (row: ShownRow | null) =>
    row === null ? [] : [row.read.old, row.read.new, row.write.old, row.write.new];
  return rows.flatMap(({ former, now }) => [...of(former), ...of(now)]);
}
