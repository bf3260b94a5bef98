/** The web server on a Redis of its own, with the sample series of demo/ reviewed as the service does it. */
import { openDirectory } from "../../src/kernel/directory.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { packagePath } from "../../src/package-root.ts";
import { makeReply } from "../../src/queue/reply/make.ts";
import { gatherGrounds, type Grounds } from "../../src/review/grounds.ts";
import { sealReview } from "../../src/review/digest.ts";
import { studySeries } from "../../src/review/review.ts";
import type { Review, UnsealedReview } from "../../src/review/types.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { storeReview } from "../../src/store/reviews.ts";
import type { SeriesRecord } from "../../src/store/series.ts";
import { startWeb, type WebServer } from "../../src/web/listen.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { startTestRedis, type TestRedis } from "../store/test-redis.ts";

export const TOKEN = "a-token-of-the-tests";

export interface Site {
  readonly url: string;
  readonly harness: Harness;
  readonly redis: TestRedis;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly text: (path: string, headers?: Record<string, string>) => Promise<string>;
  /** The server alone, for tests of its end. */
  readonly server: WebServer;
  readonly close: () => Promise<void>;
}

export async function startSite(settings: Record<string, unknown> = {}): Promise<Site> {
  const redis = await startTestRedis();
  const harness = await startHarness(redis, {
    mail: { from: "avicbot@bots.example.net" },
    limits: { replyWithinDays: 100_000 },
    web: { port: 0, tokens: [{ name: "pat", token: TOKEN }] },
    ...settings,
  });
  const server = await startWeb(harness.service);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, { headers, redirect: "manual" });
  return {
    url: server.url,
    harness,
    redis,
    server,
    get,
    text: async (path, headers) => (await get(path, headers)).text(),
    close: async () => {
      await server.stop();
      await harness.close();
      await redis.stop();
    },
  };
}

export const bearer = { authorization: `Bearer ${TOKEN}` };

export async function readDemo(): Promise<string[]> {
  const mails = [];
  for await (const { bytes } of readMessages(packagePath("demo", "series.mbox")))
    mails.push(Buffer.from(bytes).toString("latin1"));
  return mails;
}

let studied: Promise<{ review: Review; grounds: Grounds | null }> | undefined;

/** The review of the sample series, worked out once. */
export function studyDemo(): Promise<{ review: Review; grounds: Grounds | null }> {
  studied ??= (async () => {
    const mails = (await readDemo()).map((mail) => parseMessage(Buffer.from(mail, "latin1")));
    const [series] = assembleSeries(mails).series;
    if (series === undefined) throw new Error("no series in the demo");
    const source = await openDirectory(packagePath("demo", "linux"));
    try {
      const study = await studySeries(series, source);
      return { review: study.review, grounds: await gatherGrounds(study) };
    } finally {
      await source.close();
    }
  })();
  return studied;
}

/** Stores a review of a series that is there, and makes its reply. */
export async function storeFor(
  { harness }: Site,
  series: SeriesRecord,
  made: { review: Review; grounds: Grounds | null },
): Promise<void> {
  const { db } = harness.service.context;
  await storeReview(db, { series: series.key, inputs: series.inputs, ...made });
  await makeReply(harness.service.context, series.key);
}

/** The sample series arrives and is reviewed; `parts` replace parts of the review. */
export async function deliverDemo(site: Site, parts: Partial<UnsealedReview> = {}): Promise<SeriesRecord> {
  for (const mail of await readDemo()) await site.harness.deliver(mail);
  const { review, grounds } = await studyDemo();
  const series = await site.harness.find(review.series.messageId ?? "");
  if (series === null) throw new Error("the demo's series was not assembled");
  await storeFor(site, series, { review: sealReview({ ...review, ...parts }), grounds });
  return (await site.harness.find(series.id)) ?? series;
}
