/** Doing again what failed, at a person's word. */
import { step } from "../store/decisions.ts";
import { findDeadLetter } from "../store/dead-letters.ts";
import { findSeriesByText, messageKeysMeant } from "../store/lookup.ts";
import { changeSeries, type SeriesRecord } from "../store/series.ts";
import type { Context } from "./context.ts";
import { enqueue } from "./ingest.ts";

/** What is done again, in words; null: nothing is known of the message. */
export async function retry(context: Context, text: string): Promise<string | null> {
  for (const name of messageKeysMeant(text)) {
    if ((await findDeadLetter(context.db, name)) === null) continue;
    await context.queues.addIngest({ letter: name });
    return "taken in again";
  }
  const found = await findSeriesByText(context.db, text);
  return found === null ? null : reviewAgain(context, found.value);
}

async function reviewAgain(context: Context, series: SeriesRecord): Promise<string> {
  const { db, queues } = context;
  if (series.progress === "sending" || series.progress === "replied") {
    return `not again: the series is ${series.progress}`;
  }
  await queues.forgetReview({ series: series.key, inputs: series.inputs });
  const next = await changeSeries(db, series.key, (record) => ({
    ...record,
    progress: "reviewing",
    reason: null,
    closed: record.closed?.state === "ignored" ? null : record.closed,
    waitUntil: null,
    steps: [...record.steps, step(db, "state", "noted", "retried", "a person asked to review it again")],
  }));
  if (next === null) return "the series is gone";
  if (next.closed !== null) return `not again: it is ${next.closed.state}`;
  await enqueue(context, next);
  return "reviewed again";
}
