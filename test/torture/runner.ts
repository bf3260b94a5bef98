/** A process of its own for the vectors, so that what one of them does to it is seen from outside. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Answer, Task } from "./child.ts";
import type { Vector } from "./vectors/vector.ts";

/** What any vector may cost. */
export const LIMITS = { cpuMs: 1000, peakMb: 200, doubling: 2.3 };
/** A run below this is not compared with another: it is noise. */
const NOISE_MS = 20;
/** A ratio that is too high is measured again: the best run of each size counts. */
const ROUNDS = 12;

const CHILD = new URL("./child.ts", import.meta.url).pathname;

export interface Runner {
  readonly run: (vector: Vector, size: number) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

export function startRunner(): Runner {
  const dir = mkdtempSync(join(tmpdir(), "avicbot-torture-"));
  const child = spawn(process.execPath, ["--expose-gc", "--import", "tsx", CHILD], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<null>((resolve) => child.once("close", () => resolve(null)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (task: Task): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the process ended: ${child.exitCode ?? child.signalCode}`);
    return JSON.parse(value as string) as Answer;
  };
  return {
    run: ({ entrance, text }, size) => {
      const path = join(dir, "vector");
      writeFileSync(path, text(size), "latin1");
      return ask({ entrance, path });
    },
    close: async () => {
      child.stdin.end();
      await ended;
      rmSync(dir, { recursive: true });
    },
  };
}

/** Runs a vector at its full size; the cheapest of two runs when the first is over a limit. */
export async function runVector(runner: Runner, vector: Vector): Promise<Answer> {
  const first = await runner.run(vector, vector.size ?? 1);
  if (first.cpuMs <= LIMITS.cpuMs && first.peakMb <= LIMITS.peakMb) return first;
  const second = await runner.run(vector, vector.size ?? 1);
  return {
    ...second,
    cpuMs: Math.min(first.cpuMs, second.cpuMs),
    peakMb: Math.min(first.peakMb, second.peakMb),
  };
}

/**
 * By how much the time grows when the size doubles; 0 where it is too short to tell. Memory that is touched for
 * the first time makes steps, so it is the mean of two doublings.
 */
export async function doubling(runner: Runner, vector: Vector, size: number): Promise<number> {
  const sizes = [size / 4, size].map(Math.ceil);
  const best = sizes.map(() => Infinity);
  const growth = () => {
    const [first = 0, last = 0] = best;
    return last < NOISE_MS ? 0 : Math.sqrt(last / Math.max(first, NOISE_MS / 16));
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, one] of sizes.entries())
      best[at] = Math.min(best[at] ?? Infinity, (await runner.run(vector, one)).cpuMs);
    if (growth() <= LIMITS.doubling) break;
  }
  return growth();
}
