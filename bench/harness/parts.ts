import type { Reporter } from "./report.ts";
import { quantile } from "./stats.ts";

/** Whole and bare parts by p50 and p99, in milliseconds: the one as a multiple of the other. */
export function compareWithParts(
  report: Reporter,
  { whole, bare, bound }: { whole: readonly number[]; bare: readonly number[]; bound: number },
): void {
  for (const [name, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const [own, theirs] = [quantile(whole, share), quantile(bare, share)];
    report.note(`${name}: ${own.toFixed(1)} ms, its bare parts ${theirs.toFixed(1)} ms`);
    report.goal({
      name: `time to its bare parts, ${name}`,
      values: [own / theirs],
      bound,
      kind: "at most",
    });
  }
}
