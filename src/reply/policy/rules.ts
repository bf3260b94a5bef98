/**
 * The rules, in the order in which they are asked. What no approval may pass stands first; what a person may
 * overrule stands last.
 */
import type { PolicyAction, PolicyFacts } from "./facts.ts";

/** Null: the rule has nothing against it. */
export type Objection = { readonly action: PolicyAction; readonly text: string } | null;

export interface Rule {
  readonly name: string;
  /** What is noted when it passes. */
  readonly passes: string;
  readonly check: (facts: PolicyFacts) => Objection;
}

function stop(action: PolicyAction, text: string): Objection {
  return { action, text };
}

function plural(count: number, noun: string): string {
  return count === 1
    ? `1 ${noun}`
    : `${count} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** Rules about the review and the mail: no approval changes what they say. */
const FIRM: readonly Rule[] = [
  {
    name: "verdict",
    passes: "the review found a change",
    check({ verdict, verdictReason }) {
      if (verdict === "changed") return null;
      return stop(
        "none",
        verdictReason === null ? `the verdict is ${verdict}` : `${verdict}: ${verdictReason}`,
      );
    },
  },
  {
    name: "automatic",
    passes: "a person sent it",
    check: ({ parent }) => (parent.automatic === null ? null : stop("none", parent.automatic)),
  },
  {
    name: "quoted-diff",
    passes: "it is a submission, not an answer",
    check: ({ parent }) =>
      parent.isReply ? stop("none", "the mail is an answer that carries a diff") : null,
  },
  {
    name: "stable",
    passes: "no stable review copy",
    check: ({ series }) =>
      series.stable === null
        ? null
        : stop("none", `a review copy for stable ${series.stable} is only recorded`),
  },
  {
    name: "closed",
    passes: "nothing newer took its place",
    check: ({ series }) =>
      series.closed === null ? null : stop("none", `${series.closed.state}: ${series.closed.reason}`),
  },
  {
    name: "list",
    passes: "it came by a configured list",
    check: ({ lists }) => (lists.length > 0 ? null : stop("none", "it came by no configured list")),
  },
  {
    name: "muted-thread",
    passes: "nobody muted the thread",
    check: ({ muted }) =>
      muted.threadBy === null ? null : stop("none", `${muted.threadBy} muted the thread`),
  },
  {
    name: "muted-author",
    passes: "the author did not opt out",
    check: ({ muted }) => (muted.author ? stop("none", "its author wants no mail from avicbot") : null),
  },
  {
    name: "answered",
    passes: "this version was not answered yet",
    check: ({ answered }) => (answered ? stop("none", "this version was answered before") : null),
  },
  {
    name: "answerable",
    passes: "the mail can be answered",
    check: ({ parent }) =>
      parent.answerable ? null : stop("none", "its id or its author's address cannot stand in an answer"),
  },
  {
    name: "critical",
    passes: "no finding of a register of the host within reach",
    check: ({ critical }) =>
      critical.length === 0 ? null : stop("moderators", `only the moderators are told: ${critical[0]}`),
  },
  {
    name: "same-rows",
    passes: "no former version had the same table",
    check: ({ former }) =>
      former?.sameRows ? stop("none", `the table is that of the reply to v${former.version}`) : null,
  },
  {
    name: "dry-run",
    passes: "mails may be sent",
    check: ({ mode }) => (mode === "dry-run" ? stop("record", "dry-run: rendered, never sent") : null),
  },
];

/** Rules that keep a reply for a person to decide; an approval passes them. */
const HOLDING: readonly Rule[] = [
  {
    name: "mode",
    passes: "replies go out by themselves",
    check: ({ mode }) => (mode === "hold" ? stop("hold", "mode hold: a person decides") : null),
  },
  {
    name: "back-fill",
    passes: "it came while watching",
    check: ({ series }) => (series.live ? null : stop("hold", "it came from an archive's past")),
  },
  {
    name: "late",
    passes: "it is recent",
    check({ series, limits }) {
      if (series.ageDays === null) return stop("hold", "the series has no date");
      if (series.ageDays <= limits.replyWithinDays) return null;
      return stop("hold", `the series is ${plural(Math.floor(series.ageDays), "day")} old`);
    },
  },
  {
    name: "thread-limit",
    passes: "the thread has had few replies",
    check: ({ sent, limits }) =>
      sent.inThread < limits.repliesPerThread
        ? null
        : stop("hold", `the thread has had ${plural(sent.inThread, "reply")}`),
  },
  {
    name: "day-limit",
    passes: "few replies went out today",
    check: ({ sent, limits }) =>
      sent.today < limits.repliesPerDay
        ? null
        : stop("hold", `${plural(sent.today, "reply")} went out in the last day`),
  },
  {
    name: "list-limit",
    passes: "the list has had few replies today",
    check: ({ sent, limits }) =>
      sent.onListToday < limits.repliesPerListAndDay
        ? null
        : stop("hold", `${plural(sent.onListToday, "reply")} went to the list in the last day`),
  },
];

/** Rules on whether a version is answered for the first time. */
const FIRST_TIME = new Set(["verdict", "closed", "answered", "same-rows"]);

const CORRECTION: Rule = {
  name: "correction",
  passes: "a person approved the correction",
  check: () => stop("hold", "a person decides about corrections"),
};

/** The rules that apply: what is approved passes the holding ones. */
export function rulesFor({ kind, approvedBy }: PolicyFacts): readonly Rule[] {
  const firm = kind === "reply" ? FIRM : FIRM.filter(({ name }) => !FIRST_TIME.has(name));
  if (approvedBy !== null) return firm;
  return [...firm, ...(kind === "reply" ? HOLDING : [CORRECTION])];
}
