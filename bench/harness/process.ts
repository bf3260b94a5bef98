/** Whole processes measured by GNU time, and rounds in which the order alternates. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sample } from "./report.ts";

const GNU_TIME = "/usr/bin/time";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface Ran extends Sample {
  readonly out: string;
}

const MOST_OUTPUT = 1 << 30;

/** Runs it to its end; throws with its last words when it fails. */
export function runMeasured({ command, args, env, cwd }: Command): Ran {
  const timed = existsSync(GNU_TIME);
  const notes = join(tmpdir(), `avicbot-bench-time-${process.pid}`);
  const words = timed ? [GNU_TIME, "-o", notes, "-f", "%U %S %M", command, ...args] : [command, ...args];
  const start = process.hrtime.bigint();
  const { status, error, stdout, stderr } = spawnSync(words[0] ?? "", words.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: MOST_OUTPUT,
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) {
    const words = error?.message ?? stderr.toString().trim().split("\n").slice(-3).join(" ");
    throw new Error(`${command} ended with ${status}: ${words}`);
  }
  const out = stdout.toString();
  if (!timed) return { wall, cpu: null, memory: null, out };
  const note = readFileSync(notes, "utf8");
  rmSync(notes);
  const [user, system, kilobytes] = note.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return { wall, cpu: (user ?? Number.NaN) + (system ?? 0), memory: (kilobytes ?? Number.NaN) / 1024, out };
}

/** The bot's own command as it is installed. */
export function avicbot(bin: string, ...args: readonly string[]): Command {
  return { command: process.execPath, args: [bin, ...args] };
}

export interface Subject {
  readonly name: string;
  readonly run: () => Sample | Promise<Sample>;
  /** Slow ones take part in the first so many rounds only. */
  readonly rounds?: number;
}

/** Runs all in turns, forwards and backwards, after one round that does not count; by name. */
export async function alternate(
  subjects: readonly Subject[],
  { rounds, warmUp = true }: { rounds: number; warmUp?: boolean },
): Promise<Map<string, Sample[]>> {
  const found = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const { name, run, rounds: few = rounds } of round % 2 === 0 ? [...subjects].reverse() : subjects) {
      const slow = few < rounds;
      if (round > few || (round === 0 && slow)) continue;
      const sample = await run();
      if (round > 0) found.get(name)?.push(sample);
    }
  }
  return found;
}

/** A piece of this process' own work. */
export async function runHere(work: () => unknown): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { wall, cpu: (user + system) / 1e6, memory: null };
}

/** Whether a command is there to be run. */
export function has(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args.length > 0 ? args : ["--version"], { stdio: "ignore" }).error === undefined;
}

export function walls(samples: readonly Sample[] | undefined): number[] {
  return (samples ?? []).map(({ wall }) => wall);
}
