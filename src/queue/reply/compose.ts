/** A reply or a correction as a record of the outbox: its bytes are fixed here, for good. */
import { changingPatches, renderReply } from "../../reply/render.ts";
import { replyEnvelope } from "../../reply/envelope.ts";
import type { ReplyForm } from "../../reply/news.ts";
import { composeBytes } from "../../reply/outbox/compose.ts";
import { newRecord, type OutboxRecord, type ToldFinding } from "../../reply/outbox/record.ts";
import type { Message } from "../../mail/message.ts";
import type { Review } from "../../review/types.ts";
import { recipientOptions, type Case, type ReplyContext } from "./facts.ts";
import { signerOf } from "./signer.ts";

export interface Draft {
  readonly key: string;
  readonly state: "held" | "intent" | "recorded";
  readonly reason: string | null;
  readonly form: ReplyForm;
  /** The own mail that it corrects. */
  readonly corrects?: Message;
}

export type Composed =
  { readonly ok: true; readonly record: OutboxRecord } | { readonly ok: false; readonly reason: string };

/** The findings of a review as a reply tells them. */
export function toldFindings(review: Review): ToldFinding[] {
  return review.findings.map(({ rule, severity, msr, access, text }) => ({
    key: `${severity} ${rule} ${msr} ${access}`,
    text,
  }));
}

/** Ids of which one own answer is enough. */
function answeredIds({ review }: Case, corrects: Message | undefined): string[] {
  if (corrects !== undefined) return corrects.messageId === null ? [] : [corrects.messageId];
  const changing = new Set(changingPatches(review));
  return review.series.patches
    .filter(({ index }) => changing.has(index))
    .flatMap(({ messageId }) => messageId ?? []);
}

/** The mail of a case, or why there can be none. */
export async function composeReply(context: ReplyContext, one: Case, draft: Draft): Promise<Composed> {
  const { config, db } = context;
  const { series, review, parent } = one;
  const { corrects } = draft;
  if (config.mail.from === undefined) return { ok: false, reason: "mail.from is not set: no reply is made" };
  const from = { name: config.mail.name, address: config.mail.from };
  const options = await recipientOptions(context, one);
  const date = new Date(db.now()).toISOString();
  const thread = corrects === undefined ? {} : { corrects };
  const made = replyEnvelope(review, parent, { ...options, ...thread, from, date });
  if (!made.ok) return made;
  const { envelope } = made;
  const body = renderReply(review, corrects ?? parent, draft.form);
  const listed = new Set(one.lists.map(({ address }) => address.toLowerCase()));
  const recipients = [...envelope.to, ...envelope.cc].map(({ address }) => address);
  const record = newRecord({
    key: draft.key,
    kind: corrects === undefined ? "reply" : "correction",
    series: series.key,
    thread: one.thread,
    messageId: envelope.messageId,
    answered: answeredIds(one, corrects),
    findings: toldFindings(review),
    bytes: await composeBytes(envelope, body, signerOf(config)),
    sender: config.mail.from,
    recipients,
    lists: recipients.filter((address) => listed.has(address.toLowerCase())),
    state: draft.state,
    reason: draft.reason,
    now: db.now(),
  });
  return { ok: true, record };
}
