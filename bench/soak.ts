/**
 * Years of a list's mail in minutes: the service takes in, reviews, closes and forgets, with every time of its
 * settings made shorter by as much. Memory, handles and Redis have to stay as they are, and what is counted has to
 * be what is there.
 */
import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { processUpkeep } from "../jobs/upkeep.ts";
import { packagePath } from "../src/package-root.ts";
import { work } from "../src/queue/service.ts";
import { readCounts } from "../src/store/counters.ts";
import { listOpen } from "../src/store/series.ts";
import { realTree } from "../test/interception/kernels.ts";
import { startHarness, type Harness } from "../test/jobs/harness.ts";
import { noRedis, startTestRedis, type TestRedis } from "../test/store/test-redis.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { disagreements } from "./harness/keys.ts";
import { median } from "./harness/stats.ts";
import { openTraffic, type Traffic } from "./harness/traffic.ts";

export const title = "Years of a list's mail in minutes";

const YEARS = 3;
const YEAR_SECONDS = 60;
const QUICK_STEP = 12;
const QUICK_YEAR_SECONDS = 12;
const TOGETHER = 25;
/** Looks a year; the upkeep runs at each. */
const LOOKS = 24;
const DAYS = 365;
/** After so many days a maintainer says that a series was applied. */
const APPLIED_DAYS = 60;
const MAINTAINER = "maintainer@example.org";
const RETENTION = { uninterestingDays: 30, partsDays: 14, closedDays: 90 };
const MOST_GROWTH = 1.2;
const KERNEL = packagePath(".cache/linux-6.12");

interface Look {
  readonly year: number;
  readonly memory: number;
  readonly handles: number;
  readonly redis: number;
  readonly keys: number;
}

export async function run(bench: Bench): Promise<void> {
  const { report, quick, dir } = bench;
  if (noRedis) return report.skip(noRedis);
  const years = numberFlag(bench, "years", YEARS);
  const seconds = numberFlag(bench, "seconds", quick ? QUICK_YEAR_SECONDS : YEAR_SECONDS);
  const traffic = await openTraffic(dir, quick ? QUICK_STEP : 1);
  const redis = await startTestRedis();
  const harness = await startHarness(redis, settings(seconds));
  const working = await work(harness.service);
  const looks: Look[] = [];
  const applied = new Set<string>();
  try {
    for (let year = 0; year < years; year++)
      await liveYear({ redis, harness, traffic, applied, seconds, year }, looks);
    await settled(harness);
    tell(bench, looks, years);
    await compareCounts(bench, harness, traffic.distinct * years + applied.size);
  } finally {
    await working.stop();
    await harness.close();
    await redis.stop();
    traffic.close();
  }
}

/** The settings' times, as much shorter as the year is. */
function settings(seconds: number): Record<string, unknown> {
  const shorter = seconds / (DAYS * 86_400);
  const retention = Object.fromEntries(
    Object.entries(RETENTION).map(([name, days]) => [name, days * shorter]),
  );
  return {
    retention,
    maintainers: [MAINTAINER],
    mail: { from: "avicbot@bots.example.net" },
    limits: { partWaitMinutes: 30 * 24 * shorter, replyWithinDays: 100_000 },
    ...(realTree("6.12") === null ? {} : { kernel: { tree: KERNEL } }),
  };
}

interface Year {
  readonly redis: TestRedis;
  readonly harness: Harness;
  readonly traffic: Traffic;
  /** Series that a maintainer said were applied. */
  readonly applied: Set<string>;
  readonly seconds: number;
  readonly year: number;
}

async function liveYear(life: Year, looks: Look[]): Promise<void> {
  const { harness, traffic, seconds, year } = life;
  const start = performance.now();
  const every = Math.ceil(traffic.mails / LOOKS);
  for (let at = 0; at < traffic.mails; at += TOGETHER) {
    const count = Math.min(TOGETHER, traffic.mails - at);
    const mails = Array.from({ length: count }, (_, more) => traffic.mail(year, at + more));
    await Promise.all(mails.map((mail) => harness.deliver(mail, "soak")));
    if (Math.floor(at / every) !== Math.floor((at + TOGETHER) / every)) looks.push(await tendAndLook(life));
    const early = ((at + count) / traffic.mails) * seconds * 1000 - (performance.now() - start);
    if (early > 0) await pause(early);
  }
}

