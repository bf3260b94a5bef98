/** `avicbot scan` of a public-inbox archive beside git giving out all of its blobs and nothing else. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readTruth } from "./corpus/truth.ts";
import { writeCorpus } from "./corpus/write.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { SEED } from "./harness/mails.ts";
import { alternate, runMeasured, walls } from "./harness/process.ts";
import { median, ratios, shown } from "./harness/stats.ts";
import { scan } from "./scan.ts";

export const title = "`avicbot scan` of a public-inbox archive";

const QUICK_MAILS = 2000;
const MAILS = 20_000;
const MOST_TIMES = 1.3;
const MOST_OUTPUT = 1 << 28;

export async function run(bench: Bench): Promise<void> {
  const { report, quick, dir } = bench;
  const mails = numberFlag(bench, "mails", quick ? QUICK_MAILS : MAILS);
  const files = await writeCorpus({ dir: join(dir, "corpus"), seed: SEED, mails, forms: ["inbox"] });
  const expected = readTruth(files.truth);
  const epoch = join(files.paths.inbox ?? "", "git", "0.git");
  const list = join(dir, "blobs");
  writeFileSync(list, blobsOf(epoch));
  const git = 'git --git-dir "$0" cat-file --batch < "$1"';
  const shell = (script: string) => () => runMeasured({ command: "sh", args: ["-c", script, epoch, list] });
  const found = await alternate(
    [
      { name: "avicbot scan", run: () => scan(files, "inbox", expected) },
      { name: "git cat-file --batch", run: shell(`${git} > /dev/null`) },
      { name: "the same into a pipe that cat reads", run: shell(`${git} | cat > /dev/null`) },
    ],
    { rounds: quick ? 2 : 5 },
  );
  for (const [name, samples] of found) report.samples(name, samples);
  report.note(`${mails} mails, ${Math.round(files.bytes / 1e6)} MB`);
  const own = walls(found.get("avicbot scan"));
  const times = ratios(own, walls(found.get("git cat-file --batch")));
  report.goal({ name: "time to git's alone", values: times, bound: MOST_TIMES, kind: "at most" });
  const piped = median(walls(found.get("the same into a pipe that cat reads")));
  report.note(
    `git needs ${shown(piped / median(walls(found.get("git cat-file --batch"))))} times its time alone to hand its mails to another process`,
  );
  report.fact("scan of an inbox, seconds a mail", median(own) / mails);
}

/** Ids of all mails, oldest first. */
function blobsOf(epoch: string): string {
  const git = (args: readonly string[], input = "") =>
    execFileSync("git", ["--git-dir", epoch, ...args], { input, encoding: "utf8", maxBuffer: MOST_OUTPUT });
  const names = git(["rev-list", "--reverse", "master"]).replace(/$/gm, ":m").replace(/:m$/, "");
  return git(["cat-file", "--batch-check=%(objectname)"], names);
}
