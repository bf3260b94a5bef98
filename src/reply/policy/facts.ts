/** What the decision about a reply is made from, and what it comes to. All of it is plain values. */

/** Modes from the strictest to the freest; see `strictestMode`. */
export const MODES = ["dry-run", "hold", "auto"] as const;
export type Mode = (typeof MODES)[number];

export interface PolicyLimits {
  readonly repliesPerThread: number;
  readonly repliesPerDay: number;
  readonly repliesPerListAndDay: number;
  /** An older series is answered only when a person says so. */
  readonly replyWithinDays: number;
}

export interface PolicyFacts {
  /** A correction speaks of a reply that is out: what keeps a first reply back does not hold for it. */
  readonly kind: "reply" | "correction";
  readonly mode: Mode;
  readonly verdict: "changed" | "unchanged" | "undetermined" | "not-applicable";
  /** Why the verdict is what it is, where the review says it. */
  readonly verdictReason: string | null;
  /** Sentences of the findings that say a guest reaches a register of the host. */
  readonly critical: readonly string[];
  readonly series: {
    readonly version: number;
    readonly author: string;
    /** The stable series it is a backport for. */
    readonly stable: string | null;
    /** Superseded, merged or ignored. */
    readonly closed: { readonly state: string; readonly reason: string } | null;
    /** Found while watching, not while an archive's past was read. */
    readonly live: boolean;
    /** Since its Date; null when it has none. */
    readonly ageDays: number | null;
    readonly missing: readonly number[];
  };
  /** The mail that would be answered. */
  readonly parent: {
    /** Its id can stand in In-Reply-To and its author can be written to. */
    readonly answerable: boolean;
    readonly isReply: boolean;
    /** Why it counts as sent by a machine; null: a person sent it. */
    readonly automatic: string | null;
  };
  /** Addresses of the configured lists that it came by. */
  readonly lists: readonly string[];
  /** The latest former version that was answered. */
  readonly former: { readonly version: number; readonly sameRows: boolean } | null;
  /** Who muted the thread; whether its author wants no mail. */
  readonly muted: { readonly threadBy: string | null; readonly author: boolean };
  /** Replies that went out: in the thread ever, and in the last day. */
  readonly sent: { readonly inThread: number; readonly today: number; readonly onListToday: number };
  /** This version was answered before. */
  readonly answered: boolean;
  /** Who said that it may go out. */
  readonly approvedBy: string | null;
  readonly limits: PolicyLimits;
}

/**
 * `send`; `hold` until a person says so; `moderators`: only their address is told, never a list; `record`:
 * rendered and kept, never sent; `none`: no reply is made.
 */
export type PolicyAction = "send" | "hold" | "moderators" | "record" | "none";

export interface PolicyStep {
  /** Stable name for scripts. */
  readonly rule: string;
  readonly outcome: "passed" | "stopped" | "noted";
  readonly text: string;
}

export interface Decision {
  readonly action: PolicyAction;
  /** The rule that decided. */
  readonly rule: string;
  /** One sentence. */
  readonly reason: string;
  /** Every rule asked, in order; the last one decided. */
  readonly trace: readonly PolicyStep[];
}
