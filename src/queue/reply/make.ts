/** From a stored review to a mail in the outbox, at most once for each version of a series. Repeatable. */
import { changingPatches, renderReply } from "../../reply/render.ts";
import { replyEnvelope, type Mailbox } from "../../reply/envelope.ts";
import { composeBytes } from "../../reply/outbox/compose.ts";
import { newRecord, type OutboxRecord } from "../../reply/outbox/record.ts";
import type { Decision } from "../../reply/policy/facts.ts";
import { decideReply } from "../../reply/policy/policy.ts";
import { addSteps, step, type Step } from "../../store/decisions.ts";
import { addReply, findReply } from "../../store/replies.ts";
import { findSeries } from "../../store/series.ts";
import { gatherFacts, openCase, type Case, type ReplyContext } from "./facts.ts";
import { noticesFor } from "./notice.ts";
import { followReply, noteProgress } from "./progress.ts";
import { signerOf } from "./signer.ts";

export interface MadeReply {
  readonly decision: Decision | null;
  readonly record: OutboxRecord | null;
  /** In a word, for the log. */
  readonly outcome: string;
}

function nothing(outcome: string, decision: Decision | null = null): MadeReply {
  return { decision, record: null, outcome };
}

/** Decides whether a reviewed series is answered, keeps the decision, and the mail if there is one. */
export async function makeReply(context: ReplyContext, seriesKey: string): Promise<MadeReply> {
  const { db } = context;
  const series = (await findSeries(db, seriesKey))?.value;
  if (series === undefined) return nothing("gone");
  const former = await findReply(db, seriesKey);
  if (former !== null) return { decision: null, record: former.value, outcome: "there is one already" };
  const one = await openCase(context, series);
  if (one === null) return nothing("no review, or its mail is not kept");
  const decision = decideReply(await gatherFacts(context, one, { answered: false, approvedBy: null }));
  await keepDecisionSteps(context, one, decision);
  if (decision.action === "none") {
    if (decision.rule === "same-rows") await noteProgress(context, seriesKey, "unchanged", decision.reason);
    return nothing(`none: ${decision.rule}`, decision);
  }
  const made = await compose(context, one, decision);
  if (!made.ok) return nothing(made.reason, decision);
  const added = await addReply(db, made.record, await noticesFor(context, made.record));
  const record = added ? made.record : ((await findReply(db, seriesKey))?.value ?? null);
  if (record !== null) await followReply(context, record);
  return { decision, record, outcome: decision.action };
}

async function keepDecisionSteps({ db }: ReplyContext, one: Case, decision: Decision): Promise<void> {
  const steps: Step[] = decision.trace.map(({ outcome, rule, text }) =>
    step(db, "reply", outcome, rule, text),
  );
  for (const part of one.series.parts) await addSteps(db, part.key, steps);
}

const STATES = {
  send: "intent",
  hold: "held",
  moderators: "held",
  record: "recorded",
  none: "held",
} as const;

type Composed =
  { readonly ok: true; readonly record: OutboxRecord } | { readonly ok: false; readonly reason: string };

async function compose({ config, db }: ReplyContext, one: Case, decision: Decision): Promise<Composed> {
  const { series, review, parent } = one;
  if (config.mail.from === undefined) return { ok: false, reason: "mail.from is not set: no reply is made" };
  const from: Mailbox = { name: config.mail.name, address: config.mail.from };
  const copied = one.lists
    .filter(({ recipients }) => recipients !== "author-only")
    .map(({ address }) => address);
  const date = new Date(db.now()).toISOString();
  const made = replyEnvelope(review, parent, { from, lists: copied, date });
  if (!made.ok) return made;
  const { envelope } = made;
  const bytes = await composeBytes(envelope, renderReply(review, parent), signerOf(config));
  const changing = new Set(changingPatches(review));
  const answered = review.series.patches
    .filter(({ index }) => changing.has(index))
    .map(({ messageId }) => messageId);
  const record = newRecord({
    key: series.key,
    kind: "reply",
    series: series.key,
    thread: one.thread,
    messageId: envelope.messageId,
    answered: answered.filter((id) => id !== null),
    bytes,
    sender: config.mail.from,
    recipients: [...envelope.to, ...envelope.cc].map(({ address }) => address),
    lists: envelope.cc.map(({ address }) => address),
    state: STATES[decision.action],
    reason: decision.action === "send" ? null : decision.reason,
    now: db.now(),
  });
  return { ok: true, record };
}
