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
  const question = paths[0]?.conditions[0];
  if (!question) return [...paths];
  const yes = reduceWays(answered(paths, true), same);
  const no = reduceWays(answered(paths, false), same);
  if (yes.length === 0) return no;
  if (no.length === 0 || sameWays(yes, no, same)) return yes;
  return [...asking({ ...question, value: true }, yes), ...asking({ ...question, value: false }, no)];
}

/** The paths on one side of the first question, without it. */
function answered<Q extends Question, T>(paths: readonly Path<Q, T>[], value: boolean): Path<Q, T>[] {
  return paths
    .filter(({ conditions: [first] }) => first?.value === value)
    .map(({ conditions, result }) => ({ conditions: conditions.slice(1), result }));
}

function asking<Q extends Question, T>(question: Q, ways: readonly Path<Q, T>[]): Path<Q, T>[] {
  return ways.map(({ conditions, result }) => ({ conditions: [question, ...conditions], result }));
}

function sameWays<Q extends Question, T>(
  a: readonly Path<Q, T>[],
  b: readonly Path<Q, T>[],
  same: (a: T, b: T) => boolean,
): boolean {
  return questionsOf(a) === questionsOf(b) && a.every((way, i) => same(way.result, (b[i] ?? way).result));
}

function questionsOf<Q extends Question, T>(ways: readonly Path<Q, T>[]): string {
  return JSON.stringify(ways.map(({ conditions }) => conditions.map(({ text, value }) => [text, value])));
}