async function tendAndLook(life: Year): Promise<Look> {
  const { redis, harness, year } = life;
  const { context } = harness.service;
  await applyOld(life);
  for (const task of ["retention", "sweep"] as const) await processUpkeep(context, { task });
  const info = await redis.redis.info("memory");
  return {
    year,
    memory: process.memoryUsage.rss() / 2 ** 20,
    handles: readdirSync("/proc/self/fd").length,
    redis: Number(/^used_memory:(\d+)/m.exec(info)?.[1]) / 2 ** 20,
    keys: await redis.redis.dbsize(),
  };
}

/** Maintainers take series sooner or later; else all of them would stay open for ever. */
async function applyOld({ harness: { service, deliver }, applied, seconds }: Year): Promise<void> {
  const { db } = service.context;
  const age = (APPLIED_DAYS / DAYS) * seconds * 1000;
  for (const series of await listOpen(db)) {
    const first = Date.parse(series.steps[0]?.at ?? series.reviewed?.at ?? "");
    if (!(db.now() - first > age)) continue;
    applied.add(series.id);
    await deliver(
      `From: ${MAINTAINER}\nTo: kvm@vger.kernel.org\nSubject: Re: ${series.title}\nMessage-ID: <applied.${series.id}>\n` +
        `In-Reply-To: <${series.id}>\nDate: ${series.date}\n\nApplied, thanks!\n`,
      "applied",
    );
  }
}

/** Waits until nothing is under way. */
async function settled({ service }: Harness): Promise<void> {
  for (;;) {
    const { review } = await service.context.queues.counts();
    const busy = ["active", "waiting", "prioritized"].reduce((sum, name) => sum + (review[name] ?? 0), 0);
    if (busy === 0) return;
    await pause(50);
  }
}

const LOOKED: readonly [keyof Look, string, string][] = [
  ["memory", "resident memory", "MB"],
  ["handles", "open files and sockets", "handles"],
  ["redis", "memory of Redis", "MB"],
  ["keys", "keys in Redis", "keys"],
];

/** The first year fills what is kept; from then on nothing may grow. */
function tell({ report }: Bench, looks: readonly Look[], years: number): void {
  for (const [what, name, unit] of LOOKED) {
    const of = (year: number) => looks.filter((look) => look.year === year).map((look) => look[what]);
    const middle = Array.from({ length: years }, (_, year) => median(of(year)));
    report.figure(`${name}, by year`, unit, middle);
    const second = middle[Math.min(1, years - 1)] ?? Number.NaN;
    const times = (middle.at(-1) ?? Number.NaN) / second;
    report.goal({
      name: `${name}: last year to the second`,
      values: [times],
      bound: MOST_GROWTH,
      kind: "at most",
    });
  }
  const line = (what: keyof Look) => looks.map((look, at): [number, number] => [at + 1, look[what]]);
  report.plot({
    name: "years",
    title,
    x: `looks, ${LOOKS} a year`,
    y: "MB",
    lines: [
      { name: "resident memory", points: line("memory") },
      { name: "memory of Redis", points: line("redis") },
    ],
  });
}

/** Every different mail is counted once, and every index holds what the records say. */
async function compareCounts({ report }: Bench, { service }: Harness, delivered: number): Promise<void> {
  const { db } = service.context;
  const counts = [...(await readCounts(db))];
  const counted = counts
    .filter(([name]) => name.startsWith("mails "))
    .reduce((sum, [, count]) => sum + count, 0);
  const wrong = await disagreements(db);
  if (counted !== delivered) wrong.push(`mails: ${counted} counted, ${delivered} delivered`);
  report.note(`${delivered.toLocaleString("en")} different mails delivered`);
  for (const line of wrong) report.note(line);
  report.goal({
    name: "disagreements of counters and records",
    values: [wrong.length],
    bound: 0,
    kind: "at most",
    unit: "of them",
  });
}
