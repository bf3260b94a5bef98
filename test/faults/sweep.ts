/** The whole run: rows on several worlds at a time, then faults at random, and the table of what came of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { endProgress, reportOf, showProgress } from "./report.ts";
import { isProven, type ProvenRow, type Row } from "./row.ts";
import { RANDOM_ROW } from "./random.ts";
import { ROWS } from "./table.ts";
import { add, emptyTally, isClean, makeReference, runCase, type Tally, type Trial } from "./trial.ts";
import { startWorld } from "./world.ts";

export interface RunOptions {
  /** Ids; none: all. */
  readonly rows: readonly string[];
  readonly minutes: number;
  readonly seed: number;
  /** Worlds at a time. */
  readonly lanes: number;
}

interface Task {
  readonly row: Row;
  readonly variant: string;
}

/** Cases of a task until its point has no further pass. */
export async function runTask(trial: Trial, { row, variant }: Task, passes = Infinity): Promise<Tally> {
  if (isProven(row)) return runTest(row);
  const sum = emptyTally();
  for (let pass = 1; pass <= passes; pass += 1) {
    const tally = await runCase(trial, row, { variant, pass });
    if (tally === null) break;
    add(sum, tally);
    if (row.everyPass !== true) break;
  }
  return sum;
}

/** A row that a test holds: what it prints when it fails. */
async function runTest({ id, file, title }: ProvenRow): Promise<Tally> {
  const pattern = title.replace(/[^\w\s]/g, ".");
  const argv = ["--import", "tsx", "--test", `--test-name-pattern=${pattern}`, file];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "ignore"] });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  await once(child, "close");
  const passed = child.exitCode === 0 && /^ *(?:# |\u2139 )pass [1-9]/m.test(out);
  return { ...emptyTally(), lost: passed ? [] : [`${id} ${file}: ${title}\n${out}`] };
}

function isWanted({ rows }: RunOptions, id: string): boolean {
  return rows.length === 0 || rows.includes(id);
}

/** Rows first, then random cases until the time is over; each has a seed of its own, counted from the run's. */
function* tasksOf(options: RunOptions): Generator<Task> {
  for (const row of ROWS) {
    if (!isWanted(options, row.id) || (!isProven(row) && row.skip)) continue;
    for (const variant of isProven(row) ? [row.title] : row.variants) yield { row, variant };
  }
  if (!isWanted(options, RANDOM_ROW.id)) return;
  const end = performance.now() + options.minutes * 60_000;
  for (let seed = options.seed; seed === options.seed || performance.now() < end; seed += 1)
    yield { row: RANDOM_ROW, variant: String(seed) };
}

/** True when every promise was kept. */
export async function runFaults(options: RunOptions): Promise<boolean> {
  const tasks = tasksOf(options);
  const results = new Map<Row, Tally>();
  const begun = performance.now();
  const work = async () => {
    const world = await startWorld();
    try {
      const trial = { world, program: "avicbot", reference: await makeReference(world) } as const;
      for (const task of tasks) {
        const sum = results.get(task.row) ?? emptyTally();
        results.set(task.row, sum);
        showProgress(`${task.row.id} ${task.variant}`, results, begun);
        add(sum, await runTask(trial, task));
      }
    } finally {
      await world.stop();
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, work));
  endProgress();
  const skipped = ROWS.filter((row) => isWanted(options, row.id) && !isProven(row) && row.skip);
  console.log(reportOf(results, skipped, options.seed));
  return [...results.values()].every(isClean);
}
