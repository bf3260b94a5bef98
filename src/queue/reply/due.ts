/** Tells the sender of this process that a mail is due; those of other processes look once a second anyway. */
import { setTimeout as pause } from "node:timers/promises";

const asleep = new Set<AbortController>();
let calls = 0;

/** How often the senders of this process were called so far. */
export function countCalls(): number {
  return calls;
}

/** Ends the sleep of every sender of this process. */
export function wakeSenders(): void {
  calls += 1;
  for (const sleeper of asleep) sleeper.abort();
}

/** Resolves after the time, on the signal, or when the senders are called or were since `seen` calls. */
export async function sleepUntilDue(milliseconds: number, signal: AbortSignal, seen: number): Promise<void> {
  if (calls !== seen) return;
  const sleeper = new AbortController();
  asleep.add(sleeper);
  const either = AbortSignal.any([sleeper.signal, signal]);
  await pause(milliseconds, undefined, { signal: either }).catch(() => undefined);
  asleep.delete(sleeper);
}
