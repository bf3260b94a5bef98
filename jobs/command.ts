/** Stage `command`: what a mail asks for. An order that fails for ever ends, too, and says so. */
import { failOrder, obeyOrder } from "../src/queue/commands/process.ts";
import type { Context } from "../src/queue/context.ts";
import type { CommandJob } from "../src/queue/queues.ts";
import type { JobFacts } from "../src/queue/workers.ts";

/** Returns what came of it, in a word for the log. Rejects for what may pass. */
export async function processCommand(
  context: Context,
  { job, facts }: { job: CommandJob; facts: JobFacts },
): Promise<string> {
  try {
    return await obeyOrder(context, job.order, facts.lastAttempt);
  } catch (error) {
    if (facts.lastAttempt) await failOrder(context, job.order, error);
    throw error;
  }
}
