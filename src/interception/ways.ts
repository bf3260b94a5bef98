/**
 * Paths that unknown conditions lead to, reduced to the conditions that make a difference: a question
 * whose both answers lead to the same results is no condition at all.
 */

/** A question put while evaluating, and the way it went. */
export interface Question {
  readonly text: string;
  readonly value: boolean;
}

export interface Path<Q extends Question, T> {
  readonly conditions: readonly Q[];
  readonly result: T;
}

/** Drops from every path the questions that decide nothing, and the paths that are doubled then. */
export function reduceWays<Q extends Question, T>(
  paths: readonly Path<Q, T>[],
  same: (a: T, b: T) => boolean,
): Path<Q, T>[] {
  const first = paths[0];
  if (!first || first.conditions.length === 0) return paths.slice(0, 1);
  const question = first.conditions[0];
  if (!question) return [first];
  const sides = [true, false].map((value) => {
    const rest = paths
      .filter((path) => path.conditions[0]?.value === value)
      .map((path) => ({ conditions: path.conditions.slice(1), result: path.result }));
    return reduceWays(rest, same);
  });
  const [yes = [], no = []] = sides;
  if (yes.length === 0) return no;
  if (no.length === 0 || sameWays(yes, no, same)) return yes;
  return [...withQuestion(paths, true, yes), ...withQuestion(paths, false, no)];
}

function withQuestion<Q extends Question, T>(
  paths: readonly Path<Q, T>[],
  value: boolean,
  ways: readonly Path<Q, T>[],
): Path<Q, T>[] {
  const asked = paths.find((path) => path.conditions[0]?.value === value)?.conditions[0];
  if (!asked) return [...ways];
  return ways.map((way) => ({ conditions: [asked, ...way.conditions], result: way.result }));
}

function sameWays<Q extends Question, T>(
  a: readonly Path<Q, T>[],
  b: readonly Path<Q, T>[],
  same: (a: T, b: T) => boolean,
): boolean {
  return (
    a.length === b.length &&
    a.every((way, i) => {
      const other = b[i];
      return (
        other !== undefined &&
        same(way.result, other.result) &&
        way.conditions.length === other.conditions.length &&
        way.conditions.every(
          (question, k) =>
            question.text === other.conditions[k]?.text && question.value === other.conditions[k]?.value,
        )
      );
    })
  );
}
