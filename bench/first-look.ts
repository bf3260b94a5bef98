/**
 * The first look at every mail of a plain mbox in memory, splitting it included, in MB a second of processor
 * time; beside it what `cat` takes for the same bytes into a pipe, and ripgrep to count one word in the file.
 */
import { readFileSync } from "node:fs";
import { mayConcern } from "../src/sources/first-look.ts";
import { splitMessages } from "../src/sources/mbox.ts";
import type { Bench } from "./harness/bench.ts";
import { alternate, has, runHere, runMeasured, walls, type Subject } from "./harness/process.ts";
import { ratios } from "./harness/stats.ts";
import { listMails } from "./harness/mails.ts";

export const title = "The first look at a mail";

const LEAST_MB = 500;
const MOST_RIPGREP = 12;

export async function run({ report, quick, dir }: Bench): Promise<void> {
  const { path, mails } = await listMails(dir, quick);
  const bytes = readFileSync(path);
  const shell = (name: string, command: string): Subject => ({
    name,
    run: () => runMeasured({ command: "sh", args: ["-c", command, path] }),
  });
  const subjects = [
    { name: "first look", run: () => runHere(() => lookThrough(bytes)) },
    shell("cat", 'cat "$0" | cat > /dev/null'),
  ];
  if (has("rg")) subjects.push(shell("ripgrep for a word", 'rg -c x2avic "$0"'));
  else report.skip("ripgrep is not installed: apt-get install ripgrep");
  const found = await alternate(subjects, { rounds: quick ? 3 : 7 });
  for (const [name, samples] of found) report.samples(name, samples);
  const own = found.get("first look") ?? [];
  const speeds = own.map(({ cpu }) => bytes.length / 1e6 / (cpu ?? Number.NaN));
  report.note(`${mails} mails, ${Math.round(bytes.length / 1e6)} MB`);
  report.goal({ name: "speed on one core", values: speeds, bound: LEAST_MB, kind: "at least", unit: "MB/s" });
  const grep = walls(found.get("ripgrep for a word"));
  if (grep.length > 0)
    report.goal({
      name: "time to ripgrep's",
      values: ratios(walls(own), grep),
      bound: MOST_RIPGREP,
      kind: "at most",
    });
  report.fact("first look, seconds a mail", Math.min(...walls(own)) / mails);
}

function lookThrough(bytes: Buffer): void {
  const concerning = splitMessages(bytes).filter((mail) => mayConcern(mail.bytes)).length;
  if (concerning === 0) throw new Error("the first look found nothing");
}
