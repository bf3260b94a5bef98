/** What a run costs this process: processor time of all its threads, and memory above what was idle. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Cost {
  readonly cpuMs: number;
  /** Peak of the resident memory above `idleKb`. */
  readonly peakMb: number;
}

/** In kB, as the kernel counts it. */
function memory(name: "VmRSS" | "VmHWM"): number {
  const status = readFileSync("/proc/self/status", "latin1");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
}

/** Resident memory after a collection, in kB; needs `--expose-gc`. */
export function idleKb(): number {
  globalThis.gc?.();
  return memory("VmRSS");
}

/** The peak counts from here on (proc(5), clear_refs). */
function forgetPeak(): void {
  writeFileSync("/proc/self/clear_refs", "5");
}

export async function measure<T>(
  idle: number,
  run: () => T | Promise<T>,
): Promise<{ result: T; cost: Cost }> {
  globalThis.gc?.();
  forgetPeak();
  const start = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(start);
  const peakMb = Math.max(0, memory("VmHWM") - idle) / 1024;
  return { result, cost: { cpuMs: (user + system) / 1000, peakMb } };
}
