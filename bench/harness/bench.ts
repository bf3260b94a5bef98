/** What every benchmark gets from the runner. */
import type { Reporter } from "./report.ts";

export interface Bench {
  readonly report: Reporter;
  /** Few rounds and small input: to see that it works, and the rough size. */
  readonly quick: boolean;
  readonly flags: ReadonlyMap<string, string>;
  /** A folder of its own that is removed at the end. */
  readonly dir: string;
  /** What benchmarks before it in this run, or in the latest result, found. */
  readonly facts: () => Readonly<Record<string, number>>;
}

export interface Benchmark {
  readonly title: string;
  readonly run: (bench: Bench) => Promise<void>;
}

/** A flag that is a number. */
export function numberFlag({ flags }: Bench, name: string, otherwise: number): number {
  const text = flags.get(name);
  if (text === undefined) return otherwise;
  const value = Number(text.replaceAll("_", ""));
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`--${name}=${text}: give a number`);
}
