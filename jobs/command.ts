/** Stage `command`: what a mail asks for. An order that fails for ever ends, too, and says so. */
import { describeError } from "../src/log.ts";
import { failOrder, obeyOrder } from "../src/queue/commands/process.ts";
import type { Context } from "../src/queue/context.ts";
import { commandJobId, type CommandJob } from "../src/queue/queues.ts";
import { countStart, forgetStarts } from "../src/queue/starts.ts";
import type { JobFacts } from "../src/queue/workers.ts";

/** Returns what came of it, in a word for the log. Rejects for what may pass. */
export async function processCommand(
  context: Context,
  { job, facts }: { job: CommandJob; facts: JobFacts },
): Promise<string> {
  const id = commandJobId(job);
  const tired = await countStart(context, id);
  if (tired !== null) {
    await failOrder(context, job.order, tired);
    return tired;
  }
  try {
    const outcome = await obeyOrder(context, job.order, facts.lastAttempt);
    await forgetStarts(context, id);
    return outcome;
  } catch (error) {
    if (facts.lastAttempt) await failOrder(context, job.order, describeError(error).text);
    throw error;
  }
}
