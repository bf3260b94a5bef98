/** The passthrough sets of a tree, with every way that unknown conditions can go. */
import { explorePaths } from "../c/index.ts";
import type { Condition, Program } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";
import type { AccessSet, Scenario, ScenarioSets, SourceLine } from "../x2apic.ts";
import type { ConditionalSets, OutsideAccess, Provenance } from "./behaviour.ts";
import { SIDE_EFFECTS } from "./assumptions.ts";
import { defaultAnswer } from "./defaults.ts";
import { AVIC_UNIT, callersOfToggles, hookEntry, usualEntries } from "./entries.ts";
import type { Entries } from "./entries.ts";
import { throughHook } from "./hook.ts";
import { provenanceOf } from "./provenance.ts";
import { startsIntercepted } from "./initial-state.ts";
import { runScenarios } from "./scenarios.ts";
import type { PathResult, Reading, Stranger } from "./scenarios.ts";
import { sameSet, union } from "./sets.ts";
import { reduceWays } from "./ways.ts";
import type { Path } from "./ways.ts";

/** Most ways that are followed before the result counts as undetermined. */
const MOST_WAYS = 32;

export interface SetsOfTree {
  readonly ok: true;
  readonly sets: ScenarioSets;
  readonly conditions: readonly ConditionalSets[];
  readonly provenance: readonly Provenance[];
  readonly outside: readonly OutsideAccess[];
  readonly entries: { readonly activate: string; readonly deactivate: string };
}

export interface NoSets {
  readonly ok: false;
  readonly reason: string;
  readonly place: SourceLine | null;
}

interface Answered extends Condition {
  readonly value: boolean;
}

type Way = Path<Answered, readonly Reading[]>;

const NO_ENTRY =
  "no avic_activate_vmcb() and avic_deactivate_vmcb() under arch/x86/kvm/svm, " +
  "nor anything that calls a function which toggles x2APIC MSRs";

/** The sets; where there are none because a file is beyond what is read, that is the reason. */
export function evaluateSets(program: Program, tree: KernelTree): SetsOfTree | NoSets {
  const found = setsOrNone(program, tree);
  if (found.ok) return found;
  const limit = program.problems(AVIC_UNIT).find(({ code }) => code.endsWith("-limit"));
  if (limit === undefined) return found;
  return { ok: false, reason: limit.text, place: { file: limit.file, line: limit.line } };
}

/** Evaluates the candidates for the entry points until one leads to the permission map. */
function setsOrNone(program: Program, tree: KernelTree): SetsOfTree | NoSets {
  let fallback: SetsOfTree | NoSets | null = null;
  for (const entries of candidates(program, tree)) {
    const ways = waysOf(program, entries);
    if (!ways.ok) {
      fallback ??= ways;
      continue;
    }
    const sets = setsOf(program, entries, ways.ways);
    if (ways.ways.some((way) => way.result.some(({ touched }) => touched))) return sets;
    fallback = fallback?.ok ? fallback : sets;
  }
  return fallback ?? { ok: false, reason: NO_ENTRY, place: null };
}

/** Entry points, the best first; callers are searched for only where KVM's hook is not known. */
export function* candidates(program: Program, tree: KernelTree): Generator<Entries> {
  const usual = usualEntries(program);
  const hook = hookEntry(program);
  if (usual) yield throughHook(program, usual, hook);
  if (hook) yield { activate: hook, deactivate: hook };
  else yield* callersOfToggles(tree);
}

function waysOf(
  program: Program,
  entries: Entries,
): { readonly ok: true; readonly ways: readonly Way[] } | NoSets {
  const intercepted = startsIntercepted(program);
  const { paths, complete } = explorePaths<PathResult>(
    (decide) => runScenarios({ program, entries, startsIntercepted: intercepted, decide: once(decide) }),
    { paths: MOST_WAYS },
  );
  if (!complete) {
    const place = paths[0]?.conditions.at(-1)?.place;
    const at = place ? { file: place.file, line: place.line } : null;
    return { ok: false, reason: `more than ${MOST_WAYS} ways through what is not known`, place: at };
  }
  const ways: Way[] = [];
  const stranger = paths.flatMap(({ result }) => (result.ok ? suspects(result) : []))[0];
  if (stranger)
    return { ok: false, reason: `${stranger.name}() is not to be found in the tree`, place: stranger.at };
  for (const { conditions, result } of paths) {
    if (result.ok) ways.push({ conditions, result: result.readings });
    else if (!isCrash(result, conditions)) return stopped(result);
  }
  const first = paths.find(({ result }) => !result.ok)?.result;
  if (ways.length === 0 && first && !first.ok) return stopped(first);
  return { ok: true, ways: reduceWays(ways, sameReadings) };
}

