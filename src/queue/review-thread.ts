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
import { studySeries, type Study } from "../review/review.ts";
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

async function closeKernel(): Promise<void> {
  const { source } = kernel ?? {};
  kernel = null;
  await source?.close().catch(() => undefined);
}

async function study(request: ReviewRequest): Promise<Study> {
  const messages = request.messages.map((bytes) => parseMessage(bytes));
  const { series } = assembleSeries(messages, { own: request.own === null ? [] : [request.own] });
  const asked = series.find((one) => one.id === request.series);
  if (asked === undefined) throw new Error(`the mails do not make the series ${request.series}`);
  const open = await openKernel(request.kernel);
  const profile = findProfile(request.profile);
  if (profile === null) throw new Error(`no profile ${request.profile}`);
  return studySeries(asked, open?.source ?? null, {
    profile,
    branches: request.kernel.branches,
    ...(request.base === undefined ? {} : { base: request.base }),
    ...(open === null ? {} : { evaluate: open.evaluate }),
  });
}

/**
 * Git tells an object that is not there from a repository that cannot be read for the moment by no word: before
 * `undetermined` counts, the repository is opened anew, which fails when it is away, and everything is looked for
 * once more.
 */
async function studySurely(request: ReviewRequest): Promise<Study> {
  const first = await study(request);
  if (first.review.verdict !== "undetermined" || request.kernel.git === undefined) return first;
  await closeKernel();
  return study(request);
}

async function review(request: ReviewRequest): Promise<MadeReview> {
  const made = await studySurely(request);
  return { review: made.review, grounds: await gatherGrounds(made) };
}

async function answer(request: ReviewRequest): Promise<ThreadAnswer> {
  try {
    boundary("evaluating");
    return await review(request);
  } catch (error) {
    // The kernel source may be what failed: it is opened again next time.
    await closeKernel();
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: ReviewRequest) => {
  void answer(request).then((result) => parentPort?.postMessage(result));
});
