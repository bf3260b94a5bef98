/**
 * Reviews off the event loop: each in a thread that is killed when its time or memory is over, so that one
 * evil patch stops neither the worker nor its heartbeat. Threads stay warm between reviews.
 */
import type { Worker } from "node:worker_threads";
import type { Grounds } from "../review/grounds.ts";
import type { Review } from "../review/types.ts";
import { openThread, threadModule } from "./thread.ts";

/** Everything a review is made of; it crosses to a thread, so it is plain data. */
export interface ReviewRequest {
  /** Id of the series that is asked for among those the mails make. */
  readonly series: string;
  readonly messages: readonly Uint8Array[];
  readonly kernel: {
    readonly git?: string | undefined;
    readonly tree?: string | undefined;
    readonly branches: readonly string[];
  };
  /** Taken as base whatever the mails say. */
  readonly base?: string;
  readonly profile: string;
  /** The bot's own address, for telling its mails apart. */
  readonly own: string | null;
}

/** A review and, where one was determined, what it rests on. */
export interface MadeReview {
  readonly review: Review;
  readonly grounds: Grounds | null;
}

export type ReviewFunction = (request: ReviewRequest) => Promise<MadeReview>;

/** The review was stopped, and doing it again would end the same way. */
export class ReviewKilled extends Error {
  override readonly name = "ReviewKilled";
}

export interface RunnerOptions {
  readonly seconds: number;
  readonly megabytes: number;
  /** The thread's module; tests give their own. */
  readonly module?: URL;
}

export interface ReviewRunner {
  readonly review: ReviewFunction;
  readonly close: () => Promise<void>;
}

export type ThreadAnswer = MadeReview | { readonly error: string };

interface Thread {
  readonly worker: Worker;
  /** Takes the outcome of the review that runs in it. */
  settle: ((outcome: ThreadAnswer | Error) => void) | null;
}

/** Twice the usual: what one evaluation makes dies with it, and is not to be copied about before. */
const YOUNG_MB = 96;

/** Threads are made when needed and used again; there are as many as reviews at a time. */
export function createRunner(options: RunnerOptions): ReviewRunner {
  const module = options.module ?? threadModule(new URL("./review-thread.ts", import.meta.url));
  const all = new Set<Thread>();
  return {
    review: async (request) => {
      const idle = [...all].find((thread) => thread.settle === null);
      return runIn(idle ?? startThread(module, options, all), request, options.seconds);
    },
    close: async () => {
      await Promise.all([...all].map((thread) => thread.worker.terminate()));
    },
  };
}

function startThread(module: URL, options: RunnerOptions, all: Set<Thread>): Thread {
  const worker = openThread(module, {
    resourceLimits: { maxOldGenerationSizeMb: options.megabytes, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const thread: Thread = { worker, settle: null };
  all.add(thread);
  worker.on("message", (answer: ThreadAnswer) => thread.settle?.(answer));
  worker.on("error", (error) => thread.settle?.(explain(error)));
  worker.on("exit", (code) => {
    all.delete(thread);
    thread.settle?.(new Error(`the review's thread ended with ${code}`));
  });
  return thread;
}

/** Whatever fails ends the thread: it may be in any state. */
async function runIn(thread: Thread, request: ReviewRequest, seconds: number): Promise<MadeReview> {
  let timer: NodeJS.Timeout | undefined;
  const outcome = await new Promise<ThreadAnswer | Error>((resolve) => {
    thread.settle = resolve;
    const late = new ReviewKilled(`the review took longer than ${seconds} s and was stopped`);
    timer = setTimeout(() => resolve(late), seconds * 1000);
    thread.worker.postMessage(request);
  });
  clearTimeout(timer);
  if (!(outcome instanceof Error) && "review" in outcome) {
    thread.settle = null;
    return outcome;
  }
  // Not idle again: it keeps `settle` until it is gone.
  await thread.worker.terminate();
  throw outcome instanceof Error ? outcome : new Error(outcome.error);
}

function explain(error: unknown): Error {
  if ((error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY") {
    return new ReviewKilled("the review needed more memory than allowed and was stopped");
  }
  return error instanceof Error ? error : new Error(String(error));
}
