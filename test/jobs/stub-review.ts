/**
 * Stands in for the thread that reviews: answers with what the mails ask for in a line `Stub: WORD`, so that
 * tests of the queue need no kernel. `hang` never answers, `die` ends the thread, `throw` fails.
 */
import { parentPort } from "node:worker_threads";
import { boundary } from "../../src/killpoint.ts";
import type { ReviewRequest } from "../../src/queue/runner.ts";
import type { Verdict } from "../../src/review/types.ts";
import { aReview } from "../store/samples.ts";

parentPort?.on("message", (request: ReviewRequest) => {
  boundary("evaluating");
  const text = request.messages.map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n");
  const word = /^Stub: (\S+)$/m.exec(text)?.[1] ?? "changed";
  if (word === "hang") for (;;);
  if (word === "die") process.exit(3);
  if (word === "throw") return parentPort?.postMessage({ error: "stub failed" });
  const sample = aReview(word as Verdict);
  const review = { ...sample, series: { ...sample.series, messageId: request.series } };
  return parentPort?.postMessage({ review, grounds: null });
});
