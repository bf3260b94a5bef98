/** One run against an earlier one: by the ratios of the goals, which the machine's speed does not touch. */
import type { Goal, Report } from "./report.ts";
import type { Results } from "./results.ts";
import { least, median, most, shown } from "./stats.ts";

/** Worse by less than this is noise, whatever the spread says. */
const NOISE = 1.1;

export interface Change {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** Above 1: better. */
  readonly times: number;
  /** Worse than noise, and the spreads of the two runs do not meet. */
  readonly worse: boolean;
}

export function compareResults(before: Results, after: Results): Change[] {
  const former = new Map(before.reports.flatMap(goalsOf));
  return after.reports.flatMap(goalsOf).flatMap(([name, goal]) => {
    const old = former.get(name);
    return old === undefined ? [] : [changeOf(name, old, goal)];
  });
}

function goalsOf({ name, goals }: Report): [string, Goal][] {
  return goals.map((goal) => [`${name}: ${goal.name}`, goal]);
}

function changeOf(name: string, before: Goal, after: Goal): Change {
  const [old, now] = [median(before.values), median(after.values)];
  const more = after.kind === "at least";
  const times = more ? now / old : old / now;
  const apart = more ? most(after.values) < least(before.values) : least(after.values) > most(before.values);
  return { name, before: old, after: now, times, worse: times < 1 / NOISE && apart };
}

export function describeChange({ name, before, after, times, worse }: Change): string {
  const word = worse ? "WORSE" : times > NOISE ? "better" : "as before";
  return `${name}: ${shown(before)} before, ${shown(after)} now: ${word}`;
}
