/**
 * What Redis needs for a mail that was seen and for a series that was reviewed, whether that grows with their number,
 * and what is left when all of it may be forgotten. Some come through the service, the many are copies of what these left.
 */
import { packagePath } from "../src/package-root.ts";
import { work } from "../src/queue/service.ts";
import { keepDecision, type DecisionRecord } from "../src/store/decisions.ts";
import { hashOf } from "../src/store/keys.ts";
import { countSeries } from "../src/store/listing.ts";
import { readRecords, type Db } from "../src/store/record.ts";
import { listOpen } from "../src/store/series.ts";
import { announce } from "../src/store/events.ts";
import { transact } from "../src/store/transact.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import { startHarness, type Harness } from "../test/jobs/harness.ts";
import { noRedis, startTestRedis, type TestRedis } from "../test/store/test-redis.ts";
import { untilStored } from "../test/store/until-stored.ts";
import { makeCorpus, type CorpusMail } from "./corpus/corpus.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { disagreements, keysByKind } from "./harness/keys.ts";
import { SEED } from "./harness/mails.ts";
import { seriesMails, templateSeries } from "./harness/series.ts";
import { readOriginal, writeCopies, type Original } from "./redis/copies.ts";
import { forget, grow } from "./redis/grow.ts";
import { bytesLeft, bytesUsed, passTime, weigh } from "./redis/weigh.ts";

export const title = "What Redis needs";

const MAILS = 6000;
const QUICK_MAILS = 600;
/** Reviewed by the service. */
const SERIES = 100;
const QUICK_SERIES = 12;
/** How many there are when they are weighed. */
const SIZES = [1000, 10_000, 100_000];
const QUICK_SIZES = [50, 200, 500];
const TOGETHER = 25;
const SEEN_TOGETHER = 500;
/** Copies cost what those they were made from cost, but for this share. */
const MOST_APART = 0.02;
/** More than the store keeps. */
const CHANGES = 1200;
const DAY_MS = 86_400_000;
/** Tags of the reviewed ones and of the copies are of one length. */
const FIRST_TAG = 100_000;
const FIRST_COPY = 200_000;
/** Kinds of keys that do not grow with the series: the queue's own, counters, the last thousand changes. */
const SHARED = new Set(["queue", "counts", "events", "schema", "began"]);
const KERNEL = packagePath(".cache/linux-6.12");

interface Place {
  readonly redis: TestRedis;
  readonly harness: Harness;
}

export async function run(bench: Bench): Promise<void> {
  const { report, quick } = bench;
  if (noRedis) return report.skip(noRedis);
  await withService(async (place) => {
    await measureMails(bench, place, numberFlag(bench, "mails", quick ? QUICK_MAILS : MAILS));
    await measureSeen(bench, place);
  });
  const tree = realTree("6.12");
  if (tree === null)
    return report.skip("no kernel under .cache/linux-6.12; npm run setup test puts it there");
  const count = numberFlag(bench, "series", quick ? QUICK_SERIES : SERIES);
  await withService(async (place) => {
    const originals = await reviewSome(place, tree, count);
    await withRedis((copies) => measureSeries(bench, place, { originals, copies }));
  });
}

function sizesOf(bench: Bench): number[] {
  const sizes = bench.quick ? QUICK_SIZES : SIZES;
  const most = numberFlag(bench, "most", Math.max(...sizes));
  return [...sizes.filter((size) => size < most), most];
}

/** Nothing is written to the disk: the bytes in memory are the same, and come sooner. */
async function withRedis(use: (redis: TestRedis) => Promise<void>): Promise<void> {
  const redis = await startTestRedis();
  try {
    await redis.redis.config("SET", "appendonly", "no");
    await use(redis);
  } finally {
    await redis.stop();
  }
}

function withService(use: (place: Place) => Promise<void>): Promise<void> {
  return withRedis(async (redis) => {
    const harness = await startHarness(redis, {
      kernel: { tree: KERNEL },
      mail: { from: "avicbot@bots.example.net" },
      limits: { replyWithinDays: 100_000 },
    });
    try {
      await use({ redis, harness });
    } finally {
      await harness.close();
    }
  });
}

async function deliverAll(harness: Harness, mails: readonly string[]): Promise<void> {
  for (let at = 0; at < mails.length; at += TOGETHER)
    await Promise.all(mails.slice(at, at + TOGETHER).map((mail) => harness.deliver(mail)));
}

