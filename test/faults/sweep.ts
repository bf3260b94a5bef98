/** The whole run: rows on several worlds at a time, then faults at random, and the table of what came of it. */
import { isProven, type FaultRow } from "./row.ts";
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
  readonly row: FaultRow;
  readonly variant: string;
}

/** Cases of a task until its point has no further pass. */
export async function runTask(trial: Trial, { row, variant }: Task, passes = Infinity): Promise<Tally> {
  const sum = emptyTally();
  for (let pass = 1; pass <= passes; pass += 1) {
    const tally = await runCase(trial, row, { variant, pass });
    if (tally === null) break;
    add(sum, tally);
    if (row.everyPass !== true) break;
  }
  return sum;
}

/** Says how a run goes on, on a terminal. */
function show(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** True when every promise was kept. */
export async function runFaults(options: RunOptions): Promise<boolean> {
  const wanted = ROWS.filter(({ id }) => options.rows.length === 0 || options.rows.includes(id));
  const tasks = wanted.flatMap((row) =>
    isProven(row) || row.skip ? [] : row.variants.map((variant): Task => ({ row, variant })),
  );
  const results = new Map<FaultRow, Tally>();
  await Promise.all(
    Array.from({ length: options.lanes }, async () => {
      const world = await startWorld();
      try {
        const trial = { world, program: "avicbot", reference: await makeReference(world) } as const;
        for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
          show(`${task.row.id} ${task.variant}; ${tasks.length} to come`);
          const sum = results.get(task.row) ?? emptyTally();
          results.set(task.row, sum);
          add(sum, await runTask(trial, task));
        }
      } finally {
        await world.stop();
      }
    }),
  );
  show("");
  const total = emptyTally();
  for (const [row, tally] of [...results].sort(([a], [b]) => (a.id < b.id ? -1 : 1))) {
    console.log(`${row.id} ${row.what}: ${sentence(tally)}`);
    for (const text of broken(tally)) console.log(`  ${text}`);
    add(total, tally);
  }
  console.log(`seed ${options.seed}; ${sentence(total)}`);
  return isClean(total);
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
