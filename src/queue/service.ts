/**
 * The service: what `watch`, `work` and `serve` are made of. Every process opens its own connections and ends
 * in order: sources first, then jobs, then the queues and the store.
 */
import { processCommand } from "../../jobs/command.ts";
import { processDeadline } from "../../jobs/deadline.ts";
import { processIngest } from "../../jobs/ingest.ts";
import { processReview } from "../../jobs/review.ts";
import { processUpkeep, sweep } from "../../jobs/upkeep.ts";
import type { Config, SourceConfig } from "../config.ts";
import { describeError, type Logger } from "../log.ts";
import { createImapSources } from "../sources/imap.ts";
import { createMaildirSource } from "../sources/maildir.ts";
import { createMboxSource } from "../sources/mbox-source.ts";
import { createPublicInboxSource } from "../sources/public-inbox.ts";
import type { Source } from "../sources/source.ts";
import { startPrivateRedis, type PrivateRedis } from "../store/private-redis.ts";
import type { Db } from "../store/record.ts";
import { awaitReady, connectRedis, findUnsafeSettings, type RedisClient } from "../store/redis.ts";
import { beganAt, ensureSchema } from "../store/schema.ts";
import type { Context } from "./context.ts";
import { startSender } from "./reply/send.ts";
import {
  openQueues,
  type CommandJob,
  type DeadlineJob,
  type IngestJob,
  type ReviewJob,
  type UpkeepJob,
} from "./queues.ts";
import { createRunner } from "./runner.ts";
import { watchSource } from "./watcher.ts";
import { startWorker, type WorkerHandle } from "./workers.ts";

const CONNECT_LIMIT_MS = 15_000;

export interface Service {
  readonly context: Context;
  /** Another connection to the same Redis, one that waits. */
  readonly connect: () => RedisClient;
  /** Closes in the reverse order of opening. */
  readonly onClose: (close: () => Promise<unknown>) => void;
  readonly close: () => Promise<void>;
}

/** Opens store and queues; starts the private Redis if none is configured. Rejects in one line. */
export async function openService(config: Config, log: Logger): Promise<Service> {
  const closings: (() => Promise<unknown>)[] = [];
  const onClose = (close: () => Promise<unknown>) => void closings.unshift(close);
  const close = async () => {
    for (const one of closings.splice(0)) await one().catch(() => undefined);
  };
  try {
    const url = config.redisUrl ?? (await startOwnRedis(config, log, onClose)).url;
    const connect = (patience: "wait" | "fail") => {
      const client = connectRedis(url, patience, (error) =>
        log.debug({ error: describeError(error) }, "redis"),
      );
      onClose(() => Promise.resolve(disconnect(client)));
      return client;
    };
    const redis = connect("fail");
    // Every source listens.
    redis.setMaxListeners(0);
    await awaitReady(redis, CONNECT_LIMIT_MS);
    for (const advice of await findUnsafeSettings(redis)) log.warn({ advice }, "Redis may lose records");
    const db: Db = { redis, now: () => Date.now() };
    await ensureSchema(db);
    await beganAt(db);
    const queues = openQueues(redis, config);
    onClose(() => queues.close());
    return { context: { config, db, queues, log }, connect: () => connect("wait"), onClose, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A client whose connection is gone already would keep the process for two seconds to wait for its end. */
function disconnect(client: RedisClient): void {
  if (client.status !== "end") client.disconnect();
}

async function startOwnRedis(
  config: Config,
  log: Logger,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<PrivateRedis> {
  const server = await startPrivateRedis(config.dataDir, {
    started: (pid) => log.info({ redisPid: pid }, "private Redis started"),
    ended: (reason) => log.error({ reason }, "private Redis ended; starting it again"),
  });
  onClose(() => server.stop());
  return server;
}

/** Reads every source that falls to this process until the signal. */
export async function watch(service: Service, signal: AbortSignal): Promise<void> {
  const sources = service.context.config.sources.flatMap(createSources);
  await Promise.all(sources.map((source) => watchSource(service.context, source, signal)));
}

export function createSources(settings: SourceConfig): Source[] {
  switch (settings.type) {
    case "imap":
      return createImapSources(settings);
    case "public-inbox":
      return [createPublicInboxSource(settings)];
    case "maildir":
      return [createMaildirSource(settings)];
    case "mbox":
      return [createMboxSource(settings)];
  }
}

/** Works on the queues until `stop`. `module`: the thread reviews run in; tests give their own. */
export async function work(service: Service, module?: URL): Promise<{ stop: () => Promise<void> }> {
  const { context } = service;
  const { queue, limits } = context.config;
  const runner = createRunner({
    seconds: limits.reviewSeconds,
    megabytes: limits.reviewMegabytes,
    ...(module === undefined ? {} : { module }),
  });
  const settings = { config: context.config, log: context.log };
  const small = { ...settings, concurrency: 1 };
  const sender = startSender(context);
  const workers: WorkerHandle[] = [
    startWorker<ReviewJob>(
      { ...settings, queue: "review", connection: service.connect(), concurrency: queue.concurrency },
      (job, facts) => processReview(context, { job, facts }, runner.review),
    ),
    startWorker<DeadlineJob>({ ...small, queue: "deadline", connection: service.connect() }, (job) =>
      processDeadline(context, job),
    ),
    startWorker<IngestJob>({ ...small, queue: "ingest", connection: service.connect() }, (job) =>
      processIngest(context, job),
    ),
    startWorker<CommandJob>({ ...small, queue: "command", connection: service.connect() }, (job, facts) =>
      processCommand(context, { job, facts }),
    ),
    startWorker<UpkeepJob>({ ...small, queue: "upkeep", connection: service.connect() }, (job) =>
      processUpkeep(context, job),
    ),
  ];
  await context.queues.scheduleUpkeep();
  context.log.info({ unfinished: await sweep(context) }, "working");
  const sweepAgain = () => void sweepAfterLoss(context);
  context.db.redis.on("ready", sweepAgain);
  return {
    stop: async () => {
      context.db.redis.off("ready", sweepAgain);
      await Promise.all([
        sender.stop(),
        ...workers.map((worker) => worker.stop(queue.shutdownSeconds * 1000)),
      ]);
      await runner.close();
    },
  };
}

/** A server that went away may have lost jobs of series that it kept. */
async function sweepAfterLoss(context: Context): Promise<void> {
  try {
    context.log.info({ unfinished: await sweep(context) }, "Redis is back");
  } catch (error) {
    context.log.warn({ error: describeError(error) }, "unfinished series could not be looked for");
  }
}
