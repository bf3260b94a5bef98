/** The behaviour of one kernel, for the verbs that look at whole kernels. */
import type { Evaluation, KernelBehaviour } from "../interception/behaviour.ts";
import { plainTree } from "../review/evaluate.ts";
import type { Evaluator } from "../review/evaluate.ts";
import type { KernelSource } from "../kernel/source.ts";
import { CliError, EXIT } from "./exit.ts";

function undetermined(what: string, evaluation: Extract<Evaluation, { ok: false }>): CliError {
  const { reason, place } = evaluation;
  const where = place === null ? "" : ` (${place.file}:${place.line})`;
  return new CliError(`${what}: undetermined: ${reason}${where}`, EXIT.undetermined);
}

/** Evaluates a revision; a kernel that cannot be determined ends the verb with exit code 3. */
export async function behaviourOf(
  source: KernelSource,
  revision: string,
  evaluate: Evaluator,
): Promise<KernelBehaviour> {
  const evaluation = await evaluate(plainTree(source, revision));
  if (!evaluation.ok) throw undetermined(`${source.describe} ${revision}`, evaluation);
  return evaluation.behaviour;
}
