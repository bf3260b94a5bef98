/**
 * One tree of Linux 6.12 evaluated in a warm process: three scenarios, KVM's answers, the trap handler. The tree is
 * never one that was seen before: a comment more in avic.c and in lapic.c, so that every part is worked out anew.
 * `fresh`: with no file read and scanned beforehand, either.
 */
import { openDirectory } from "../src/kernel/directory.ts";
import type { KernelSource, TreeRef } from "../src/kernel/source.ts";
import { packagePath } from "../src/package-root.ts";
import { createEvaluator, plainTree } from "../src/review/evaluate.ts";
import type { Evaluator } from "../src/review/evaluate.ts";
import { realTree } from "../test/interception/kernels.ts";
import { median } from "./lib.ts";

const WARM_UP = 30;
const ROUNDS = 25;
const BOUND = 50;
const CHANGED = ["arch/x86/kvm/svm/avic.c", "arch/x86/kvm/lapic.c"];

async function unseen(source: KernelSource, number: number): Promise<TreeRef> {
  const tree = plainTree(source, "tree");
  const texts = await Promise.all(CHANGED.map((path) => source.read("tree", path)));
  const changes = texts.map((text, i): [string, string] => [CHANGED[i] ?? "", `${text}/* ${number} */\n`]);
  return { ...tree, changes: new Map(changes) };
}

async function timed(evaluate: Evaluator, tree: TreeRef): Promise<number> {
  const start = performance.now();
  const result = await evaluate(tree);
  if (!result.ok) throw new Error(result.reason);
  return performance.now() - start;
}

export async function run(): Promise<void> {
  if (realTree("6.12") === null)
    return console.log("evaluation: no kernel under .cache/linux-6.12; npm test puts it there");
  const source = await openDirectory(packagePath(".cache/linux-6.12"));
  const evaluate = createEvaluator();
  const known: number[] = [];
  const fresh: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const tree = await unseen(source, round);
    const [warm, anew] = [await timed(evaluate, tree), await timed(createEvaluator(), tree)];
    if (round >= WARM_UP) {
      known.push(warm);
      fresh.push(anew);
    }
  }
  console.log(
    `evaluation: ${median(known).toFixed(1)} ms warm (bound ${BOUND}), ${median(fresh).toFixed(1)} ms fresh`,
  );
  if (median(known) > BOUND) process.exitCode = 1;
  await source.close();
}
