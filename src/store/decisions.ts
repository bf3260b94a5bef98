/**
 * Why a message was answered or not: the steps of every decision, kept for every message seen. Messages that
 * do not concern AVIC keep nothing else, for a time.
 */
import { key } from "./keys.ts";
import { encodeRecord, readRecord, readRecords, stampOf, type Db } from "./record.ts";
import { transact, transactEach, untilCommitted, type Transaction, type Write } from "./transact.ts";

export type Stage = "seen" | "read" | "rule" | "series" | "review" | "reply" | "command" | "state";

export interface Step {
  /** ISO 8601, when it was decided. */
  readonly at: string;
  readonly stage: Stage;
  /** Name of the rule, stable for scripts: `not-a-patch`, `concerns-avic` … */
  readonly rule: string;
  /** What it did. */
  readonly outcome: "passed" | "stopped" | "noted";
  /** One sentence; names the line where a line decided. */
  readonly text: string;
}

export interface DecisionRecord {
  readonly key: string;
  readonly messageId: string | null;
  /** Every list the message came by, and every source, in the order seen. */
  readonly lists: readonly string[];
  readonly sources: readonly string[];
  /** Hash of the mail without what transport adds: tells a copy from another mail with the same id. */
  readonly content: string;
  readonly steps: readonly Step[];
}

const STEP_LIMIT = 200;

export function step(db: Db, stage: Stage, outcome: Step["outcome"], rule: string, text: string): Step {
  return { at: new Date(db.now()).toISOString(), stage, rule, outcome, text };
}

/** Write that keeps a decision; `seconds` null: as long as the message's series. */
export function keepDecision(record: DecisionRecord, seconds: number | null): Write {
  const expiry = seconds === null ? [] : ["EX", Math.ceil(seconds)];
  return ["SET", key("decision", record.key), encodeRecord(record), ...expiry];
}

export async function findDecision(db: Db, name: string): Promise<DecisionRecord | null> {
  return (await readRecord<DecisionRecord>(db, key("decision", name)))?.value ?? null;
}

export async function findDecisions(db: Db, names: readonly string[]): Promise<DecisionRecord[]> {
  return readRecords<DecisionRecord>(
    db,
    names.map((name) => key("decision", name)),
  );
}

/** Which of these messages need not be looked at again: a rule stopped them, or they were placed. */
export async function settledAmong(db: Db, names: readonly string[]): Promise<Set<string>> {
  // One that is damaged is looked at again, and found to be.
  const found = await Promise.all(names.map((name) => findDecision(db, name).catch(() => null)));
  return new Set(names.filter((_, at) => found[at]?.steps.some(isLast) === true));
}

function isLast({ stage, outcome }: Step): boolean {
  return stage === "series" || (stage === "rule" && outcome === "stopped");
}

/** Adds steps that are not there yet (a repeated delivery repeats no step); keeps the time limit as it is. */
export async function addSteps(db: Db, name: string, steps: readonly Step[]): Promise<void> {
  await changeDecision(db, name, (record) => ({ ...record, steps: withSteps(record.steps, steps) }));
}

/** The same for decisions as they were just made; what was changed meanwhile is read again. */
export async function addStepsTo(
  db: Db,
  made: readonly DecisionRecord[],
  steps: readonly Step[],
): Promise<void> {
  const done = await transactEach(
    db,
    made.map((record): Transaction => {
      const where = key("decision", record.key);
      const changed = encodeRecord({ ...record, steps: withSteps(record.steps, steps) });
      return {
        guards: [{ key: where, stamp: stampOf(record) }],
        writes: [["SET", where, changed, "KEEPTTL"]],
      };
    }),
  );
  for (const { key: name } of made.filter((_, at) => !done[at])) await addSteps(db, name, steps);
}

/** Adds steps even where the same stand already: a person may do a thing again. */
export async function appendSteps(db: Db, name: string, steps: readonly Step[]): Promise<void> {
  await changeDecision(db, name, (record) => ({ ...record, steps: within([...record.steps, ...steps]) }));
}

/** Joins another way by which the same message came. */
export async function addArrival(
  db: Db,
  name: string,
  arrival: { lists: readonly string[]; source: string; steps: readonly Step[] },
): Promise<void> {
  await changeDecision(db, name, (record) => ({
    ...record,
    lists: union(record.lists, arrival.lists),
    sources: union(record.sources, [arrival.source]),
    steps: withSteps(record.steps, arrival.steps),
  }));
}

async function changeDecision(
  db: Db,
  name: string,
  change: (record: DecisionRecord) => DecisionRecord,
): Promise<void> {
  const where = key("decision", name);
  await untilCommitted(async () => {
    const found = await readRecord<DecisionRecord>(db, where);
    if (found === null) return { done: true, result: undefined };
    const changed = encodeRecord(change(found.value));
    if (changed.startsWith(found.stamp)) return { done: true, result: undefined };
    const done = await transact(
      db,
      [{ key: where, stamp: found.stamp }],
      [["SET", where, changed, "KEEPTTL"]],
    );
    return done ? { done, result: undefined } : { done };
  });
}

function withSteps(former: readonly Step[], added: readonly Step[]): readonly Step[] {
  const same = (a: Step, b: Step) => a.rule === b.rule && a.outcome === b.outcome && a.text === b.text;
  const fresh = added.filter((one) => !former.some((other) => same(one, other)));
  return within([...former, ...fresh]);
}

/** The first steps say what the message is, the last what became of it. */
function within(all: readonly Step[]): readonly Step[] {
  return all.length <= STEP_LIMIT ? all : [...all.slice(0, STEP_LIMIT / 2), ...all.slice(-STEP_LIMIT / 2)];
}

export function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}