/** Several machines run on one way: a question that one has put is answered the same to the others. */
function once(decide: (condition: Condition) => boolean): (condition: Condition) => boolean {
  const answers = new Map<string, boolean>();
  return (condition) => {
    const answer = answers.get(condition.text) ?? decide(condition);
    answers.set(condition.text, answer);
    return answer;
  };
}

/** Functions without code that may have decided about interception: by their name, or as nobody else did. */
function suspects({ readings, strangers }: PathResult & { ok: true }): Stranger[] {
  const touched = readings.some((reading) => reading.touched);
  const others = strangers.filter(({ name }) => !SIDE_EFFECTS.includes(name));
  return touched ? others.filter(({ name }) => /intercept|msr|x2a(pic|vic)/i.test(name)) : others;
}

/** A way that ends in BUG(): no kernel goes on from there. */
function isCrash(result: PathResult & { ok: false }, conditions: readonly Answered[]): boolean {
  return result.stop.code === "assertion" && conditions.length > 0;
}

function stopped({ stop }: PathResult & { ok: false }): NoSets {
  return { ok: false, reason: stop.reason, place: { file: stop.place.file, line: stop.place.line } };
}

function sameReadings(a: readonly Reading[], b: readonly Reading[]): boolean {
  return a.every((reading, i) => {
    const other = b[i];
    return (
      other !== undefined &&
      sameSet(reading.open.inside, other.open.inside) &&
      JSON.stringify(reading.open.outside) === JSON.stringify(other.open.outside)
    );
  });
}

function setsOf(program: Program, entries: Entries, ways: readonly Way[]): SetsOfTree {
  const usual = ways.find((way) => isDefault(program, way)) ?? ways[0];
  const readings = usual?.result ?? [];
  return {
    ok: true,
    sets: scenarioSets(readings),
    conditions: ways.length < 2 ? [] : ways.map(conditionalSets),
    provenance: provenanceOfAll(readings),
    outside: outsideOf(ways.flatMap((way) => way.result)),
    entries: { activate: entries.activate.name, deactivate: entries.deactivate.name },
  };
}

function isDefault(program: Program, way: Way): boolean {
  return way.conditions.every((condition) => defaultAnswer(program, condition) === condition.value);
}

function conditionalSets(way: Way): ConditionalSets {
  const place = way.conditions[0]?.place;
  return {
    when: way.conditions.map(({ text, value }) => (value ? text : negated(text))).join(" and "),
    at: place ? { file: place.file, line: place.line } : null,
    sets: scenarioSets(way.result),
  };
}

function negated(text: string): string {
  return /^\w+(\(.*\))?$/.test(text) ? `!${text}` : `!(${text})`;
}

function scenarioSets(readings: readonly Reading[]): ScenarioSets {
  const setOf = (scenario: Scenario): AccessSet =>
    union(readings.filter((reading) => reading.scenario === scenario).map(({ open }) => open.inside));
  return {
    active: setOf("active"),
    deactivated: setOf("deactivated"),
    "not-x2avic": setOf("not-x2avic"),
  };
}

function outsideOf(readings: readonly Reading[]): OutsideAccess[] {
  const found = new Map<string, OutsideAccess>();
  for (const { scenario, open } of readings) {
    for (const { msr, access } of open.outside) {
      found.set(`${scenario} ${msr} ${access}`, { scenario, msr, access });
    }
  }
  return [...found.values()];
}

/** Of a scenario's readings the one that leaves the access open speaks for it, else the first. */
function provenanceOfAll(readings: readonly Reading[]): Provenance[] {
  const scenarios = [...new Set(readings.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario) => {
    const own = readings
      .filter((reading) => reading.scenario === scenario)
      .map(({ open, log }) => {
        return { log, read: new Set(open.inside.read), write: new Set(open.inside.write) };
      });
    return provenanceOf(scenario, (msr, access) => {
      const opening = own.find((reading) => reading[access].has(msr));
      const log = opening?.log ?? own[0]?.log;
      return { passed: opening !== undefined, decision: log?.decisionOf(msr, access) ?? null };
    });
  });
}
