/** Stage `ingest`: a dead letter is taken in again; it stays one until that has worked. */
import type { Context } from "../src/queue/context.ts";
import { ingest } from "../src/queue/ingest.ts";
import type { IngestJob } from "../src/queue/queues.ts";
import { wholeMessage } from "../src/sources/source.ts";
import { dropDeadLetter, findDeadLetter } from "../src/store/dead-letters.ts";

export async function processIngest(context: Context, job: IngestJob): Promise<string> {
  const found = await findDeadLetter(context.db, job.letter);
  if (found === null) return "gone";
  const { letter, bytes } = found;
  if (bytes.length === 0) return "it has no bytes to take in";
  const [source, list] = [letter.source, letter.lists[0] ?? null];
  const [handled] = await ingest(context, [
    { mail: wholeMessage(bytes, "dead letter"), source, list, live: true },
  ]);
  if (handled !== true) return "still not handled";
  await dropDeadLetter(context.db, job.letter);
  return "taken in";
}
