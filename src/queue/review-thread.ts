/** The thread in which reviews run: mails in, review out, one at a time. */
import { parentPort } from "node:worker_threads";
import { boundary } from "../killpoint.ts";
import { openDirectory } from "../kernel/directory.ts";
import { openGit } from "../kernel/git.ts";
import type { KernelSource } from "../kernel/source.ts";
import { parseMessage } from "../mail/message.ts";
import { assembleSeries } from "../mail/series.ts";
import { findProfile } from "../model/profiles.ts";
import { createEvaluator, type Evaluator } from "../review/evaluate.ts";
import { gatherGrounds } from "../review/grounds.ts";
import { studySeries } from "../review/review.ts";
import type { MadeReview, ReviewRequest, ThreadAnswer } from "./runner.ts";

/** Kept from one review to the next: opening a repository and evaluating its branches takes longest. */
let kernel: { readonly place: string; readonly source: KernelSource; readonly evaluate: Evaluator } | null =
  null;

async function openKernel({ git, tree }: ReviewRequest["kernel"]): Promise<typeof kernel> {
  const place = git ?? tree;
  if (place === undefined) return null;
  if (kernel?.place === place) return kernel;
  await kernel?.source.close();
  const source = git === undefined ? await openDirectory(place) : await openGit(place);
  return (kernel = { place, source, evaluate: createEvaluator() });
}

async function review(request: ReviewRequest): Promise<MadeReview> {
  const messages = request.messages.map((bytes) => parseMessage(bytes));
  const { series } = assembleSeries(messages, { own: request.own === null ? [] : [request.own] });
  const asked = series.find((one) => one.id === request.series);
  if (asked === undefined) throw new Error(`the mails do not make the series ${request.series}`);
  const open = await openKernel(request.kernel);
  const profile = findProfile(request.profile);
  if (profile === null) throw new Error(`no profile ${request.profile}`);
  const study = await studySeries(asked, open?.source ?? null, {
    profile,
    branches: request.kernel.branches,
    ...(request.base === undefined ? {} : { base: request.base }),
    ...(open === null ? {} : { evaluate: open.evaluate }),
  });
  return { review: study.review, grounds: await gatherGrounds(study) };
}

async function answer(request: ReviewRequest): Promise<ThreadAnswer> {
  try {
    boundary("evaluating");
    return await review(request);
  } catch (error) {
    // The kernel source may be what failed: it is opened again next time.
    await kernel?.source.close().catch(() => undefined);
    kernel = null;
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: ReviewRequest) => {
  void answer(request).then((result) => parentPort?.postMessage(result));
});
