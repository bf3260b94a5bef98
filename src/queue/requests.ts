/** What a review of a stored series is made from. */
import { UnrecoverableError } from "bullmq";
import { readMail } from "../store/messages.ts";
import type { SeriesRecord } from "../store/series.ts";
import { ownAddresses, type Context } from "./context.ts";
import type { ReviewRequest } from "./runner.ts";

type RequestContext = Pick<Context, "config" | "db">;

/** Rejects when a mail of the series is no longer kept. */
export async function requestReview(context: RequestContext, series: SeriesRecord): Promise<ReviewRequest> {
  const { kernel, profile } = context.config;
  const [own = null] = ownAddresses(context.config);
  return { kernel, profile, own, series: series.id, messages: await readMessages(context, series) };
}

async function readMessages({ db }: RequestContext, series: SeriesRecord): Promise<Uint8Array[]> {
  const mails = await Promise.all(series.parts.map((part) => readMail(db, part.key)));
  const missing = series.parts.filter((_, at) => mails[at] === null);
  if (missing.length > 0)
    throw new UnrecoverableError(`the mail <${missing[0]?.messageId}> is no longer kept`);
  return mails.filter((mail) => mail !== null);
}
