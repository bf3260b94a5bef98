/**
 * Reviews through the queue: `avicbot work` as one process and as two, on single patches to avic.c that nobody has
 * seen; beside it the bare review in this process, and a job of BullMQ that does nothing, on the same Redis.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { openDirectory } from "../src/kernel/directory.ts";
import { parseMessage } from "../src/mail/message.ts";
import { assembleSeries } from "../src/mail/series.ts";
import { packagePath } from "../src/package-root.ts";
import { createEvaluator } from "../src/review/evaluate.ts";
import { reviewSeries } from "../src/review/review.ts";
import { readCounts } from "../src/store/counters.ts";
import { connectRedis } from "../src/store/redis.ts";
import { bytesOf } from "../test/e2e/git-mails.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import { startHarness } from "../test/jobs/harness.ts";
import { noRedis, startTestRedis, type TestRedis } from "../test/store/test-redis.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { processorOf } from "./harness/redis-processor.ts";
import { seriesMails, templateSeries } from "./harness/series.ts";
import { median, ratios } from "./harness/stats.ts";

export const title = "Reviews through the queue";

const SERIES = 300;
const QUICK_SERIES = 60;
/** Reviews of a worker before it counts: its code is compiled by then. */
const WARM_UP = 40;
const ROUNDS = 3;
const JOBS = 3000;
const LEAST_A_CORE = 60;
const MOST_OVERHEAD = 0.1;
const KERNEL = packagePath(".cache/linux-6.12");
/** Of Linux' clock ticks as /proc tells them. */
const TICKS = 100;

export async function run(bench: Bench): Promise<void> {
  const { report, quick } = bench;
  const tree = realTree("6.12");
  const lacking =
    noRedis || (tree === null && "no kernel under .cache/linux-6.12; npm run setup test puts it there");
  if (lacking || tree === null) return report.skip(lacking || "");
  const series = numberFlag(bench, "series", quick ? QUICK_SERIES : SERIES);
  const [one, two, cores, server, bare, jobs]: number[][] = [[], [], [], [], [], []];
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    const order = round % 2 === 0 ? [1, 2] : [2, 1];
    for (const workers of order) {
      const { rate, perCore, redis } = await throughput(bench, tree, { workers, series: series * workers });
      (workers === 1 ? one : two)?.push(rate);
      if (workers === 1) cores?.push(perCore);
      server?.push(redis);
    }
    bare?.push(await bareReview(tree, Math.round(series / 2)));
    jobs?.push(await trivialJob(quick ? JOBS / 10 : JOBS));
  }
  tell(bench, { one, two, cores, server, bare, jobs } as Rates);
}

interface Rates {
  /** Reviews a second of one worker process, of two, and by second of processor. */
  readonly one: readonly number[];
  readonly two: readonly number[];
  readonly cores: readonly number[];
  /** Seconds of Redis' processor for a review. */
  readonly server: readonly number[];
  /** Seconds. */
  readonly bare: readonly number[];
  readonly jobs: readonly number[];
}

function tell({ report }: Bench, { one, two, cores, server, bare, jobs }: Rates): void {
  const ms = (seconds: readonly number[]) => seconds.map((value) => value * 1000);
  report.figure("one worker process", "reviews/s", one);
  report.figure("two worker processes", "reviews/s", two);
  report.figure("a second of processor of one worker", "reviews", cores);
  report.figure("bare review in one process", "ms", ms(bare));
  report.figure("trivial BullMQ job", "ms", ms(jobs));
  report.figure("processor of Redis for a review", "ms", ms(server));
  const around = one.map((rate, at) => 1 / rate - (bare[at] ?? Number.NaN));
  report.figure("everything around a review, in one worker", "ms", ms(around));
  report.goal({
    name: "reviews a core",
    values: cores,
    bound: LEAST_A_CORE,
    kind: "at least",
    unit: "a second",
  });
  report.goal({
    name: "the queue's share of a review",
    values: ratios(jobs, bare),
    bound: MOST_OVERHEAD,
    kind: "at most",
  });
  report.fact("review, seconds", median(bare));
  report.fact("review in a worker, seconds", 1 / median(one));
  report.fact("job, seconds", median(jobs));
  report.fact("review, seconds of Redis", median(server));
}

