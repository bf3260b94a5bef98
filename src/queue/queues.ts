/**
 * The queues: their names, and what is put into them. Jobs hold ids, never mails; a job's id is made from what
 * is to be done, so that asking twice makes one job. The queue remembers nothing for good: whether something
 * was done is for the store to say.
 */
import { Queue, type JobsOptions } from "bullmq";
import type { Config } from "../config.ts";
import { hashOf, QUEUE_PREFIX } from "../store/keys.ts";
import type { RedisClient } from "../store/redis.ts";

export const QUEUE_NAMES = ["review", "deadline", "upkeep", "ingest", "command"] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Review these mails of a series. */
export interface ReviewJob {
  readonly series: string;
  /** `inputs` of the series: another set of mails is another job. */
  readonly inputs: string;
}

/** Stop waiting for parts that did not come. */
export type DeadlineJob = ReviewJob;

/** What has to be looked after from time to time. */
export interface UpkeepJob {
  readonly task: "sweep" | "merged" | "retention";
}

/** Take a dead letter in again. */
export interface IngestJob {
  readonly letter: string;
}

/** Do what a mail asks for. */
export interface CommandJob {
  readonly order: string;
  /** `copy` of the order: another copy of the mail is another job. */
  readonly copy: string;
}

export interface Queues {
  readonly addReview: (job: ReviewJob, live: boolean) => Promise<void>;
  /** `at`: milliseconds since the epoch. */
  readonly addDeadline: (job: DeadlineJob, at: number) => Promise<void>;
  readonly addIngest: (job: IngestJob) => Promise<void>;
  readonly addCommand: (job: CommandJob) => Promise<void>;
  /** Makes the upkeep come again every so often; repeatable. */
  readonly scheduleUpkeep: () => Promise<void>;
  /** Lets a failed or finished job of these mails run again. */
  readonly forgetReview: (job: ReviewJob) => Promise<void>;
  readonly counts: () => Promise<Record<QueueName, Record<string, number>>>;
  /** Milliseconds since the epoch at which the first of the waiting jobs of a queue was added; null: none waits. */
  readonly oldest: () => Promise<Record<QueueName, number | null>>;
  /** The queues themselves, for a board that shows them. */
  readonly all: readonly Queue[];
  readonly failed: () => Promise<FailedJob[]>;
  readonly close: () => Promise<void>;
}

export interface FailedJob {
  readonly queue: QueueName;
  readonly id: string;
  readonly data: unknown;
  readonly reason: string;
  readonly attempts: number;
}

const PRIORITY = { live: 1, backfill: 100 } as const;
const HOUR_MS = 3_600_000;
const FAILED_SHOWN = 500;

/** BullMQ refuses ":" and plain integers as job ids; Message-IDs hold anything. */
export function reviewJobId(job: ReviewJob): string {
  return `review-${hashOf(`${job.series} ${job.inputs}`)}`;
}

export function commandJobId({ order, copy }: CommandJob): string {
  return `command-${hashOf(`${order} ${copy}`)}`;
}

/** Options of jobs that are tried again when they fail. */
function retriedBy({ queue }: Config): JobsOptions {
  return {
    attempts: queue.attempts,
    backoff: { type: "exponential", delay: queue.backoffSeconds * 1000, jitter: 0.2 },
    // The store knows what was done and what waits: after it lost its last writes, a finished job must not stand in the
    // way of the one that the sweep puts in again.
    removeOnComplete: true,
    removeOnFail: false,
  };
}

/** `connection` should fail at once when Redis is away: a producer that waits holds up its source. */
export function openQueues(connection: RedisClient, config: Config): Queues {
  const open = (name: QueueName) => {
    const queue = new Queue(name, { connection, prefix: QUEUE_PREFIX, skipVersionCheck: true });
    queue.on("error", () => undefined);
    return queue;
  };
  const queues = {
    review: open("review"),
    deadline: open("deadline"),
    upkeep: open("upkeep"),
    ingest: open("ingest"),
    command: open("command"),
  };
  const retried = retriedBy(config);
  return {
    addReview: async (job, live) => {
      const priority = live ? PRIORITY.live : PRIORITY.backfill;
      await queues.review.add("review", job, { ...retried, jobId: reviewJobId(job), priority });
    },
    addDeadline: async (job, at) => {
      const delay = Math.max(0, at - Date.now());
      await queues.deadline.add("deadline", job, {
        ...retried,
        jobId: `deadline-${reviewJobId(job)}`,
        delay,
      });
    },
    addIngest: async (job) => {
      await queues.ingest.add("ingest", job, {
        ...retried,
        jobId: `ingest-${job.letter}`,
      });
    },
    addCommand: async (job) => {
      const jobId = commandJobId(job);
      await queues.command.add("command", job, { ...retried, jobId, removeOnFail: true });
    },
    scheduleUpkeep: () => scheduleUpkeep(queues.upkeep),
    forgetReview: async (job) => {
      await queues.review.remove(reviewJobId(job));
    },
    counts: () => countJobs(queues),
    oldest: () => oldestJobs(queues),
    all: Object.values(queues),
    failed: () => failedJobs(queues),
    close: async () => {
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
    },
  };
}

async function scheduleUpkeep(queue: Queue): Promise<void> {
  const options = { attempts: 3, removeOnComplete: true, removeOnFail: { count: 20 } };
  const every: [UpkeepJob["task"], number][] = [
    ["sweep", HOUR_MS / 4],
    ["merged", HOUR_MS],
    ["retention", 6 * HOUR_MS],
  ];
  for (const [task, milliseconds] of every) {
    const template = { name: "upkeep", data: { task } satisfies UpkeepJob, opts: options };
    await queue.upsertJobScheduler(task, { every: milliseconds }, template);
  }
}

async function countJobs(
  queues: Record<QueueName, Queue>,
): Promise<Record<QueueName, Record<string, number>>> {
  const counts = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const found = await queues[name].getJobCounts("active", "waiting", "prioritized", "delayed", "failed");
      return [name, found] as const;
    }),
  );
  return Object.fromEntries(counts) as Record<QueueName, Record<string, number>>;
}

async function oldestJobs(queues: Record<QueueName, Queue>): Promise<Record<QueueName, number | null>> {
  const times = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const jobs = await Promise.all([queues[name].getWaiting(0, 0), queues[name].getPrioritized(0, 0)]);
      const added = jobs.flat().map((job) => job.timestamp);
      return [name, added.length === 0 ? null : Math.min(...added)] as const;
    }),
  );
  return Object.fromEntries(times) as Record<QueueName, number | null>;
}

async function failedJobs(queues: Record<QueueName, Queue>): Promise<FailedJob[]> {
  const lists = await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const jobs = await queues[name].getFailed(0, FAILED_SHOWN - 1);
      return jobs.map((job) => ({
        queue: name,
        id: job.id ?? "",
        data: job.data as unknown,
        reason: job.failedReason,
        attempts: job.attemptsMade,
      }));
    }),
  );
  return lists.flat();
}
