/**
 * All ways through code with unknown conditions, by running it again for each: every run replays the
 * answers of its script and takes "yes" for what is new; then the last "yes" that was not yet turned
 * becomes "no". Deterministic, and nothing of a run has to be undone.
 */
import type { Condition } from "./answers.ts";
import { StopSignal } from "./value.ts";

/** A condition with the answer that one path gives it. */
export interface Answer extends Condition {
  readonly value: boolean;
}

export interface Path<T> {
  /** In the order in which they were asked. */
  readonly conditions: readonly Answer[];
  readonly result: T;
}

export interface Exploration<T> {
  readonly paths: readonly Path<T>[];
  /** false: there are more ways than the bound allows. */
  readonly complete: boolean;
}

export interface Bound {
  readonly paths: number;
  /** Conditions on one path: a loop on an unknown condition ends here. */
  readonly conditions: number;
}

export const DEFAULT_BOUND: Bound = { paths: 64, conditions: 32 };

/**
 * Runs `run` once for every way the unknown conditions can go. `run` must ask only through `decide` and
 * be otherwise deterministic; give `decide` to the machine.
 */
export function explorePaths<T>(
  run: (decide: (condition: Condition) => boolean) => T,
  bound: Partial<Bound> = {},
): Exploration<T> {
  const limits = { ...DEFAULT_BOUND, ...bound };
  const paths: Path<T>[] = [];
  let script: boolean[] | null = [];
  while (script !== null) {
    if (paths.length >= limits.paths) return { paths, complete: false };
    const conditions: Answer[] = [];
    const result = run(decider(script, conditions, limits.conditions));
    paths.push({ conditions, result });
    script = nextScript(conditions);
  }
  return { paths, complete: true };
}

function decider(
  script: readonly boolean[],
  conditions: Answer[],
  limit: number,
): (condition: Condition) => boolean {
  return (condition) => {
    if (conditions.length >= limit) {
      throw new StopSignal("condition", `more than ${limit} unknown conditions on one way`, condition.place);
    }
    const value = script[conditions.length] ?? true;
    conditions.push({ ...condition, value });
    return value;
  };
}

/** The answers up to the last "yes", which becomes "no"; null where all is "no". */
function nextScript(conditions: readonly Answer[]): boolean[] | null {
  const last = conditions.findLastIndex((condition) => condition.value);
  if (last < 0) return null;
  return [...conditions.slice(0, last).map((condition) => condition.value), false];
}