interface Load {
  readonly workers: number;
  readonly series: number;
}

/** All series wait in the queue before the first worker starts. */
async function throughput(
  { dir }: Bench,
  tree: Tree,
  { workers, series }: Load,
): Promise<{ rate: number; perCore: number; redis: number }> {
  const redis = await startTestRedis();
  const settings = { kernel: { tree: KERNEL }, mail: { from: "avicbot@bots.example.net" } };
  const harness = await startHarness(redis, settings);
  const template = templateSeries(tree, 1, false);
  const config = join(dir, "work.json");
  writeFileSync(config, JSON.stringify({ redisUrl: redis.url, ...settings, log: { level: "warn" } }));
  const running: ChildProcess[] = [];
  try {
    for (let number = 1; number <= series; number++)
      for (const mail of seriesMails(template, number)) await harness.deliver(mail);
    const done = () => countReviews(redis);
    for (let at = 0; at < workers; at++) running.push(startWork(config));
    await until(done, Math.min(WARM_UP * workers, Math.floor(series / 2)), running);
    const server = await processorOf(redis);
    const [from, start, cpu] = [await done(), performance.now(), cpuOf(running)];
    await until(done, series, running);
    const seconds = (performance.now() - start) / 1000;
    const perCore = (series - from) / (cpuOf(running) - cpu);
    return {
      rate: (series - from) / seconds,
      perCore,
      redis: ((await processorOf(redis)) - server) / (series - from),
    };
  } finally {
    for (const child of running) await end(child);
    await harness.close();
    await redis.stop();
  }
}

function startWork(config: string): ChildProcess {
  return spawn(process.execPath, [packagePath("dist/avicbot.cjs"), "work", "--config", config], {
    stdio: "ignore",
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function countReviews({ db }: TestRedis): Promise<number> {
  let sum = 0;
  for (const [field, value] of await readCounts(db)) if (/^(hidden-)?reviews /.test(field)) sum += value;
  return sum;
}

async function until(
  count: () => Promise<number>,
  wanted: number,
  running: readonly ChildProcess[],
): Promise<void> {
  while ((await count()) < wanted) {
    if (running.some((child) => child.exitCode !== null)) throw new Error("a worker ended");
    await pause(20);
  }
}

/** Seconds of processor that these processes have used, their threads included (proc(5)). */
function cpuOf(running: readonly ChildProcess[]): number {
  return running.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);
}

/** Seconds for one review after the other with nothing around it. */
async function bareReview(tree: Tree, count: number): Promise<number> {
  const template = templateSeries(tree, 1, false);
  const source = await openDirectory(KERNEL);
  const evaluate = createEvaluator();
  let start = 0;
  for (let number = 0; number < count + WARM_UP; number++) {
    if (number === WARM_UP) start = performance.now();
    const { series } = assembleSeries(
      seriesMails(template, number).map((mail) => parseMessage(bytesOf(mail))),
    );
    if (series[0] !== undefined) await reviewSeries(series[0], source, { evaluate });
  }
  const seconds = (performance.now() - start) / 1000;
  await source.close();
  return seconds / count;
}

/** Seconds for one job of BullMQ that does nothing, taken from a full queue by one worker, one at a time. */
async function trivialJob(count: number): Promise<number> {
  const redis = await startTestRedis();
  const connect = () => connectRedis(redis.url, "wait", () => undefined);
  const connections = [connect(), connect()] as const;
  const queue = new Queue("trivial", { connection: connections[0], skipVersionCheck: true });
  await queue.addBulk(Array.from({ length: count }, (_, at) => ({ name: "trivial", data: { at } })));
  const worker = new Worker("trivial", () => Promise.resolve("done"), {
    connection: connections[1],
    autorun: false,
    skipVersionCheck: true,
  });
  let left = count;
  const drained = new Promise<void>((resolve) => worker.on("completed", () => --left === 0 && resolve()));
  const start = performance.now();
  void worker.run();
  await drained;
  const seconds = (performance.now() - start) / 1000;
  await worker.close();
  await queue.close();
  for (const connection of connections) connection.disconnect();
  await redis.stop();
  return seconds / count;
}
