/**
 * The service as two queues, event by event: mails arrive in runs, more of them by day than by night and at the
 * weekend; one watcher takes them in one after the other; some bring a series that one of several workers reviews.
 */
import { seededRandom } from "../../test/patch/random.ts";
import { quantile } from "./stats.ts";

export interface Load {
  readonly seed: number;
  readonly days: number;
  readonly mailsADay: number;
  /** Mails that arrive at once, on average. */
  readonly run: number;
  /** Share of the mails that complete a series to be reviewed. */
  readonly series: number;
  /** Whether load follows hours and weekdays. */
  readonly waves: boolean;
}

export interface Costs {
  /** Seconds. */
  readonly mail: number;
  /** Seconds, on average; some series are a multiple of it. */
  readonly review: number;
  readonly workers: number;
}

export interface Outcome {
  readonly mails: number;
  readonly series: number;
  /** Share of the time in which it works. */
  readonly watcherBusy: number;
  readonly workersBusy: number;
  /** Seconds from arrival until stored, and from there until reviewed. */
  readonly stored: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly reviewed: { readonly p50: number; readonly p99: number; readonly most: number };
}

const DAY = 86_400;
/** Weights of the hours of a working day in UTC; a mean of 1. */
const HOURS = Array.from({ length: 24 }, (_, hour) => 1 + 0.7 * Math.sin(((hour - 7) / 24) * 2 * Math.PI));
const WEEKEND = 0.35;
/** So that a week has the mean of 1. */
const WEEK = 7 / (5 + 2 * WEEKEND);

export function simulate(load: Load, costs: Costs): Outcome {
  const random = seededRandom(load.seed);
  const uniform = () => (random(1e9) + 0.5) / 1e9;
  const exponential = (mean: number) => -mean * Math.log(uniform());
  const runsASecond = load.mailsADay / load.run / DAY;
  const workers = new Array<number>(costs.workers).fill(0);
  const [stored, reviewed]: [number[], number[]] = [[], []];
  let [free, busy, reviewing, mails] = [0, 0, 0, 0];
  for (let now = exponential(1 / runsASecond); now < load.days * DAY;) {
    for (let left = sizeOf(load.run, uniform); left > 0; left--) {
      mails++;
      free = Math.max(free, now) + costs.mail;
      busy += costs.mail;
      stored.push(free - now);
      if (uniform() >= load.series) continue;
      const cost = exponential(costs.review);
      reviewing += cost;
      const worker = workers.indexOf(Math.min(...workers));
      workers[worker] = Math.max(workers[worker] ?? 0, free) + cost;
      reviewed.push((workers[worker] ?? 0) - free);
    }
    now += exponential(1 / (runsASecond * (load.waves ? wave(now) : 1)));
  }
  const seconds = load.days * DAY;
  return {
    mails,
    series: reviewed.length,
    watcherBusy: busy / seconds,
    workersBusy: reviewing / seconds / costs.workers,
    stored: spread(stored),
    reviewed: spread(reviewed),
  };
}

/** Geometric, at least 1. */
function sizeOf(mean: number, uniform: () => number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(uniform()) / Math.log(1 - 1 / mean));
}

function wave(second: number): number {
  const day = Math.floor(second / DAY) % 7;
  return (HOURS[Math.floor((second % DAY) / 3600)] ?? 1) * (day < 5 ? 1 : WEEKEND) * WEEK;
}

function spread(values: readonly number[]): Outcome["stored"] {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99), most };
}
