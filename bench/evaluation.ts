/**
 * One tree of Linux 6.12 evaluated, beside gcc compiling and running the functions of it that decide the same sets.
 * Warm: in a process that has evaluated before, a tree that nobody has seen (a comment more in avic.c and in lapic.c,
 * so that every part is worked out anew). Cold: `avicbot sets` as a process.
 */
import { openDirectory } from "../src/kernel/directory.ts";
import type { KernelSource, TreeRef } from "../src/kernel/source.ts";
import { packagePath } from "../src/package-root.ts";
import { createEvaluator, plainTree } from "../src/review/evaluate.ts";
import type { Evaluator } from "../src/review/evaluate.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import type { Bench } from "./harness/bench.ts";
import {
  alternate,
  avicbot,
  has,
  runHere,
  runMeasured,
  walls,
  type Ran,
  type Subject,
} from "./harness/process.ts";
import type { Sample } from "./harness/report.ts";
import { median, ratios } from "./harness/stats.ts";
import { gccCommand } from "./peers/gcc-sets.ts";

export const title = "Evaluation of one kernel tree";

const WARM_UP = 30;
const ROUNDS = 25;
const MOST_WARM_MS = 50;
const MOST_COLD = 1.5;
const KERNEL = packagePath(".cache/linux-6.12");
const CHANGED = ["arch/x86/kvm/svm/avic.c", "arch/x86/kvm/lapic.c"];
const SCENARIOS = ["active", "deactivated", "not-x2avic"] as const;

async function unseen(source: KernelSource, number: number): Promise<TreeRef> {
  const tree = plainTree(source, "tree");
  const texts = await Promise.all(CHANGED.map((path) => source.read("tree", path)));
  const changes = texts.map((text, i): [string, string] => [CHANGED[i] ?? "", `${text}/* ${number} */\n`]);
  return { ...tree, changes: new Map(changes) };
}

async function timed(evaluate: Evaluator, tree: TreeRef): Promise<Sample> {
  return runHere(async () => {
    const result = await evaluate(tree);
    if (!result.ok) throw new Error(result.reason);
  });
}

interface Sets {
  readonly sets: Readonly<
    Record<string, { readonly read: readonly string[]; readonly write: readonly string[] }>
  >;
}

/** Lines as the program that gcc compiles prints them. */
function asLines({ sets }: Sets): string {
  const line = (name: string) =>
    [
      name,
      ...(sets[name]?.read ?? []).map((msr) => `r${msr}`),
      ...(sets[name]?.write ?? []).map((msr) => `w${msr}`),
    ].join(" ");
  return SCENARIOS.map(line).join("\n");
}

/** Both as processes, checked against each other. */
function processes({ report, dir }: Bench, tree: Tree): Subject[] {
  const own = avicbot(packagePath("dist/avicbot.cjs"), "sets", "--tree", KERNEL, "--json");
  const expected = asLines(JSON.parse(runMeasured(own).out) as Sets);
  const cold: Subject = { name: "avicbot sets, cold", run: () => runMeasured(own) };
  if (!has("gcc")) {
    report.skip("gcc is not installed: apt-get install gcc");
    return [cold];
  }
  const command = gccCommand(tree, KERNEL, dir);
  const run = (): Ran => {
    const ran = runMeasured(command);
    if (ran.out.trim() !== expected) throw new Error(`gcc finds other sets:\n${ran.out}\nthan\n${expected}`);
    return ran;
  };
  return [cold, { name: "gcc, compile and run", run }];
}

export async function run(bench: Bench): Promise<void> {
  const { report, quick } = bench;
  const tree = realTree("6.12");
  if (tree === null)
    return report.skip("no kernel under .cache/linux-6.12; npm run setup test puts it there");
  const source = await openDirectory(KERNEL);
  const evaluate = createEvaluator();
  let number = 0;
  for (; number < (quick ? 5 : WARM_UP); number++) await timed(evaluate, await unseen(source, number));
  const found = await alternate(
    [
      { name: "evaluation, warm", run: async () => timed(evaluate, await unseen(source, ++number)) },
      {
        name: "evaluation, no file known",
        run: async () => timed(createEvaluator(), await unseen(source, ++number)),
      },
      ...processes(bench, tree),
    ],
    { rounds: quick ? 5 : ROUNDS },
  );
  await source.close();
  for (const [name, samples] of found) report.samples(name, samples);
  const warm = walls(found.get("evaluation, warm"));
  const milliseconds = warm.map((time) => time * 1000);
  report.goal({ name: "warm", values: milliseconds, bound: MOST_WARM_MS, kind: "at most", unit: "ms" });
  const gcc = walls(found.get("gcc, compile and run"));
  if (gcc.length > 0) {
    report.goal({ name: "warm, time to gcc's", values: ratios(warm, gcc), bound: 1, kind: "at most" });
    const cold = ratios(walls(found.get("avicbot sets, cold")), gcc);
    report.goal({ name: "cold, time to gcc's", values: cold, bound: MOST_COLD, kind: "at most" });
  }
  report.fact("evaluation, seconds", median(warm));
}
