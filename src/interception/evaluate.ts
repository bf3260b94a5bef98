/** From kernel source to what KVM does with accesses to x2APIC MSRs. */
import { Program } from "../c/program.ts";
import type { KernelTree } from "../kernel/tree.ts";
import { evaluateAnswers } from "./answers.ts";
import type { Evaluation } from "./behaviour.ts";
import { cachedPart } from "./cache.ts";
import type { EvaluationCache } from "./cache.ts";
import { evaluateSets } from "./evaluate-sets.ts";
import { KERNEL_CONFIG } from "./kernel-config.ts";
import { evaluateTraps } from "./traps.ts";

/**
 * Evaluates a tree: passthrough sets of the three scenarios with their provenance, KVM's answers, the
 * handling of unaccelerated accesses. What the tree throws passes through; everything else that goes
 * wrong is a reason and a place. With a cache, parts of the evaluation whose files have not changed
 * are taken from earlier trees.
 */
export function evaluateKernel(tree: KernelTree, cache?: EvaluationCache): Evaluation {
  const sets = cachedPart(cache, "sets", tree, (seen) => evaluateSets(programOf(seen, cache), seen));
  if (!sets.result.ok) return { ...sets.result, filesRead: sets.filesRead };
  const answers = cachedPart(cache, "answers", tree, (seen) => evaluateAnswers(programOf(seen, cache)));
  const traps = cachedPart(cache, "traps", tree, (seen) => evaluateTraps(programOf(seen, cache)));
  const files = [sets, answers, traps].flatMap((part) => part.filesRead);
  const { ok, ...found } = sets.result;
  return {
    ok,
    behaviour: {
      ...found,
      ...answers.result,
      unaccelerated: traps.result,
      filesRead: [...new Set(files)].sort(),
    },
  };
}

function programOf(tree: KernelTree, cache: EvaluationCache | undefined): Program {
  return new Program(tree, KERNEL_CONFIG, cache ? { cache: cache.sources } : {});
}
