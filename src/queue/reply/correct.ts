/** Looking again at what was said, with today's model: where it was wrong, a correction is made and held. */
import { advance } from "../../reply/outbox/machine.ts";
import type { OutboxRecord, ToldFinding } from "../../reply/outbox/record.ts";
import { renderDifference } from "../../reply/difference.ts";
import { decideReply } from "../../reply/policy/policy.ts";
import { differingRows, type RowDifference } from "../../reply/shown.ts";
import type { Review } from "../../review/types.ts";
import { addReply, correctionKey, findReply, listReplies, replaceReply } from "../../store/replies.ts";
import { findReview, renewReview } from "../../store/reviews.ts";
import { findSeries, type SeriesRecord } from "../../store/series.ts";
import { untilCommitted } from "../../store/transact.ts";
import { requestReview } from "../requests.ts";
import type { MadeReview, ReviewFunction } from "../runner.ts";
import { composeReply, toldFindings } from "./compose.ts";
import { gatherFacts, openCase, type Case, type ReplyContext } from "./facts.ts";
import { noticesFor } from "./notice.ts";
import { lastSaid, OUT, type Said } from "./said.ts";
import { outboxSettings } from "./settings.ts";

/**
 * `made`: a correction is held; `known`: it was there already; `same`: what was said holds; `unsaid`: nothing
 * was said; `undetermined`: today's model cannot tell; `refused`: it may not be corrected.
 */
export type CorrectionOutcome = "made" | "known" | "same" | "unsaid" | "undetermined" | "refused";

export interface Correction {
  /** Id of the series. */
  readonly series: string;
  readonly outcome: CorrectionOutcome;
  /** One sentence. */
  readonly text: string;
  /** The rows that differ, as a table; empty for none. */
  readonly difference: string;
  readonly record: OutboxRecord | null;
}

/** Series that have a reply that went out. */
export async function listAnswered({ db }: ReplyContext): Promise<SeriesRecord[]> {
  const records = await listReplies(db, 100_000);
  const answered = records.filter(({ kind, state }) => kind === "reply" && OUT.includes(state));
  const found = await Promise.all(answered.map(({ key }) => findSeries(db, key)));
  return found.flatMap((one) => one?.value ?? []);
}

interface Differences {
  readonly rows: readonly RowDifference[];
  /** Sentences of the findings that the reply told and that do not stand. */
  readonly withdrawn: readonly string[];
  /** Of those that it did not tell. */
  readonly added: readonly string[];
}

function differences({ rows, record }: Said, review: Review): Differences {
  const now = toldFindings(review);
  const said = record.findings ?? now;
  const without = (all: readonly ToldFinding[], others: readonly ToldFinding[]) =>
    all.filter(({ key }) => !others.some((other) => other.key === key)).map(({ text }) => text);
  return {
    rows: differingRows(rows, review.rows),
    withdrawn: without(said, now),
    added: without(now, said),
  };
}

/** On the base that the reply spoke of, also where a branch has moved on since. */
async function reviewAgain(
  context: ReplyContext,
  series: SeriesRecord,
  review: ReviewFunction,
): Promise<MadeReview> {
  const request = await requestReview(context, series);
  const made = await review(request);
  const base = (await findReview(context.db, series.key))?.review.base ?? null;
  if (base === null || base.how === "tree" || base.revision === made.review.base?.revision) return made;
  return review({ ...request, base: base.revision });
}

/** Reviews a series again and makes the correction of what was said, if one is due. Sends nothing. */
export async function correctSeries(
  context: ReplyContext,
  series: SeriesRecord,
  review: ReviewFunction,
): Promise<Correction> {
  const end = (outcome: CorrectionOutcome, text: string, more: Partial<Correction> = {}): Correction => ({
    ...{ series: series.id, outcome, text, difference: "", record: null },
    ...more,
  });
  const said = await lastSaid(context.db, series.key);
  if (said === null) return end("unsaid", "no reply went out");
  const { review: made, grounds } = await reviewAgain(context, series, review);
  if (made.verdict !== "changed" && made.verdict !== "unchanged")
    return end("undetermined", `${made.verdict} today: ${made.reason ?? "no reason"}`);
  if (said.rows.length === 0) return end("refused", "the mail that went out has no table to compare with");
  const found = differences(said, made);
  const count = found.rows.length + found.withdrawn.length + found.added.length;
  if (count === 0) {
    await dropUnsent(context, said);
    return end("same", "what was said holds");
  }
  const difference = renderDifference(found.rows, { former: "Sent", now: "Today" });
  const one = await openCase(context, series, made);
  if (one === null) return end("refused", "its mails are no longer kept", { difference });
  await renewReview(context.db, { series: series.key, inputs: series.inputs, review: made, grounds });
  const kept = await keepCorrection(context, one, said, found);
  return end(kept.outcome, `${describe(found)}; ${kept.text}`, { difference, record: kept.record });
}

function describe({ rows, withdrawn, added }: Differences): string {
  const count = (what: readonly unknown[], one: string, many: string) =>
    what.length === 0 ? [] : [what.length === 1 ? `1 ${one}` : `${what.length} ${many}`];
  return [
    ...count(rows, "row differs", "rows differ"),
    ...count(withdrawn, "finding does not stand", "findings do not stand"),
    ...count(added, "finding is new", "findings are new"),
  ].join(", ");
}

type Kept = Pick<Correction, "outcome" | "text" | "record">;

const STATES = { send: "held", hold: "held", moderators: "held", record: "recorded" } as const;

async function keepCorrection(
  context: ReplyContext,
  one: Case,
  said: Said,
  { withdrawn }: Differences,
): Promise<Kept> {
  const known = { kind: "correction", answered: false, approvedBy: null } as const;
  const { action, reason } = decideReply(await gatherFacts(context, one, known));
  if (action === "none") return { outcome: "refused", text: reason, record: null };
  const made = await composeReply(context, one, {
    key: correctionKey(said.record.messageId),
    state: STATES[action],
    reason,
    form: { corrected: { rows: said.rows, withdrawn } },
    corrects: said.message,
  });
  return made.ok ? keepOnce(context, made.record) : { outcome: "refused", text: made.reason, record: null };
}

/** A mail has one correction; until it is out, one that says something else may take its place. */
async function keepOnce(context: ReplyContext, record: OutboxRecord): Promise<Kept> {
  const { db } = context;
  const notices = await noticesFor(context, record);
  return untilCommitted<Kept>(async () => {
    const former = await findReply(db, record.key);
    if (former !== null) {
      const { state, messageId } = former.value;
      if (messageId === record.messageId || state === "intent" || OUT.includes(state)) {
        const text = `its correction <${messageId}> is ${state}`;
        return { done: true, result: { outcome: "known", text, record: former.value } };
      }
    }
    const done =
      former === null ? await addReply(db, record, notices) : await replaceReply(db, former, record, notices);
    const text = `a correction <${record.messageId}> is ${record.state}: ${record.reason ?? ""}`;
    return done ? { done, result: { outcome: "made", text, record } } : { done };
  });
}

/** A correction that waits and is not needed any more. */
async function dropUnsent({ db, config }: ReplyContext, said: Said): Promise<void> {
  const found = await findReply(db, correctionKey(said.record.messageId));
  if (found === null) return;
  const event = { type: "drop", reason: "what was said holds after all" } as const;
  const next = advance(found.value, event, { now: db.now(), settings: outboxSettings(config) });
  if (next.ok) await replaceReply(db, found, next.record);
}
