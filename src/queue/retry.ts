/** Doing again what failed, at a person's word. */
import { step } from "../store/decisions.ts";
import { findDeadLetter } from "../store/dead-letters.ts";
import { findSeriesByText, messageKeysMeant } from "../store/lookup.ts";
import { changeSeries, type SeriesRecord } from "../store/series.ts";
import type { Context } from "./context.ts";
import { enqueue } from "./place.ts";

/** Does again in the name of `by`; null: nothing is known of the message. */
export async function retry(context: Context, text: string, by: string): Promise<Retried | null> {
  for (const name of messageKeysMeant(text)) {
    if ((await findDeadLetter(context.db, name)) === null) continue;
    await context.queues.addIngest({ letter: name });
    return { again: true, text: "taken in again" };
  }
  const found = await findSeriesByText(context.db, text);
  return found === null ? null : reviewAgain(context, found.value, by);
}

export interface Retried {
  readonly again: boolean;
  /** What happens now, or why nothing does. */
  readonly text: string;
}

/** Puts a series into the queue again in the name of `by`. */
export async function reviewAgain(context: Context, series: SeriesRecord, by: string): Promise<Retried> {
  const { db, queues } = context;
  const not = (text: string): Retried => ({ again: false, text });
  if (series.progress === "sending" || series.progress === "replied")
    return not(`not again: the series is ${series.progress}`);
  await queues.forgetReview({ series: series.key, inputs: series.inputs });
  const next = await changeSeries(db, series.key, (record) => ({
    ...record,
    progress: "reviewing",
    reason: null,
    closed: record.closed?.state === "ignored" ? null : record.closed,
    waitUntil: null,
    steps: [...record.steps, step(db, "state", "noted", "retried", `${by} asked to review it again`)],
  }));
  if (next === null) return not("the series is gone");
  if (next.closed !== null) return not(`not again: it is ${next.closed.state}`);
  await enqueue(context, next);
  return { again: true, text: "reviewed again" };
}
