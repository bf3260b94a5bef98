import type { PolicyFacts } from "../../../src/reply/policy/facts.ts";

/** Facts that every rule passes, with parts replaced. */
export function sampleFacts(parts: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    kind: "reply",
    mode: "auto",
    verdict: "changed",
    verdictReason: null,
    critical: [],
    series: {
      version: 2,
      author: "jane@example.com",
      stable: null,
      closed: null,
      live: true,
      ageDays: 0.5,
      missing: [],
    },
    parent: { answerable: true, isReply: false, automatic: null },
    lists: ["kvm@vger.kernel.org"],
    former: null,
    muted: { threadBy: null, author: false },
    sent: { inThread: 0, today: 0, onListToday: 0 },
    answered: false,
    approvedBy: null,
    limits: { repliesPerThread: 3, repliesPerDay: 50, repliesPerListAndDay: 30, replyWithinDays: 7 },
    ...parts,
  };
}
