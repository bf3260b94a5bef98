/** The series follows its reply: what the outbox did shows in its state. */
import type { OutboxRecord, OutboxState } from "../../reply/outbox/record.ts";
import { step } from "../../store/decisions.ts";
import { changeSeries, type Progress } from "../../store/series.ts";
import type { ReplyContext } from "./facts.ts";

const PROGRESS: Readonly<Record<OutboxState, Progress>> = {
  held: "held",
  recorded: "held",
  intent: "sending",
  sending: "sending",
  sent: "replied",
  echoed: "replied",
  refused: "failed",
  // Of an open series somebody muted, say: the reason tells who.
  dropped: "held",
};

/**
 * Moves a series and says why; nothing happens when it stands there already for the same reason. One that is being
 * reviewed stays so, or nobody would review it: it follows its reply when that is done.
 */
export async function noteProgress(
  { db }: ReplyContext,
  series: string,
  progress: Progress,
  reason: string | null,
): Promise<void> {
  await changeSeries(db, series, (record) => {
    if (record.progress === "collecting" || record.progress === "reviewing") return record;
    if (record.progress === progress && record.reason === reason) return record;
    if (record.closed !== null && progress === "held") return record;
    const steps = [...record.steps, step(db, "reply", "noted", progress, reason ?? progress)];
    return { ...record, progress, reason, steps };
  });
}

/** Only the reply itself moves its series; corrections, answers and notices do not. */
export async function followReply(context: ReplyContext, record: OutboxRecord): Promise<void> {
  if (record.kind !== "reply" || record.series === null) return;
  await noteProgress(context, record.series, PROGRESS[record.state], record.reason);
}
