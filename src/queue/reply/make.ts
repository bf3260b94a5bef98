/** From a stored review to a mail in the outbox, at most once for each version of a series. Repeatable. */
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import type { Decision } from "../../reply/policy/facts.ts";
import { decideReply } from "../../reply/policy/policy.ts";
import { addSteps, step, type Step } from "../../store/decisions.ts";
import { addReply, findReply } from "../../store/replies.ts";
import { findSeries } from "../../store/series.ts";
import { composeReply } from "./compose.ts";
import { adoptEchoes } from "./echo.ts";
import { gatherFacts, openCase, type Case, type ReplyContext } from "./facts.ts";
import { noticesFor } from "./notice.ts";
import { followReply, noteProgress } from "./progress.ts";

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
  if (former !== null) {
    await followReply(context, former.value);
    return { decision: null, record: former.value, outcome: "there is one already" };
  }
  const one = await openCase(context, series);
  if (one === null) return nothing("no review, or its mail is not kept");
  const decision = decideReply(await gatherFacts(context, one, FIRST_TIME));
  await keepDecisionSteps(context, one, decision);
  if (decision.action === "none") {
    if (decision.rule === "same-rows") await noteProgress(context, seriesKey, "unchanged", decision.reason);
    return nothing(`none: ${decision.rule}`, decision);
  }
  const made = await composeReply(context, one, {
    key: series.key,
    state: STATES[decision.action],
    reason: decision.action === "send" ? null : decision.reason,
    form: { former: one.former },
  });
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
