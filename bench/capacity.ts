/**
 * How much mail one Redis, one watcher a source and some workers carry, reckoned from what this run or an earlier one
 * measured, and a year of all of LKML played through with those costs.
 */
import type { Bench } from "./harness/bench.ts";
import { simulate, type Outcome } from "./harness/simulate.ts";
import { shown } from "./harness/stats.ts";

export const title = "Beyond one list and one machine";

/** Of all of LKML. */
const MAILS_A_YEAR = 1_500_000;
/** Series that concern AVIC, of the mails with kvm@ on To or Cc: 223 of 23,835. On LKML there are fewer. */
const SERIES_SHARE = 223 / 23_835;
/** Parts of series, by the corpus. */
const RUN = 3;
const DAY = 86_400;
/** Of the mails, by the corpus. */
const PARTS_SHARE = 0.4;
/** Days, as the settings have them when nobody changes them. */
const RETENTION = { seen: 30, parts: 14, series: 730 };
/** A server that is busier than that answers late. */
const FULL = 0.7;
const REDIS_GB = 16;
const MOST_SECONDS = 60;
const TIMES = [1, 10, 50];
const NEEDED = {
  mail: "ingest, seconds a mail",
  mailRedis: "ingest, seconds of Redis a mail",
  review: "review in a worker, seconds",
  reviewRedis: "review, seconds of Redis",
  replyBytes: "reply, bytes",
  partBytes: "part, bytes",
  seriesBytes: "series, bytes",
} as const;

type Costs = Record<keyof typeof NEEDED, number>;

export function run(bench: Bench): Promise<void> {
  const facts = bench.facts();
  const missing = Object.values(NEEDED).filter((name) => !Number.isFinite(facts[name]));
  if (missing.length > 0) {
    bench.report.skip(
      `not measured yet: ${missing.join("; ")}: npm run bench -- ingest queue redis capacity`,
    );
    return Promise.resolve();
  }
  const costs = Object.fromEntries(Object.entries(NEEDED).map(([key, name]) => [key, facts[name]])) as Costs;
  reckon(bench, costs);
  play(bench, costs);
  return Promise.resolve();
}

/** What each part carries a day while it is busy for 70 % of the time. */
function reckon({ report }: Bench, costs: Costs): void {
  const redis = costs.mailRedis + SERIES_SHARE * costs.reviewRedis;
  const stored =
    RETENTION.seen * (1 - PARTS_SHARE) * costs.replyBytes +
    RETENTION.parts * PARTS_SHARE * costs.partBytes +
    RETENTION.series * SERIES_SHARE * costs.seriesBytes;
  const parts: [string, number, string][] = [
    [
      "one watcher (a source each)",
      (FULL * DAY) / costs.mail,
      "split the list over folders or sources: each has its own",
    ],
    [
      "one worker",
      (FULL * DAY) / (SERIES_SHARE * costs.review),
      "start more `avicbot work`, or raise `queue.concurrency`",
    ],
    ["Redis' one processor", (FULL * DAY) / redis, "watch fewer lists with one Redis: run a second avicbot"],
    [`${REDIS_GB} GB of Redis`, (REDIS_GB * 1e9) / stored, "shorten `retention`, or give it more memory"],
  ];
  for (const [name, mails] of parts) report.figure(`${name}: mails`, "a day", [mails]);
  const [first] = [...parts].sort((a, b) => a[1] - b[1]);
  const lkml = MAILS_A_YEAR / 365;
  if (first === undefined) return;
  report.note(
    `first to break is ${first[0]}, at ${shown(first[1])} mails a day, ${shown(first[1] / lkml)} times LKML; then ${first[2]}`,
  );
  report.note(
    `LKML's mails and series need ${shown((lkml * stored) / 1e9)} GB of Redis once retention holds`,
  );
}

/** A year of LKML, and of many times its mail, with one worker. */
function play({ report, quick }: Bench, costs: Costs): void {
  for (const times of TIMES) {
    const load = {
      seed: 1,
      days: quick || times > 1 ? 28 : 365,
      mailsADay: (MAILS_A_YEAR / 365) * times,
      run: RUN,
      series: SERIES_SHARE,
      waves: true,
    };
    const outcome = simulate(load, { mail: costs.mail, review: costs.review, workers: 1 });
    tell({ report }, `${times} x LKML, ${load.days} days`, outcome);
    if (times > 1) continue;
    const worst = outcome.stored.p99 + outcome.reviewed.p99;
    report.goal({
      name: "LKML: arrival to review, p99",
      values: [worst],
      bound: MOST_SECONDS,
      kind: "at most",
      unit: "s",
    });
  }
}

function tell({ report }: Pick<Bench, "report">, name: string, { mails, series, ...found }: Outcome): void {
  const seconds = ({ p50, p99, most }: Outcome["stored"]) =>
    `p50 ${shown(p50)} s, p99 ${shown(p99)} s, at most ${shown(most)} s`;
  const share = (value: number) => `${(value * 100).toFixed(1)} %`;
  report.note(
    `${name}: ${shown(mails)} mails, ${shown(series)} series; until stored ${seconds(found.stored)}; from there until ` +
      `reviewed ${seconds(found.reviewed)}; watcher busy ${share(found.watcherBusy)}, worker ${share(found.workersBusy)}`,
  );
}
