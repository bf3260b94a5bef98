/** The moderators' notice about a held reply: one for each reason it is held for, in the same outbox. */
import { noticeSubject, renderNotice, type NoticeFacts } from "../../reply/notice.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { criticalFindings } from "../../reply/policy/policy.ts";
import { noteAsked } from "../../store/mutes.ts";
import { findReply } from "../../store/replies.ts";
import { findReview } from "../../store/reviews.ts";
import { findSeries } from "../../store/series.ts";
import type { ReplyContext } from "./facts.ts";
import { letterKey, letterRecord } from "./letter.ts";

/** What is put into the outbox along with a record: nothing unless it is a reply that waits for a person. */
export async function noticesFor(context: ReplyContext, record: OutboxRecord): Promise<OutboxRecord[]> {
  const { moderators } = context.config.mail;
  if (moderators === undefined || record.state !== "held" || record.series === null) return [];
  if (record.kind !== "reply" && record.kind !== "correction") return [];
  const identity = `${record.messageId} ${record.reason ?? ""}`;
  const key = letterKey({ kind: "notice", identity });
  const facts = await factsOf(context, record);
  if (facts === null || (await findReply(context.db, key)) !== null) return [];
  if (facts.critical.length === 0 && (await isFlood(context, key))) return [];
  const notice = await letterRecord(context, {
    kind: "notice",
    identity,
    to: { name: "", address: moderators },
    subject: noticeSubject(facts),
    target: null,
    series: record.series,
    body: renderNotice(facts),
  });
  return notice === null ? [] : [notice];
}

async function factsOf({ db }: ReplyContext, record: OutboxRecord): Promise<NoticeFacts | null> {
  const series = record.series === null ? undefined : (await findSeries(db, record.series))?.value;
  if (series === undefined) return null;
  const review = (await findReview(db, series.key))?.review;
  const { id, title, version, author } = series;
  return {
    series: { id, title, version, author: author.name || author.address },
    reason: record.reason ?? "",
    recipients: record.recipients,
    messageId: record.messageId,
    critical: review === undefined ? [] : criticalFindings(review),
    mail: Buffer.from(record.mail, "latin1"),
  };
}

/** The rest stands in `avicbot outbox`; critical findings are always told. */
async function isFlood({ db, config }: ReplyContext, mail: string): Promise<boolean> {
  const told = await noteAsked(db, { what: "notice", address: "*", mail });
  return told >= config.limits.repliesPerDay;
}
