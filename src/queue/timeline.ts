/** What happened to a series, in order: from its first mail to its end. */
import { findDecisions, type DecisionRecord, type Step } from "../store/decisions.ts";
import type { Db } from "../store/record.ts";
import { stateOf } from "../store/series.ts";
import type { AskedSeries } from "./asked.ts";

export interface TimelineEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: string;
  readonly text: string;
}

function fromStep({ at, rule, text }: Step): TimelineEntry {
  return { at, what: rule, text: text === rule ? "" : text };
}

/** Rules under which persons' decisions, and what came of them outside, stand with every part. */
const ACTS = new Set(["approve", "hold", "ignore", "recipients", "bounced"]);

function acts(decisions: readonly DecisionRecord[]): TimelineEntry[] {
  const steps = decisions[0]?.steps ?? [];
  return steps.filter(({ rule, outcome }) => ACTS.has(rule) && outcome === "noted").map(fromStep);
}

function arrivals(decisions: readonly DecisionRecord[], { series }: AskedSeries): TimelineEntry[] {
  const times = decisions.flatMap(({ steps }) => steps.filter(({ rule }) => rule === "arrived").slice(0, 1));
  const first = times.map(({ at }) => at).sort()[0];
  const last = times
    .map(({ at }) => at)
    .sort()
    .at(-1);
  if (first === undefined || last === undefined) return [];
  const lists = series.lists.length === 0 ? "" : ` on ${series.lists.join(", ")}`;
  const text = `${times.length} ${times.length === 1 ? "mail" : "mails"}${lists}`;
  return [{ at: last, what: "arrived", text: first === last ? text : `${text}, the first at ${first}` }];
}

function sendings({ reply }: AskedSeries): TimelineEntry[] {
  if (reply === null) return [];
  const { createdAt, changedAt, firstTryAt, state, response } = reply;
  const iso = (time: number) => new Date(time).toISOString();
  const made = { at: iso(createdAt), what: "reply made", text: `<${reply.messageId}>` };
  if (firstTryAt === null) return [made];
  const sent = state === "sent" || state === "echoed";
  const tried = { at: iso(firstTryAt), what: "first try", text: reply.recipients.join(", ") };
  return [made, tried, ...(sent ? [{ at: iso(changedAt), what: state, text: response ?? "" }] : [])];
}

function ending({ series }: AskedSeries): TimelineEntry[] {
  const { closed } = series;
  if (closed === null) return [];
  return [{ at: new Date(closed.at).toISOString(), what: stateOf(series), text: closed.reason }];
}

/** Oldest first. */
export async function timelineOf(db: Db, asked: AskedSeries): Promise<TimelineEntry[]> {
  const own = asked.series.parts.filter((part) => !part.inherited);
  const decisions = await findDecisions(
    db,
    own.map((part) => part.key),
  );
  const entries = [
    ...arrivals(decisions, asked),
    ...acts(decisions),
    ...asked.series.steps.map(fromStep),
    ...sendings(asked),
    ...ending(asked),
  ];
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
