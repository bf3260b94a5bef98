/**
 * From a stored review to a mail in the outbox, at most once for each version of a series. Repeatable: a later
 * review of the same version makes a reply anew that no server has seen yet.
 */
import { boundary } from "../../killpoint.ts";
import { advance } from "../../reply/outbox/machine.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import type { Decision } from "../../reply/policy/facts.ts";
import { decideReply } from "../../reply/policy/policy.ts";
import { addSteps, step, type Step } from "../../store/decisions.ts";
import type { Stored } from "../../store/record.ts";
import { addReply, findReply, replaceReply } from "../../store/replies.ts";
import { findSeries } from "../../store/series.ts";
import { composeReply } from "./compose.ts";
import { wakeSenders } from "./due.ts";
import { adoptEchoes } from "./echo.ts";
import { gatherFacts, openCase, type Case, type ReplyContext } from "./facts.ts";
import { noticesFor } from "./notice.ts";
import { followReply, noteProgress } from "./progress.ts";
import { outboxSettings } from "./settings.ts";

const FIRST_TIME = { kind: "reply", answered: false, approvedBy: null } as const;

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
  await adoptEchoes(context, series);
  const former = await findReply(db, seriesKey);
  if (former !== null && !mayBeRemade(former.value)) return thereIsOne(context, former.value);
  const one = await openCase(context, series);
  if (one === null) return nothing("no review, or its mail is not kept");
  const decision = decideReply(await gatherFacts(context, one, FIRST_TIME));
  await keepDecisionSteps(context, one, decision);
  if (decision.action === "none") {
    if (former !== null) await dropFormer(context, former, decision.reason);
    if (decision.rule === "same-rows") await noteProgress(context, seriesKey, "unchanged", decision.reason);
    return nothing(`none: ${decision.rule}`, decision);
  }
  const made = await composeReply(context, one, {
    key: series.key,
    ...stateAfter(former?.value ?? null, decision),
    form: { former: one.former },
  });
  if (!made.ok) return nothing(made.reason, decision);
  if (former !== null && isSame(former.value, made.record)) return thereIsOne(context, former.value);
  const notices = await noticesFor(context, made.record);
  const kept =
    former === null
      ? await addReply(db, made.record, notices)
      : await replaceReply(db, former, made.record, notices);
  boundary("composed");
  const record = kept ? made.record : ((await findReply(db, seriesKey))?.value ?? null);
  if (record !== null) await followReply(context, record);
  wakeSenders();
  return { decision, record, outcome: decision.action };
}

async function thereIsOne(context: ReplyContext, record: OutboxRecord): Promise<MadeReply> {
  await followReply(context, record);
  return { decision: null, record, outcome: "there is one already" };
}

/** Nobody but this store has it, and it is not on its way. */
function mayBeRemade({ state, tries }: OutboxRecord): boolean {
  return tries === 0 && (state === "held" || state === "recorded" || state === "dropped");
}

/** The same review, and nobody took its mail back since. */
function isSame(former: OutboxRecord, made: OutboxRecord): boolean {
  return former.messageId === made.messageId && former.state !== "dropped";
}

/** What a person kept back or took back does not go out by itself because it was reviewed again. */
function stateAfter(
  former: OutboxRecord | null,
  { action, reason }: Decision,
): { state: "held" | "intent" | "recorded"; reason: string | null } {
  const waits = former?.state === "held" || former?.state === "dropped";
  if (!waits || action === "moderators")
    return { state: STATES[action], reason: action === "send" ? null : reason };
  return { state: "held", reason: `reviewed again; before: ${former.reason ?? former.state}` };
}

async function dropFormer(
  { db, config }: ReplyContext,
  former: Stored<OutboxRecord>,
  reason: string,
): Promise<void> {
  const moment = { now: db.now(), settings: outboxSettings(config) };
  const next = advance(former.value, { type: "drop", reason }, moment);
  if (next.ok) await replaceReply(db, former, next.record);
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
