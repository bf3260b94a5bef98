/**
 * Workers: one loop a queue, on a connection of its own. A worker that dies is noticed when its lock runs out;
 * BullMQ's own limit on such deaths is set out of reach, since it would fail a job for ever after two, and the
 * processors count by themselves.
 */
import { Worker, type Job } from "bullmq";
import type { Config } from "../config.ts";
import { describeError, type Logger } from "../log.ts";
import { QUEUE_PREFIX } from "../store/keys.ts";
import type { RedisClient } from "../store/redis.ts";
import type { QueueName } from "./queues.ts";

export type Processor<T> = (data: T, job: JobFacts) => Promise<string>;

export interface JobFacts {
  readonly id: string;
  /** Whether a failure now is the last one. */
  readonly lastAttempt: boolean;
}

export interface WorkerHandle {
  /** Takes no new jobs and finishes those it holds; after the limit it lets them go, and others take them over. */
  readonly stop: (limitMs: number) => Promise<void>;
}

/** Effectively never: see above. */
const MAX_STALLED = 1_000_000;

export interface WorkerSettings {
  readonly queue: QueueName;
  /** Blocks while it waits for jobs: not to be shared. */
  readonly connection: RedisClient;
  readonly config: Config;
  readonly concurrency: number;
  readonly log: Logger;
}

export function startWorker<T>(settings: WorkerSettings, processor: Processor<T>): WorkerHandle {
  const { lockSeconds } = settings.config.queue;
  const log = settings.log.child({ queue: settings.queue });
  const worker = new Worker<T, string>(settings.queue, (job) => processor(job.data, factsOf(job)), {
    connection: settings.connection,
    prefix: QUEUE_PREFIX,
    concurrency: settings.concurrency,
    lockDuration: lockSeconds * 1000,
    stalledInterval: Math.max(500, (lockSeconds * 1000) / 2),
    maxStalledCount: MAX_STALLED,
    drainDelay: 5,
    skipVersionCheck: true,
  });
  worker.on("completed", (job, result) => log.info({ job: job.id, ...idsOf(job.data) }, result));
  worker.on("failed", (job, error) => {
    log.warn({ job: job?.id, ...idsOf(job?.data), error: describeError(error) }, "job failed");
  });
  worker.on("error", (error) => log.warn({ error: describeError(error) }, "queue"));
  return { stop: (limitMs) => stopWithin(worker, limitMs) };
}

function factsOf(job: Job): JobFacts {
  const attempts = job.opts.attempts ?? 1;
  return { id: job.id ?? "", lastAttempt: job.attemptsMade + 1 >= attempts };
}

function idsOf(data: unknown): Record<string, unknown> {
  return typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {};
}

async function stopWithin(worker: Worker, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), limitMs)));
  const closed = worker.close().catch(() => undefined);
  if ((await Promise.race([closed, late])) === "late") await worker.close(true).catch(() => undefined);
  clearTimeout(timer);
}
