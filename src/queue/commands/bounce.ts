/** Delivery reports to the bot: noted at the mail they are about, and never answered. */
import type { Message } from "../../mail/message.ts";
import { messageKey } from "../../mail/part.ts";
import { readDeliveryReport } from "../../mail/reports.ts";
import { cleanLine } from "../../reply/clean.ts";
import type { Bounce, OutboxRecord } from "../../reply/outbox/record.ts";
import { addSteps, step } from "../../store/decisions.ts";
import type { Db } from "../../store/record.ts";
import { findReplyById, replaceReply } from "../../store/replies.ts";
import { findSeries } from "../../store/series.ts";
import { untilCommitted } from "../../store/transact.ts";
import type { Context } from "../context.ts";

/** Reports of one mail that are kept. */
const MAX_BOUNCES = 20;

/** Repeatable: a report counts once. Nothing happens when it is about no mail of avicbot's. */
export async function noteBounce({ db, log }: Pick<Context, "db" | "log">, message: Message): Promise<void> {
  const report = readDeliveryReport(message);
  if (report === null) return;
  const by = messageKey(message);
  const failures = report.failures.map(({ address, action, text }) => `${address} ${action}: ${text}`);
  const bounce: Bounce = { by, at: db.now(), text: cleanLine(failures.join("; ") || message.subject, 500) };
  for (const id of report.about) {
    const about = await keepBounce(db, id, bounce);
    if (about === null) continue;
    if (about.series !== null) await showAtSeries(db, about.series, bounce);
    log.warn({ messageId: id, bounce: bounce.text }, "a mail came back");
    return;
  }
}

/** The mail it was kept at; null: there is none with this id. */
async function keepBounce(db: Db, id: string, bounce: Bounce): Promise<OutboxRecord | null> {
  return untilCommitted<OutboxRecord | null>(async () => {
    const found = await findReplyById(db, id);
    if (found === null) return { done: true, result: null };
    const { value } = found;
    const known = value.bounces.some(({ by }) => by === bounce.by) || value.bounces.length >= MAX_BOUNCES;
    const next = known ? value : { ...value, bounces: [...value.bounces, bounce] };
    return known || (await replaceReply(db, found, next)) ? { done: true, result: next } : { done: false };
  });
}

/** `avicbot why` of any part tells of it. */
async function showAtSeries(db: Db, name: string, { text }: Bounce): Promise<void> {
  const series = (await findSeries(db, name))?.value;
  for (const part of series?.parts ?? [])
    await addSteps(db, part.key, [step(db, "reply", "noted", "bounced", text)]);
}
