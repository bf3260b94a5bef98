/**
 * Own mails that come back by a source. The list is the ledger of last resort: what stands on it was sent,
 * whatever the records say, also when there are none any more.
 */
import { boundary } from "../../killpoint.ts";
import type { Message } from "../../mail/message.ts";
import { advance } from "../../reply/outbox/machine.ts";
import { newRecord, type OutboxRecord } from "../../reply/outbox/record.ts";
import { isOwnId } from "../../reply/policy/automatic.ts";
import { listsOf } from "../../reply/recipients.ts";
import { findEcho, findEchoes, keepEcho, readEcho, type EchoRecord } from "../../store/echoes.ts";
import { addReply, correctionKey, findReply, replaceReply } from "../../store/replies.ts";
import { findSeriesById, type SeriesRecord } from "../../store/series.ts";
import { untilCommitted } from "../../store/transact.ts";
import { parseMessage } from "../../mail/message.ts";
import { ownAddresses } from "../context.ts";
import type { ReplyContext } from "./facts.ts";
import { followReply } from "./progress.ts";
import { outboxSettings } from "./settings.ts";

const DAY_SECONDS = 86_400;

/** Whether avicbot itself sent it. */
export function isOwn(
  { config }: Pick<ReplyContext, "config">,
  { messageId, from }: Pick<Message, "messageId" | "from">,
): boolean {
  const address = from?.address.toLowerCase();
  const own = ownAddresses(config).some((one) => one.toLowerCase() === address);
  return own && messageId !== null && isOwnId(messageId);
}

/** Keeps an own mail that came by a source, and lets its series know. Any other mail is none of its business. */
export async function noteEcho(context: ReplyContext, message: Message, where: string): Promise<void> {
  const { db, config } = context;
  const [answers] = message.inReplyTo;
  if (!isOwn(context, message) || message.messageId === null || answers === undefined) return;
  const sentAt = Date.parse(message.date ?? "") || db.now();
  const echo = { messageId: message.messageId, answers, where, sentAt };
  await keepEcho(db, echo, message.bytes, config.retention.closedDays * DAY_SECONDS);
  boundary("echoed");
  const series = await findSeriesById(db, answers);
  if (series !== null) await adoptEchoes(context, series.value);
}

/** Brings the records of a series to what the lists say of it: that its reply and corrections are out. */
export async function adoptEchoes(context: ReplyContext, series: SeriesRecord): Promise<void> {
  const { db } = context;
  const ids = series.parts.flatMap((part) => (part.inherited ? [] : (part.messageId ?? [])));
  const [reply] = await findEchoes(db, ids);
  let kind: "reply" | "correction" = "reply";
  let name = series.key;
  for (let echo = reply ?? null; echo !== null; echo = await findEcho(db, echo.messageId)) {
    const messageId = await adopt(context, { series, echo, kind, name });
    kind = "correction";
    name = correctionKey(messageId);
  }
}

interface Adoption {
  readonly series: SeriesRecord;
  readonly echo: EchoRecord;
  readonly kind: "reply" | "correction";
  /** Key of its record. */
  readonly name: string;
}

/** The Message-ID of the record, which by an older review may be another than that of the mail on the list. */
async function adopt(context: ReplyContext, adoption: Adoption): Promise<string> {
  const { db, config } = context;
  const { echo, name } = adoption;
  const record = await untilCommitted<OutboxRecord | null>(async () => {
    const found = await findReply(db, name);
    if (found === null) {
      const made = await recordOf(context, adoption);
      return made === null || (await addReply(db, made)) ? { done: true, result: made } : { done: false };
    }
    const event = { type: "found", where: echo.where } as const;
    const next = advance(found.value, event, { now: db.now(), settings: outboxSettings(config) });
    if (!next.ok) return { done: true, result: null };
    return (await replaceReply(db, found, next.record))
      ? { done: true, result: next.record }
      : { done: false };
  });
  if (record !== null) await followReply(context, record);
  return (await findReply(db, name))?.value.messageId ?? echo.messageId;
}

/** A record of a mail that was sent before these records began. */
async function recordOf({ db, config }: ReplyContext, adoption: Adoption): Promise<OutboxRecord | null> {
  const { series, echo, kind, name } = adoption;
  const bytes = await readEcho(db, echo);
  if (bytes === null) return null;
  const message = parseMessage(bytes);
  const thread = message.references[0] ?? echo.answers;
  const recipients = [...message.to, ...message.cc].map(({ address }) => address.toLowerCase());
  const record = newRecord({
    key: name,
    kind,
    series: series.key,
    thread,
    messageId: echo.messageId,
    answered: [echo.answers],
    bytes,
    sender: message.from?.address ?? "",
    recipients,
    lists: listsOf(message, config.lists).map(({ address }) => address.toLowerCase()),
    state: "echoed",
    reason: echo.where,
    now: echo.sentAt,
  });
  return record;
}
