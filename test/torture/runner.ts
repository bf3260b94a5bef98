/** A process of its own for the vectors, so that what one of them does to it is seen from outside. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Answer, Task } from "./child.ts";
import type { Entrance } from "./entrances.ts";
import type { Vector } from "./vectors/vector.ts";

/** What any vector may cost. */
export const LIMITS = { cpuMs: 1000, peakMb: 200, doubling: 2.3 };
/**
 * A run below this is not compared with another: with millions of bytes or lines, what is seen is how garbage is
 * collected, in steps. Such a vector grows until it takes longer, or is as large as anything that is read at all: then
 * its time itself says that nothing in it is worse than linear.
 */
const NOISE_MS = 200;
/** Bytes, by entrance: about the limits of a mail, of a kernel's file, of settings. */
const LARGEST: Record<Entrance, number> = {
  mail: 8e6,
  reply: 8e6,
  review: 8e6,
  archive: 16e6,
  diff: 8e6,
  commands: 8e6,
  c: 2e6,
  config: 1e6,
};
/** A ratio that is too high is measured again: the best run of each size counts. */
const ROUNDS = 12;

const CHILD = new URL("./child.ts", import.meta.url).pathname;

/** Silence after which a child is given up. */
const SILENCE_MS = 60_000;

interface Child {
  readonly ask: (task: Task) => Promise<Answer>;
  readonly end: () => Promise<void>;
}

function startChild(): Child {
  const child = spawn(
    process.execPath,
    ["--expose-gc", "--max-old-space-size=1024", "--import", "tsx", CHILD],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const ended = once(child, "close");
  child.stdin.on("error", () => undefined); // it may be gone: then there is no answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async (task) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), SILENCE_MS);
      child.stdin.write(`${JSON.stringify(task)}\n`);
      const { value, done } = await lines.next();
      clearTimeout(timer);
      if (done === true) throw new Error("the process died of it, or was silent for a minute");
      return JSON.parse(value as string) as Answer;
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

export interface Runner {
  readonly run: (vector: Vector, size: number) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** One child for each entrance: what is idle there is what this entrance has loaded. */
export function startRunner(): Runner {
  const dir = mkdtempSync(join(tmpdir(), "avicbot-torture-"));
  const children = new Map<Entrance, Child>();
  return {
    run: async ({ entrance, text }, size) => {
      const path = join(dir, "vector");
      writeFileSync(path, text(size), "latin1");
      const child = children.get(entrance) ?? startChild();
      children.set(entrance, child);
      try {
        return await child.ask({ entrance, path });
      } catch (error) {
        children.delete(entrance);
        throw error;
      }
    },
    close: async () => {
      await Promise.all([...children.values()].map((child) => child.end()));
      rmSync(dir, { recursive: true });
    },
  };
}

/** Runs of a vector before a limit counts as exceeded: others on the machine may cost it as much as itself. */
const TRIES = 5;

/** Runs a vector at its full size; the cheapest of several runs when the first is over a limit. */
export async function runVector(runner: Runner, vector: Vector): Promise<Answer> {
  let best = await runner.run(vector, vector.size ?? 1);
  for (let run = 1; run < TRIES && exceeds(best); run++) {
    const next = await runner.run(vector, vector.size ?? 1);
    const cpuMs = Math.min(best.cpuMs, next.cpuMs);
    best = { ...next, cpuMs, peakMb: Math.min(best.peakMb, next.peakMb) };
  }
  return best;
}

function exceeds({ cpuMs, peakMb }: Answer): boolean {
  return cpuMs > LIMITS.cpuMs || peakMb > LIMITS.peakMb;
}

/** The size at which it takes long enough to be compared, or the largest one. */
async function tellingSize(runner: Runner, vector: Vector, size: number): Promise<number> {
  for (let at = size; ; at *= 2) {
    if (vector.text(2 * at).length > LARGEST[vector.entrance]) return at;
    if ((await runner.run(vector, at)).cpuMs >= NOISE_MS) return at;
  }
}

/** Sizes are looked for again, since a size that took long by chance makes the smaller one look cheap. */
const ATTEMPTS = 3;

/** By how much the time grows when the size doubles; 0 where it is too short to tell. */
export async function doubling(runner: Runner, vector: Vector, size: number): Promise<number> {
  let growth = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS && growth > LIMITS.doubling; attempt++)
    growth = await growthFrom(runner, vector, await tellingSize(runner, vector, size));
  return growth;
}

/** Memory that is touched for the first time makes steps, so it is the mean of two doublings. */
async function growthFrom(runner: Runner, vector: Vector, telling: number): Promise<number> {
  const sizes = [telling / 4, telling].map(Math.ceil);
  const best = sizes.map(() => Infinity);
  const growth = () => {
    const [first = 0, last = 0] = best;
    return last < NOISE_MS ? 0 : Math.sqrt(last / Math.max(first, NOISE_MS / 32));
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, one] of sizes.entries())
      best[at] = Math.min(best[at] ?? Infinity, (await runner.run(vector, one)).cpuMs);
    if (growth() <= LIMITS.doubling) break;
  }
  return growth();
}
