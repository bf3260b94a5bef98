/**
 * A whole `avicbot scan` of an archive beside parsers and indexers of mail, on the same mails. What it finds is
 * checked against what is true of the mails: a wrong answer counts as no answer.
 */
import { join } from "node:path";
import { packagePath } from "../src/package-root.ts";
import { withoutMails } from "../test/mails.ts";
import { readTruth, sameSeries } from "./corpus/truth.ts";
import { writeCorpus, type CorpusFiles } from "./corpus/write.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { listMails, SEED } from "./harness/mails.ts";
import { alternate, avicbot, runMeasured, walls } from "./harness/process.ts";
import type { Sample } from "./harness/report.ts";
import { median, ratios } from "./harness/stats.ts";
import { parsersOf, peersOf } from "./peers/peers.ts";

export const title = "`avicbot scan` of an archive";

const QUICK_MAILS = 1500;
/** Few enough for indexers that take minutes. */
const MAILS = 10_000;
const ROUNDS = 5;
const SLOW_ROUNDS = 1;
const REAL_ROUNDS = 3;
const BIN = packagePath("dist/avicbot.cjs");

export async function run(bench: Bench): Promise<void> {
  const { report, quick, flags, dir } = bench;
  const mails = numberFlag(bench, "mails", quick ? QUICK_MAILS : MAILS);
  const files = await writeCorpus({
    dir: join(dir, "corpus"),
    seed: SEED,
    mails,
    forms: ["mbox", "maildir", "inbox"],
  });
  const expected = readTruth(files.truth);
  report.note(
    `${mails} mails, ${Math.round(files.bytes / 1e6)} MB, ${expected.length} series that concern AVIC`,
  );
  const patchwork = flags.get("patchwork") ?? packagePath(".cache", "patchwork");
  const peers = peersOf(files, dir, patchwork);
  for (const { lacking } of peers) if (lacking !== null) report.skip(lacking);
  const present = peers.filter(({ lacking }) => lacking === null);
  const rounds = quick ? 1 : ROUNDS;
  const found = await alternate(
    [
      { name: "avicbot scan", run: () => scan(files, "mbox", expected) },
      ...present.map(({ name, run, slow }) => ({ name, run, rounds: slow ? SLOW_ROUNDS : rounds })),
    ],
    { rounds, warmUp: false },
  );
  for (const [name, samples] of found) report.samples(name, samples);
  const own = found.get("avicbot scan") ?? [];
  for (const { name, times } of present) {
    const faster = ratios(walls(found.get(name)), walls(own));
    if (times !== null)
      report.goal({ name: `times as fast as ${name}`, values: faster, bound: times, kind: "at least" });
  }
  report.fact("scan, seconds a mail", median(walls(own)) / mails);
  await scanReal(bench);
}

/** The real mails, beside the parsers that are quick enough; nobody has written down what is true of them. */
async function scanReal({ report, quick, dir }: Bench): Promise<void> {
  if (withoutMails || quick) return report.skip(withoutMails || "real mail, in a quick run");
  const { path, mails } = await listMails(dir, quick);
  const files = { paths: { mbox: path }, truth: "", mails, bytes: 0 };
  const own = { name: "avicbot scan, real mail", run: () => runMeasured(avicbot(BIN, "scan", path)) };
  const parsers = parsersOf(files).filter(({ lacking }) => lacking === null);
  const found = await alternate(
    [own, ...parsers.map(({ name, run }) => ({ name: `${name}, real mail`, run }))],
    { rounds: REAL_ROUNDS, warmUp: false },
  );
  for (const [name, samples] of found) report.samples(name, samples);
  for (const { name, times } of parsers)
    report.goal({
      name: `real mail: times as fast as ${name}`,
      values: ratios(walls(found.get(`${name}, real mail`)), walls(found.get(own.name))),
      bound: times ?? 1,
      kind: "at least",
    });
}

/** Throws when the series that it reports are not those that truth names. */
export function scan(
  { paths, mails }: CorpusFiles,
  form: "mbox" | "inbox",
  expected: readonly string[],
): Sample {
  const ran = runMeasured(avicbot(BIN, "scan", "--json", paths[form] ?? ""));
  const wrong = sameSeries(ran.out, expected);
  if (wrong !== null) throw new Error(`scan of ${mails} mails as ${form}: ${wrong}`);
  return ran;
}
