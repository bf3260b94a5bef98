/** How what Redis needs grows with the number of records, and what is left of it after forgetting. */
import { freemem } from "node:os";
import { processUpkeep } from "../../jobs/upkeep.ts";
import type { Context } from "../../src/queue/context.ts";
import type { TestRedis } from "../../test/store/test-redis.ts";
import type { Bench } from "../harness/bench.ts";
import { bytesLeft, bytesUsed, packIndexes, passTime } from "./weigh.ts";

const STEPS = 10;
const MOST_GROWTH = 1.1;
const MOST_BYTES = 8e9;
const MOST_OF_FREE = 0.8;
const DAY_MS = 86_400_000;

export interface Growing {
  readonly name: string;
  /** How many there are when they are weighed, ascending. */
  readonly sizes: readonly number[];
  /** Bytes when there was none. */
  readonly start: number;
  readonly write: (from: number, to: number) => Promise<void>;
}

/** Weighs what is there at each size, and between; returns the bytes of one at the last. */
export async function grow(
  { report }: Bench,
  redis: TestRedis,
  { name, sizes, start, write }: Growing,
): Promise<number> {
  const room = Math.min(MOST_BYTES, freemem() * MOST_OF_FREE);
  const points: [number, number][] = [];
  const costs: number[] = [];
  let made = 0;
  for (const wanted of sizes) {
    const size = Math.min(wanted, Math.floor(room / (costs.at(-1) ?? 1)));
    for (const step = made === 0 ? size : Math.ceil((size - made) / STEPS); made < size;) {
      const next = Math.min(size, made + step);
      await write(made, next);
      made = next;
      points.push([made, (await bytesUsed(redis)) - start]);
    }
    const each = (points.at(-1)?.[1] ?? Number.NaN) / made;
    costs.push(each);
    report.figure(`${made.toLocaleString("en")} ${name}: each`, "bytes", [each]);
    if (size === wanted) continue;
    const lacking = ((wanted * each - room) / 1e9).toFixed(1);
    report.skip(`${wanted} ${name}: ${lacking} GB are lacking, so there were ${made}`);
    break;
  }
  const last = costs.at(-1) ?? Number.NaN;
  report.note(`${made.toLocaleString("en")} ${name}: ${((last * made) / 1e9).toFixed(2)} GB`);
  report.goal({
    name: `${name}: bytes of each among ${made.toLocaleString("en")} to those among ${sizes[0]}`,
    values: [last / (costs[0] ?? Number.NaN)],
    bound: MOST_GROWTH,
    kind: "at most",
  });
  report.plot({
    name: name.replaceAll(" ", "-"),
    title: `What Redis needs for ${name}`,
    x: name,
    y: "MB",
    lines: [{ name: "MB", points: points.map(([number, bytes]) => [number, bytes / 1e6]) }],
  });
  return last;
}

export interface Forgetting {
  readonly name: string;
  readonly days: number;
  /** Bytes before there was what is to be forgotten. */
  readonly before: number;
}

/** Lets so many days pass and forgets as the service does; `context` has a clock that shows them passed. */
export async function forget(
  { report, quick }: Bench,
  { redis, context }: { redis: TestRedis; context: Context },
  { name, days, before }: Forgetting,
): Promise<void> {
  const start = performance.now();
  const told = await processUpkeep(context, { task: "retention" });
  await passTime(redis, days * DAY_MS);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const found = await bytesLeft(redis, quick ? 3 : 20);
  await packIndexes({ redis: redis.redis, now: context.db.now });
  const left = await bytesUsed(redis);
  report.note(
    `${name}, ${days} days later: ${told} in ${seconds} s; ${(found / 1e6).toFixed(1)} MB are left, ` +
      `${(left / 1e6).toFixed(1)} MB without what the tables of indexes have not given back yet`,
  );
  report.goal({
    name: `${name}: Redis after forgetting to before they came`,
    values: [left / before],
    bound: MOST_GROWTH,
    kind: "at most",
  });
}
