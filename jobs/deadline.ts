/** Stage `deadline`: a series whose missing parts were waited for long enough is reviewed with what is there. */
import type { Context } from "../src/queue/context.ts";
import { enqueue } from "../src/queue/place.ts";
import type { DeadlineJob } from "../src/queue/queues.ts";
import { step } from "../src/store/decisions.ts";
import { changeSeries } from "../src/store/series.ts";

export async function processDeadline(context: Context, job: DeadlineJob): Promise<string> {
  const { db } = context;
  let moved = false;
  const series = await changeSeries(db, job.series, (record) => {
    moved = record.progress === "collecting" && record.inputs === job.inputs;
    if (!moved) return record;
    const missing = record.missing.join(", ");
    const text = `waited long enough for part ${missing} of ${record.total}; reviewed with what is there`;
    const steps = [...record.steps, step(db, "series", "noted", "incomplete", text)];
    return { ...record, progress: "reviewing", waitUntil: null, steps };
  });
  if (series === null) return "gone";
  if (series.progress === "reviewing") await enqueue(context, series);
  return moved ? "reviewed as it is" : "no longer waited for";
}
