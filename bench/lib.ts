/** Measuring whole processes against each other, interleaved so that both meet the same machine. */
import { spawnSync } from "node:child_process";

export interface Command {
  readonly name: string;
  readonly args: readonly string[];
}

/** Wall-clock milliseconds of one run of node with these arguments; throws when it fails. */
function once({ name, args }: Command): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.toString()}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The smallest value that so large a share (0 to 1) of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Median milliseconds of each command over `rounds` interleaved runs, the first round left out. */
export function interleaved(commands: readonly Command[], rounds: number): number[] {
  const times = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, command] of commands.entries()) {
      const time = once(command);
      if (round > 0) times[at]?.push(time);
    }
  }
  return times.map(median);
}

/** Peak resident memory of one run in MB, by GNU time; null where that is not installed. */
export function peakMemory({ args }: Command): number | null {
  const { status, stderr } = spawnSync("/usr/bin/time", ["-f", "%M", process.execPath, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kilobytes = Number(stderr?.toString().trim().split("\n").pop());
  return status === 0 && kilobytes > 0 ? Math.round(kilobytes / 1024) : null;
}
