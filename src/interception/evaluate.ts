/** From kernel source to what KVM does with accesses to x2APIC MSRs. */
import { Program } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";
import { evaluateAnswers } from "./answers.ts";
import type { Evaluation } from "./behaviour.ts";
import { cachedPart, createCache } from "./cache.ts";
import type { EvaluationCache } from "./cache.ts";
import { evaluateSets } from "./evaluate-sets.ts";
import { EMULATION_DIRS, KERNEL_CONFIG, VENDOR_DIRS } from "./kernel-config.ts";
import { evaluateTraps } from "./traps.ts";

/**
 * Evaluates a tree: passthrough sets of the three scenarios with their provenance, KVM's answers, the
 * handling of unaccelerated accesses. What the tree throws passes through; everything else that goes
 * wrong is a reason and a place. With a cache, parts of the evaluation whose files have not changed
 * are taken from earlier trees.
 */
export function evaluateKernel(tree: KernelTree, cache = createCache()): Evaluation {
  const vendor = cachedPart(cache, "vendor", tree, (seen) => {
    const program = programOf(seen, VENDOR_DIRS, cache);
    return { sets: evaluateSets(program, seen), unaccelerated: evaluateTraps(program) };
  });
  const { sets, unaccelerated } = vendor.result;
  if (!sets.ok) return { ...sets, filesRead: vendor.filesRead };
  const answers = cachedPart(cache, "answers", tree, (seen) =>
    evaluateAnswers(programOf(seen, EMULATION_DIRS, cache)),
  );
  const { ok, ...found } = sets;
  const filesRead = [...new Set([...vendor.filesRead, ...answers.filesRead])].sort();
  return { ok, behaviour: { ...found, ...answers.result, unaccelerated, filesRead } };
}

/** The tree under the one kernel configuration. */
export function programOf(
  tree: KernelTree,
  searchDirs: readonly string[],
  { sources }: EvaluationCache = createCache(),
): Program {
  return new Program(tree, KERNEL_CONFIG, { searchDirs, cache: sources });
}
