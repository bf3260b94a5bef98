/** Stage `upkeep`: what was begun and not finished, what was merged, and what may be forgotten. */
import type { Context } from "../src/queue/context.ts";
import { enqueue } from "../src/queue/place.ts";
import { enqueueOrder } from "../src/queue/commands/order.ts";
import { followReply } from "../src/queue/reply/progress.ts";
import { closeMerged } from "../src/queue/merged.ts";
import type { UpkeepJob } from "../src/queue/queues.ts";
import { listPendingOrders } from "../src/store/orders.ts";
import { dropLetters, findReply } from "../src/store/replies.ts";
import { dropOldSeries } from "../src/store/retention.ts";
import { changeSeries, listUnfinished, type SeriesRecord } from "../src/store/series.ts";
import { settleVersions } from "../src/store/versions.ts";

export async function processUpkeep(context: Context, job: UpkeepJob): Promise<string> {
  switch (job.task) {
    case "sweep":
      return `${await sweep(context)} unfinished series and mails in the queue`;
    case "merged":
      return `${await closeMerged(context)} series found merged`;
    case "retention":
      return forget(context);
  }
}

const DAY_MS = 86_400_000;

async function forget({ db, config: { retention } }: Context): Promise<string> {
  const series = await dropOldSeries(db, retention);
  const letters = await dropLetters(db, db.now() - retention.uninterestingDays * DAY_MS);
  return `${series} series and ${letters} letters forgotten`;
}

/** Puts all that is unfinished into the queue again: a crash may have come between storing and queueing. */
export async function sweep(context: Context): Promise<number> {
  const unfinished = await listUnfinished(context.db);
  for (const series of unfinished) {
    await settleVersions(context.db, series);
    if (series.progress === "sending") await settleReply(context, series);
    await enqueue(context, series);
  }
  const orders = await listPendingOrders(context.db);
  for (const name of orders) await enqueueOrder(context, name);
  return unfinished.length + orders.length;
}

/**
 * Redis may have lost the mail after its sender was told that it is kept, and before its series was told: then it is
 * decided and made again.
 */
async function settleReply(context: Context, series: SeriesRecord): Promise<void> {
  const reply = await findReply(context.db, series.key);
  if (reply !== null) return followReply(context, reply.value);
  await changeSeries(context.db, series.key, (record) =>
    record.progress === "sending" && record.closed === null ? { ...record, undecided: true } : record,
  );
}
