/** Finding the series of stored messages, and seeing to what follows from that. Repeatable. */
import { boundary } from "../killpoint.ts";
import { addSteps, addStepsTo, step, type DecisionRecord, type Step } from "../store/decisions.ts";
import type { MessageRecord } from "../store/messages.ts";
import { findSeries, type SeriesRecord } from "../store/series.ts";
import { settleVersions } from "../store/versions.ts";
import { ownAddresses, type Context } from "./context.ts";
import { placeMessage } from "./placing.ts";
import { adoptEchoes } from "./reply/echo.ts";
import { findSurroundings } from "./surroundings.ts";

/** A stored message that may be a part of a series. */
export interface Placeable {
  readonly record: MessageRecord;
  readonly live: boolean;
  /** Its decision if it was made just now, so that it need not be read. */
  readonly decision: DecisionRecord | null;
}

export async function placeAll(context: Context, all: readonly Placeable[]): Promise<void> {
  const byName = new Map(all.map((one) => [one.record.key, one]));
  const { alone, together } = await findSurroundings(
    context.db,
    [...byName.values()].map(({ record }) => record),
  );
  await noteWithoutSeries(
    context,
    alone.flatMap((name) => byName.get(name) ?? []),
  );
  await Promise.all(
    together.map((names) =>
      placeTogether(
        context,
        names.flatMap((name) => byName.get(name) ?? []),
      ),
    ),
  );
}

/** What placing one of them did need not be done for the other parts of the same series. */
async function placeTogether(context: Context, all: readonly Placeable[]): Promise<void> {
  const placed = new Set<string>();
  for (const { record, live } of all) {
    if (placed.has(record.key)) continue;
    for (const { parts } of await place(context, { name: record.key, live }))
      for (const part of parts) if (!part.inherited) placed.add(part.key);
  }
}

async function noteWithoutSeries(context: Context, all: readonly Placeable[]): Promise<void> {
  const { db } = context;
  all.forEach(() => boundary("enqueued"));
  const fresh = all.flatMap(({ decision }) => decision ?? []);
  await addStepsTo(db, fresh, [stepWithoutSeries(context)]);
  for (const { record, decision } of all)
    if (decision === null) await addSteps(db, record.key, [stepWithoutSeries(context)]);
}

/** Places a stored message and sees to what follows; returns the series that were looked after. */
async function place(
  context: Context,
  { name, live }: { name: string; live: boolean },
): Promise<SeriesRecord[]> {
  const { db, config } = context;
  const { own, changed } = await placeMessage(db, name, {
    own: ownAddresses(config),
    partWaitMs: config.limits.partWaitMinutes * 60_000,
    live,
  });
  for (const series of changed) {
    await adoptEchoes(context, series);
    await settleVersions(db, series);
  }
  const touched = own === null || changed.includes(own) ? changed : [own, ...changed];
  for (const series of touched) await enqueue(context, series);
  boundary("enqueued");
  if (own === null) await addSteps(db, name, [stepWithoutSeries(context)]);
  // All parts: those that came before the first one about AVIC had no place yet.
  const placed = touched.flatMap((series) => series.parts.map((part) => ({ series, name: part.key })));
  await Promise.all(placed.map((one) => addSteps(db, one.name, [placeStep(context, one)])));
  return touched;
}

function stepWithoutSeries({ db }: Context): Step {
  const text = "no part of its series concerns AVIC so far; kept for a time in case one does";
  return step(db, "series", "stopped", "series-does-not-concern", text);
}

function placeStep({ db }: Context, { name, series }: { name: string; series: SeriesRecord }): Step {
  const part = series.parts.find((one) => one.key === name);
  const text = `part ${part?.index ?? "?"} of ${series.total} of v${series.version} <${series.id}>`;
  return step(db, "series", "passed", "placed", text);
}

/** Puts into the queue what a series waits for; asking again makes no second job. */
export async function enqueue({ db, queues }: Context, series: SeriesRecord): Promise<void> {
  const current = (await findSeries(db, series.key))?.value ?? series;
  if (current.closed !== null) return;
  const job = { series: current.key, inputs: current.inputs };
  if (current.progress === "reviewing" || current.undecided === true)
    await queues.addReview(job, current.live);
  if (current.progress === "collecting" && current.waitUntil !== null) {
    await queues.addDeadline(job, current.waitUntil);
  }
}
