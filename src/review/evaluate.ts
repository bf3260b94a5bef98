/** Evaluates kernel trees, each file and each part only once. */
import type { Evaluation } from "../interception/behaviour.ts";
import { createCache } from "../interception/cache.ts";
import { evaluateKernel } from "../interception/evaluate.ts";
import { KernelError } from "../kernel/source.ts";
import type { TreeRef } from "../kernel/source.ts";
import { withTree } from "../kernel/tree.ts";

/** Evaluates one tree after the other; what they share is computed once. */
export type Evaluator = (tree: TreeRef) => Promise<Evaluation>;

/** A defect of the evaluator must not take a whole run down, and must not look like a result. */
function internalError(error: unknown): Evaluation {
  const text = error instanceof Error ? error.message : String(error);
  return { ok: false, reason: `internal error of the evaluation: ${text}`, place: null, filesRead: [] };
}

export function createEvaluator(): Evaluator {
  const cache = createCache();
  return async (ref) => {
    try {
      return await withTree(ref, (tree) => evaluateKernel(tree, cache));
    } catch (error) {
      if (error instanceof KernelError) throw error;
      return internalError(error);
    }
  };
}

/** A revision as it is, nothing changed. */
export function plainTree(source: TreeRef["source"], revision: string): TreeRef {
  return { source, revision, changes: new Map() };
}
