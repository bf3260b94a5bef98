/** What Redis needs for a mail that was seen and for a series that was reviewed, and whether that grows with their number. */
import { work } from "../src/queue/service.ts";
import { packagePath } from "../src/package-root.ts";
import { countSeries } from "../src/store/listing.ts";
import { realTree } from "../test/interception/kernels.ts";
import { startHarness, type Harness } from "../test/jobs/harness.ts";
import { noRedis, startTestRedis, type TestRedis } from "../test/store/test-redis.ts";
import { untilStored } from "../test/store/until-stored.ts";
import { makeCorpus, type CorpusMail } from "./corpus/corpus.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { SEED } from "./harness/mails.ts";
import { seriesMails, templateSeries } from "./harness/series.ts";

export const title = "What Redis needs";

const MAILS = 6000;
const QUICK_MAILS = 600;
const SERIES = 200;
const QUICK_SERIES = 20;
const TOGETHER = 25;
const MOST_GROWTH = 1.1;
const KERNEL = packagePath(".cache/linux-6.12");

export async function run(bench: Bench): Promise<void> {
  const { report, quick } = bench;
  if (noRedis) return report.skip(noRedis);
  const redis = await startTestRedis();
  const harness = await startHarness(redis, {
    kernel: { tree: KERNEL },
    mail: { from: "avicbot@bots.example.net" },
    limits: { replyWithinDays: 100_000 },
  });
  try {
    await measureMails(bench, redis, harness, numberFlag(bench, "mails", quick ? QUICK_MAILS : MAILS));
    const tree = realTree("6.12");
    if (tree === null)
      return report.skip("no kernel under .cache/linux-6.12; npm run setup test puts it there");
    const template = templateSeries(tree, 3, true);
    const count = numberFlag(bench, "series", quick ? QUICK_SERIES : SERIES);
    await measureSeries(bench, { redis, harness }, { template, count });
  } finally {
    await harness.close();
    await redis.stop();
  }
}

/** Bytes in use without what the allocator holds back. */
async function bytesUsed({ redis }: TestRedis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}

async function deliverAll(harness: Harness, mails: readonly string[]): Promise<void> {
  for (let at = 0; at < mails.length; at += TOGETHER)
    await Promise.all(mails.slice(at, at + TOGETHER).map((mail) => harness.deliver(mail)));
}

/** Patches are kept with their bytes for a time, of anything else only the decision. */
async function measureMails(
  { report }: Bench,
  redis: TestRedis,
  harness: Harness,
  count: number,
): Promise<void> {
  const all = [...makeCorpus({ seed: SEED, mails: count }).mails].filter(({ truth }) => !truth.copy);
  const plain = all.filter(({ truth }) => truth.series === null);
  const parts = all.filter(({ truth }) => truth.series !== null && !truth.avic);
  const cost = async (mails: readonly CorpusMail[]) => {
    const before = await bytesUsed(redis);
    await deliverAll(
      harness,
      mails.map(({ text }) => text),
    );
    return ((await bytesUsed(redis)) - before) / mails.length;
  };
  const [seen, part] = [await cost(plain), await cost(parts)];
  const mail = (seen * plain.length + part * parts.length) / all.length;
  report.figure("a reply, or another mail that is no patch", "bytes", [seen]);
  report.figure("a part of a series that does not concern AVIC", "bytes", [part]);
  report.figure("a mail seen, on average", "bytes", [mail]);
  report.fact("reply, bytes", seen);
  report.fact("part, bytes", part);
  report.fact("mail seen, bytes", mail);
}

interface Series {
  readonly template: readonly string[];
  readonly count: number;
}

/** Three patches and a cover each, reviewed, the reply made and held. */
async function measureSeries(
  { report }: Bench,
  { redis, harness }: { redis: TestRedis; harness: Harness },
  { template, count }: Series,
): Promise<void> {
  const { db } = harness.service.context;
  const working = await work(harness.service);
  const points: [number, number][] = [];
  const start = await bytesUsed(redis);
  for (let made = 0; made < count;) {
    const until = made + Math.ceil(count / 4);
    for (; made < until; made++) await deliverAll(harness, seriesMails(template, made));
    await untilStored(redis.redis, async () =>
      (await countSeries(db, "held", "operator")) === made ? made : null,
    );
    points.push([made, (await bytesUsed(redis)) - start]);
  }
  await working.stop();
  const [half, whole] = [points[1], points[3]];
  const each = points.map(([series, bytes]) => bytes / series);
  report.figure("a reviewed series of three patches with its reply", "bytes", [each.at(-1) ?? Number.NaN]);
  const later = ((whole?.[1] ?? 0) - (half?.[1] ?? 0)) / ((whole?.[0] ?? 0) - (half?.[0] ?? 0));
  report.goal({
    name: "a series of the second half to one of the first",
    values: [later / ((half?.[1] ?? Number.NaN) / (half?.[0] ?? Number.NaN))],
    bound: MOST_GROWTH,
    kind: "at most",
  });
  report.note(
    `a hundred thousand such series, reckoned from the second half: ${((later * 1e5) / 1e9).toFixed(1)} GB`,
  );
  report.fact("series, bytes", later);
}
