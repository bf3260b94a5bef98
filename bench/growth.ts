/** How time and memory of a scan grow with the archive: ten and a hundred thousand mails, a million on request. */
import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { readTruth } from "./corpus/truth.ts";
import { writeCorpus } from "./corpus/write.ts";
import type { Bench } from "./harness/bench.ts";
import { SEED } from "./harness/mails.ts";
import { walls } from "./harness/process.ts";
import type { Sample } from "./harness/report.ts";
import { exponent, median, most } from "./harness/stats.ts";
import { scan } from "./scan.ts";

export const title = "Growth of a scan with the archive";

const SIZES = [10_000, 100_000];
const LARGEST = 1_000_000;
const QUICK_SIZES = [2000, 8000];
const ROUNDS = 3;
const BYTES_A_MAIL = 20_000;
const MOST_TIME = 1.1;
const MOST_MEMORY = 1.2;

export async function run(bench: Bench): Promise<void> {
  const { report, quick, flags, dir } = bench;
  const sizes = quick ? QUICK_SIZES : [...SIZES, ...(flags.has("largest") ? [LARGEST] : [])];
  if (!flags.has("largest"))
    report.skip(`${LARGEST} mails, which need 14 GB of disk: npm run bench -- growth --largest`);
  const times: [number, number][] = [];
  const memory: [number, number][] = [];
  for (const mails of sizes) {
    if (!hasRoom(dir, mails)) {
      report.skip(`${mails} mails: there are no ${(mails * BYTES_A_MAIL) / 1e9} GB free at ${dir}`);
      continue;
    }
    const samples = await scanSome(join(dir, String(mails)), mails, quick ? 1 : ROUNDS);
    report.samples(`${mails.toLocaleString("en")} mails`, samples);
    times.push([mails, median(walls(samples))]);
    memory.push([mails, most(samples.map((sample) => sample.memory ?? Number.NaN))]);
  }
  judge(bench, times, memory);
}

function hasRoom(dir: string, mails: number): boolean {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize > mails * BYTES_A_MAIL;
}

async function scanSome(dir: string, mails: number, rounds: number): Promise<Sample[]> {
  const files = await writeCorpus({ dir, seed: SEED, mails, forms: ["mbox"] });
  const expected = readTruth(files.truth);
  scan(files, "mbox", expected);
  const samples = Array.from({ length: rounds }, () => scan(files, "mbox", expected));
  rmSync(dir, { recursive: true });
  return samples;
}

function judge({ report }: Bench, times: [number, number][], memory: [number, number][]): void {
  const costs = times.map(([mails, seconds]) => seconds / mails);
  const peaks = memory.map(([, megabytes]) => megabytes);
  report.note(`time grows with the number of mails to the power of ${exponent(times).toFixed(2)}`);
  report.goal({
    name: "time a mail, largest to smallest",
    values: [(costs.at(-1) ?? Number.NaN) / (costs[0] ?? Number.NaN)],
    bound: MOST_TIME,
    kind: "at most",
  });
  report.goal({
    name: "peak memory, largest to smallest",
    values: [(peaks.at(-1) ?? Number.NaN) / (peaks[0] ?? Number.NaN)],
    bound: MOST_MEMORY,
    kind: "at most",
  });
  report.plot({
    name: "size",
    title,
    x: "mails",
    y: "seconds, and MB of peak memory",
    lines: [
      { name: "seconds", points: times },
      { name: "MB", points: memory },
    ],
  });
}
