/** The whole run: rows on several worlds at a time, then faults at random, and the table of what came of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
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

/** Says how a run goes on, on a terminal. */
function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Rows first, then random cases until the time is over; each has a seed of its own, counted from the run's. */
function* tasksOf(options: RunOptions): Generator<Task> {
  const wanted = (id: string) => options.rows.length === 0 || options.rows.includes(id);
  for (const row of ROWS) {
    if (!wanted(row.id) || (!isProven(row) && row.skip)) continue;
    for (const variant of isProven(row) ? [row.title] : row.variants) yield { row, variant };
  }
  if (!wanted(RANDOM_ROW.id)) return;
  const end = performance.now() + options.minutes * 60_000;
  for (let seed = options.seed; seed === options.seed || performance.now() < end; seed += 1)
    yield { row: RANDOM_ROW, variant: String(seed) };
}

/** True when every promise was kept. */
export async function runFaults(options: RunOptions): Promise<boolean> {
  const tasks = tasksOf(options);
  const results = new Map<Row, Tally>();
  const work = async () => {
    const world = await startWorld();
    try {
      const trial = { world, program: "avicbot", reference: await makeReference(world) } as const;
      for (const task of tasks) {
        const sum = results.get(task.row) ?? emptyTally();
        results.set(task.row, sum);
        show(`${task.row.id} ${task.variant}; ${sentence(total(results))}`);
        add(sum, await runTask(trial, task));
      }
    } finally {
      await world.stop();
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, work));
  show("");
  for (const [row, tally] of [...results].sort(([a], [b]) => (a.id < b.id ? -1 : 1))) {
    const how = isProven(row) ? `${row.file}: ${isClean(tally) ? "holds" : "FAILS"}` : sentence(tally);
    console.log(`${row.id} ${row.what}: ${how}`);
    for (const text of broken(tally)) console.log(`  ${text}`);
  }
  for (const row of ROWS)
    if (!isProven(row) && row.skip) console.log(`${row.id} ${row.what}: skipped: ${row.skip}`);
  const all = total(results);
  console.log(`seed ${options.seed}: ${sentence(all)}`);
  return isClean(all);
}

function total(results: ReadonlyMap<Row, Tally>): Tally {
  const sum = emptyTally();
  for (const tally of results.values()) add(sum, tally);
  return sum;
}

function broken({ lost, duplicates, wrongThread, wrongBody }: Tally): string[] {
  return [...lost, ...duplicates, ...wrongThread, ...wrongBody];
}

function sentence(tally: Tally): string {
  const times = tally.recoveredMs.toSorted((a, b) => a - b).map(Math.round);
  const recovered =
    times.length === 0 ? "" : `recovered_in_ms p50 ${times[(times.length - 1) >> 1]} max ${times.at(-1)}, `;
  return (
    `faults injected ${tally.faults}, ${recovered}raw double sends ${tally.rawDoubles}, ` +
    `visible duplicates ${tally.duplicates.length}, lost ${tally.lost.length}, ` +
    `wrong thread ${tally.wrongThread.length}, other words ${tally.wrongBody.length}`
  );
}
