/** The thread that looks through every other batch of a scan: mails in, what may matter of them out. */
import { parentPort } from "node:worker_threads";
import { consider } from "./candidate.ts";
import type { Looked, Packed, Pick } from "./looking.ts";

function lookThrough({ bytes, ends }: Packed): Pick[] {
  const picks: Pick[] = [];
  for (const [at, end] of ends.entries()) {
    const candidate = consider(bytes.subarray(ends[at - 1] ?? 0, end));
    if (candidate !== null) picks.push({ ...candidate, at });
  }
  return picks;
}

parentPort?.on("message", (packed: Packed) => {
  const looked: Looked = { picks: lookThrough(packed), bytes: packed.bytes };
  parentPort?.postMessage(looked, [looked.bytes.buffer]);
});
