/** What a run says: a line that goes on while it runs, and the table of what came of it. */
import { createColors } from "picocolors";
import { wrap } from "../../src/reply/wrap.ts";
import { isProven, type Row } from "./row.ts";
import { add, emptyTally, isClean, type Tally } from "./trial.ts";

export type Results = ReadonlyMap<Row, Tally>;

/** Of the column that says what goes wrong. */
const WHAT = 30;
/** Headings of the figures; each is as wide as it is long, and one blank stands before it. */
const FIGURES = [" faults", " kills", "p50 ms", "max ms", "re-sent", "result"] as const;

const colours = () => createColors(process.stdout.isTTY && !process.env["NO_COLOR"]);

/** Says on a terminal how a run goes on, in one line that the next one takes the place of; elsewhere nothing. */
export function showProgress(task: string, results: Results, begun: number): void {
  if (!process.stderr.isTTY) return;
  const { faults, kills } = total(results);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const bad = [...results.values()].filter((tally) => !isClean(tally)).length;
  const text = `${time}  ${faults} faults, ${kills} kills, ${bad === 0 ? "all kept" : `${bad} BROKEN`}  ${task}`;
  process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

/** A line of each row in its order, what was broken under it, and the sums. */
export function reportOf(results: Results, skipped: readonly Row[], seed: number): string {
  const { bold, dim } = colours();
  const ordered = [...results].sort(([a], [b]) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows = ordered.map(([row, tally], at) => {
    const again = ordered[at - 1]?.[0].id === row.id;
    return [lineOf(row, again ? "" : row.id, tally), ...broken(tally).map((text) => `     ${text}`)].join(
      "\n",
    );
  });
  const head = `${"row".padEnd(4)} ${"what goes wrong".padEnd(WHAT)} ${FIGURES.join(" ")}`;
  const left = skipped.map((row) => dim(`${row.id}  ${row.what}: skipped: ${skipOf(row)}`));
  return [bold(head), dim("-".repeat(head.length)), ...rows, ...left, "", sums(total(results), seed)].join(
    "\n",
  );
}

function skipOf(row: Row): string {
  return isProven(row) ? "" : row.skip || "";
}

function lineOf(row: Row, id: string, tally: Tally): string {
  const { green, red, dim } = colours();
  const text = isProven(row) ? `${row.what} (${row.file})` : row.what;
  const [first = "", ...rest] = wrap(text, 0, WHAT).split("\n");
  const [p50, max] = recovery(tally);
  const figures = isProven(row)
    ? ["", "", "", "", ""]
    : [tally.faults, tally.kills, p50, max, tally.rawDoubles];
  const cells = figures.map((value, at) => String(value).padStart(FIGURES[at]?.length ?? 0));
  const result = isClean(tally) ? green("kept") : red("BROKEN");
  return [
    `${id.padEnd(4)} ${first.padEnd(WHAT)} ${cells.join(" ")} ${result}`,
    ...rest.map((line) => `     ${isProven(row) ? dim(line) : line}`),
  ].join("\n");
}

/** Milliseconds from the last fault to the right end; empty where none was injected. */
function recovery({ recoveredMs }: Tally): [number | "", number | ""] {
  const times = recoveredMs.toSorted((a, b) => a - b).map(Math.round);
  return [times[(times.length - 1) >> 1] ?? "", times.at(-1) ?? ""];
}

function sums(tally: Tally, seed: number): string {
  const { bold, green, red } = colours();
  const [p50, max] = recovery(tally);
  const said =
    `lost ${tally.lost.length}, visible duplicates ${tally.duplicates.length}, ` +
    `wrong thread ${tally.wrongThread.length}, other words ${tally.wrongBody.length}`;
  return (
    `seed ${seed}: ${tally.faults} faults injected, ${tally.kills} of them kills; ` +
    `raw double sends ${tally.rawDoubles}\nrecovered_in_ms p50 ${p50} max ${max}\n` +
    bold((isClean(tally) ? green : red)(said))
  );
}

function total(results: Results): Tally {
  const sum = emptyTally();
  for (const tally of results.values()) add(sum, tally);
  return sum;
}

function broken({ lost, duplicates, wrongThread, wrongBody }: Tally): string[] {
  return [...lost, ...duplicates, ...wrongThread, ...wrongBody];
}
