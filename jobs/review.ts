/** Stage `review`: the mails of a series to a stored review. */
import { UnrecoverableError } from "bullmq";
import { boundary } from "../src/killpoint.ts";
import type { Context } from "../src/queue/context.ts";
import { reviewJobId, type ReviewJob } from "../src/queue/queues.ts";
import { makeReply } from "../src/queue/reply/make.ts";
import { requestReview } from "../src/queue/requests.ts";
import { ReviewKilled, type ReviewFunction } from "../src/queue/runner.ts";
import { countStart, forgetStarts } from "../src/queue/starts.ts";
import type { JobFacts } from "../src/queue/workers.ts";
import { step } from "../src/store/decisions.ts";
import { noteDecided, storeReview } from "../src/store/reviews.ts";
import { changeSeries, findSeries, type SeriesRecord } from "../src/store/series.ts";

/** Returns what came of it, in a word for the log. Rejects for what may pass. */
export async function processReview(
  context: Context,
  work: { job: ReviewJob; facts: JobFacts },
  review: ReviewFunction,
): Promise<string> {
  const { job, facts } = work;
  const series = (await findSeries(context.db, job.series))?.value ?? null;
  const idle = nothingToDo(series, job);
  if (series === null || idle !== null) return idle ?? "gone";
  await begin(context, job);
  try {
    const came = isReviewed(series)
      ? "stored before"
      : await reviewAndStore(context, series, { job, review });
    const { outcome } = came === "stale" ? { outcome: "no reply" } : await makeReply(context, job.series);
    await noteDecided(context.db, job);
    await forgetStarts(context, reviewJobId(job));
    return `${came}; reply: ${outcome}`;
  } catch (error) {
    return giveUpOrRetry(context, job, { error, last: facts.lastAttempt });
  }
}

/** Its worker died, or the store went away, before the reply was decided. */
function isReviewed({ progress, undecided }: SeriesRecord): boolean {
  return progress !== "reviewing" && undecided === true;
}

async function reviewAndStore(
  context: Context,
  series: SeriesRecord,
  { job, review }: { job: ReviewJob; review: ReviewFunction },
): Promise<string> {
  const request = await requestReview(context, series);
  const begun = performance.now();
  const made = await review(request);
  const milliseconds = performance.now() - begun;
  boundary("analysed");
  const { storing } = await storeReview(context.db, { ...job, ...made, milliseconds });
  boundary("reviewed");
  return storing === "stale" ? storing : `${storing}: ${made.review.verdict}`;
}

function nothingToDo(series: SeriesRecord | null, job: ReviewJob): string | null {
  if (series === null) return "gone";
  if (series.inputs !== job.inputs) return "the series has other mails by now";
  if (series.closed !== null) return `closed: ${series.closed.state}`;
  return series.progress === "reviewing" || isReviewed(series) ? null : `done: ${series.progress}`;
}

/** Rejects for good when the worker died too often over it. */
async function begin(context: Context, job: ReviewJob): Promise<void> {
  const reason = await countStart(context, reviewJobId(job));
  if (reason === null) return;
  await fail(context, job, reason);
  throw new UnrecoverableError(reason);
}

async function giveUpOrRetry(
  context: Context,
  job: ReviewJob,
  { error, last }: { error: unknown; last: boolean },
): Promise<never> {
  const reason = error instanceof Error ? error.message : String(error);
  const final = error instanceof ReviewKilled || error instanceof UnrecoverableError;
  if (final || last) await fail(context, job, reason);
  if (final) throw new UnrecoverableError(reason);
  throw error;
}

/** Visible on the series until somebody retries it. */
async function fail({ db }: Pick<Context, "db">, job: ReviewJob, reason: string): Promise<void> {
  await changeSeries(db, job.series, (record) => {
    if (record.inputs !== job.inputs || !(record.progress === "reviewing" || isReviewed(record)))
      return record;
    const steps = [...record.steps, step(db, "review", "stopped", "failed", reason)];
    return { ...record, progress: "failed", reason, steps, undecided: false };
  });
  await forgetStarts({ db }, reviewJobId(job));
}
