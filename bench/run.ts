/**
 * `npm run bench -- [NAME…] [--quick] [--compare FILE] [--write-docs] [--FLAG=VALUE…]`: the benchmarks, all of them
 * without a name. Writes bench/results/; ends with 1 when a goal is missed or a comparison is worse.
 * `--write-docs` with no name fills docs/performance.md from the latest results. `corpus --mails=N --out=DIR` writes mail.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeCorpus, type Form } from "./corpus/write.ts";
import type { Benchmark } from "./harness/bench.ts";
import { compareResults, describeChange } from "./harness/compare.ts";
import { writeDocs } from "./harness/docs.ts";
import { NAMES } from "./harness/names.ts";
import { Reporter } from "./harness/report.ts";
import {
  LATEST,
  makeResults,
  readResults,
  taken,
  writeResults,
  type Results,
  type Taken,
} from "./harness/results.ts";

interface Words {
  readonly names: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** `--name=value`, `--name value` for the few that name a file, `--name` alone. */
function readWords(words: readonly string[]): Words {
  const names: string[] = [];
  const flags = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name === undefined) names.push(word);
    else flags.set(name, value ?? (name === "compare" ? (words[++at] ?? "") : ""));
  }
  return { names, flags };
}

async function runOne(name: string, flags: Words["flags"], done: readonly Taken[]): Promise<Taken> {
  const { title, run } = (await import(`./${name}.ts`)) as Benchmark;
  const report = new Reporter(name, title);
  const dir = mkdtempSync(join(tmpdir(), "avicbot-bench-"));
  const facts = () =>
    Object.assign({}, ...[...formerReports(), ...done].map((one) => one.facts)) as Record<string, number>;
  try {
    await run({ report, quick: flags.has("quick"), flags, dir, facts });
  } catch (error) {
    report.fail(error);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return taken(report, flags.has("quick"));
}

function formerReports(): readonly Taken[] {
  return existsSync(LATEST) ? readResults(LATEST).reports : [];
}

/** A run of a few benchmarks replaces their part of the latest results and leaves the others. */
function joined(reports: readonly Taken[]): Taken[] {
  const known = new Map([...formerReports(), ...reports].map((report) => [report.name, report]));
  return NAMES.flatMap((name) => known.get(name) ?? []);
}

async function makeMail(flags: Words["flags"]): Promise<void> {
  const forms = (flags.get("forms") ?? "mbox").split(",") as Form[];
  const [mails, seed] = [Number(flags.get("mails") ?? 10_000), Number(flags.get("seed") ?? 1)];
  const { paths, truth } = await writeCorpus({ dir: flags.get("out") ?? "corpus", seed, mails, forms });
  for (const path of [...Object.values(paths), truth]) console.log(path);
}

function compare(path: string, results: Results): boolean {
  const changes = compareResults(readResults(path), results);
  for (const change of changes) console.log(describeChange(change));
  return changes.some(({ worse }) => worse);
}

async function main({ names, flags }: Words): Promise<number> {
  if (names[0] === "corpus") return makeMail(flags).then(() => 0);
  const unknown = names.filter((name) => !NAMES.some((known) => known === name));
  if (unknown.length > 0) {
    console.error(`no benchmark '${unknown.join("', '")}': there are ${NAMES.join(", ")}`);
    return 2;
  }
  const former = flags.get("compare");
  if (names.length === 0 && flags.has("write-docs")) {
    writeDocs(readResults(LATEST));
    return 0;
  }
  const reports: Taken[] = [];
  let written: readonly string[] = [];
  for (const name of names.length > 0 ? names : NAMES) {
    reports.push(await runOne(name, flags, reports));
    // a run takes an hour: what is measured stays whatever becomes of the rest
    written = writeResults(makeResults(joined(reports)));
  }
  const worse = former === undefined ? false : compare(former, makeResults(reports));
  console.log(written.join("\n"));
  if (flags.has("write-docs")) writeDocs(readResults(LATEST));
  const missed = reports.flatMap(({ name, goals }) =>
    goals.filter(({ met }) => !met).map((goal) => `${name}: ${goal.name}`),
  );
  for (const goal of missed) console.log(`missed: ${goal}`);
  const failed = reports.some(({ failure }) => failure !== null);
  return missed.length > 0 || worse || failed ? 1 : 0;
}

process.exitCode = await main(readWords(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 2;
});