/** Patches are kept with their bytes for a time, of anything else only the decision. */
async function measureMails({ report }: Bench, { redis, harness }: Place, count: number): Promise<void> {
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

/** Decisions as the mails before left them, under other ids, until all of them may be forgotten. */
async function measureSeen(bench: Bench, { redis, harness }: Place): Promise<void> {
  const { context } = harness.service;
  const { db } = context;
  const seconds = context.config.retention.uninterestingDays * (DAY_MS / 1000);
  const left = (await keysByKind(db)).get("decision") ?? [];
  const known = await readRecords<DecisionRecord>(db, left);
  const write = async (from: number, to: number) => {
    for (let at = from; at < to; at += SEEN_TOGETHER) {
      const some = Array.from({ length: Math.min(SEEN_TOGETHER, to - at) }, (_, more) =>
        keepDecision(otherMail(known, at + more), seconds),
      );
      await transact(db, [], some);
    }
  };
  // What is there from before goes first: what is left in the end would else be less than at the start.
  await passTime(redis, (seconds + 1) * 1000);
  const before = await bytesLeft(redis, 3);
  const sizes = sizesOf(bench);
  await grow(bench, redis, { name: "seen mails", sizes, start: before, write });
  await forget(bench, { redis, context }, { name: "seen mails", days: seconds / 86_400 + 1, before });
}

function otherMail(known: readonly DecisionRecord[], number: number): DecisionRecord {
  const one = known[number % known.length];
  if (one === undefined) throw new Error("no mail left a decision");
  const tag = String(FIRST_COPY + number);
  const messageId = `${tag}${(one.messageId ?? "").slice(tag.length)}`;
  return { ...one, key: hashOf(messageId), messageId };
}

/** Three patches and a cover each, reviewed, the reply made and held. */
async function reviewSome({ redis, harness }: Place, tree: Tree, count: number): Promise<Original[]> {
  const { db } = harness.service.context;
  const template = templateSeries(tree, 3, true);
  const working = await work(harness.service);
  for (let made = 0; made < count; made++) await deliverAll(harness, seriesMails(template, FIRST_TAG + made));
  await untilStored(redis.redis, async () => {
    const held = (await countSeries(db, "held", "operator")) === count;
    return held && (await listOpen(db)).every(({ undecided }) => undecided === false) ? true : null;
  });
  await working.stop();
  const series = await listOpen(db);
  return Promise.all(
    series.map(({ key, author }) => readOriginal(db, key, /\d{6}/.exec(author.address)?.[0] ?? "no tag")),
  );
}

async function measureSeries(
  bench: Bench,
  { redis, harness }: Place,
  { originals, copies }: { originals: readonly Original[]; copies: TestRedis },
): Promise<void> {
  const { context } = harness.service;
  const db: Db = { redis: copies.redis, now: context.db.now };
  const at = db.now();
  const merged = { state: "merged", by: "rule", at, reason: "in next", successor: null } as const;
  const sizes = sizesOf(bench);
  const [kept = 0] = sizes;
  const tags = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, more) => String(FIRST_COPY + from + more));
  // The last changes are kept in any case: they are no cost of a series.
  await transact(
    db,
    [],
    Array.from({ length: CHANGES }, () => announce(hashOf("earlier"))),
  );
  const start = await bytesUsed(copies);
  await writeCopies(db, originals, tags(0, originals.length), null);
  await compareCopies(bench, redis, copies);
  await writeCopies(db, originals, tags(originals.length, kept), null);
  const before = await bytesUsed(copies);
  const wrong = await disagreements(db);
  if (wrong.length > 0) throw new Error(`the copies do not fit each other: ${wrong.join("; ")}`);
  const write = (from: number, to: number) =>
    writeCopies(db, originals, tags(Math.max(from, kept), to), merged);
  const last = await grow(bench, copies, { name: "reviewed series", sizes, start, write });
  bench.report.fact("series, bytes", last);
  const days = context.config.retention.closedDays + 1;
  const later = { ...context, db: { ...db, now: () => at + days * DAY_MS } };
  await forget(bench, { redis: copies, context: later }, { name: "reviewed series", days, before });
}

/** Copies leave the same keys as what they were made from, and cost as much. */
async function compareCopies({ report }: Bench, real: TestRedis, copies: TestRedis): Promise<void> {
  const [theirs, own] = [await weigh(real.db), await weigh(copies.db)];
  let [all, copied] = [0, 0];
  for (const kind of new Set([...theirs.keys(), ...own.keys()])) {
    if (SHARED.has(kind)) continue;
    const [one, other] = [theirs.get(kind), own.get(kind)];
    if (one?.keys !== other?.keys || one?.expiring !== other?.expiring)
      throw new Error(`${kind}: series left ${JSON.stringify(one)}, copies ${JSON.stringify(other)}`);
    all += one?.bytes ?? 0;
    copied += other?.bytes ?? 0;
  }
  report.figure("copies of series to the reviewed ones, by their keys", "x", [copied / all]);
  if (!(Math.abs(copied / all - 1) <= MOST_APART))
    throw new Error(`copies have ${copied} bytes, those they were made from ${all}`);
}
