/** What a query is told. Whatever must not reach a list is told to nobody who asks by mail either. */
import { criticalFindings } from "../../reply/policy/policy.ts";
import { cleanLine } from "../../reply/clean.ts";
import { renderReply, renderVerdict } from "../../reply/render.ts";
import { findReply } from "../../store/replies.ts";
import { findReview } from "../../store/reviews.ts";
import type { SeriesRecord } from "../../store/series.ts";
import type { Context } from "../context.ts";
import { openCase, type Case } from "../reply/facts.ts";
import { findPlace, type Acting, type Outcome } from "./acting.ts";

/** The one answer for all that nobody may see: not reviewed, failed, or held for a critical finding. */
const NOT_RELEASED = "no review of it is released yet";

export async function query({ context, message }: Acting, target: string | null): Promise<Outcome> {
  const place = await findPlace(context.db, message, target);
  if (place === null) {
    const where = target === null ? "in this thread" : "by this id";
    return { verb: "query", done: false, text: `no series about AVIC is known ${where}` };
  }
  const { series } = place;
  const name = `v${series.version} of "${cleanLine(series.title, 120)}" <${series.id}>`;
  const one = await released(context, series);
  if (one === null) return { verb: "query", done: true, text: `${name}: ${NOT_RELEASED}` };
  const state = await stateSentence(context, series);
  return { verb: "query", done: true, text: `${name}: ${one.review.verdict}${state}`, body: textOf(one) };
}

/** Null: there is nothing that may be told. */
async function released(context: Context, series: SeriesRecord): Promise<Case | null> {
  const current = (await findReview(context.db, series.key))?.inputs === series.inputs;
  const one = current ? await openCase(context, series) : null;
  return one === null || criticalFindings(one.review).length > 0 ? null : one;
}

async function stateSentence({ db }: Context, series: SeriesRecord): Promise<string> {
  if (series.closed !== null) return `; ${series.closed.state}: ${cleanLine(series.closed.reason, 200)}`;
  const reply = (await findReply(db, series.key))?.value;
  if (reply?.state === "sent" || reply?.state === "echoed") return `; posted as <${reply.messageId}>`;
  return reply?.state === "held" ? "; not posted so far: a person decides" : "";
}

/** As it stands, or would stand, in the thread. */
function textOf({ review, parent, former }: Case): string {
  return review.verdict === "changed" ? renderReply(review, parent, { former }) : renderVerdict(review);
}
