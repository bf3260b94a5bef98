/** Versions of one patch with reviews written down by hand, in a service of the test's own. */
import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import { makeReply, type MadeReply } from "../../src/queue/reply/make.ts";
import { deliveryPorts, sendDue } from "../../src/queue/reply/send.ts";
import { joinLedgers } from "../../src/reply/outbox/ledgers.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import { smtpTransport } from "../../src/reply/outbox/smtp.ts";
import { sealReview } from "../../src/review/digest.ts";
import type { Review, UnsealedReview } from "../../src/review/types.ts";
import { storeReview } from "../../src/store/reviews.ts";
import { sampleReview } from "../review/sample.ts";
import { startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { startHarness, type Harness } from "./harness.ts";
import { patchMail } from "./patches.ts";

export interface Servers {
  readonly server: TestRedis;
  readonly smtp: ScriptedSmtp;
  /** A service on them, closed before they are. */
  readonly start: (settings?: Record<string, unknown>) => Promise<Harness>;
}

/** A Redis and an SMTP server for the tests of a `describe`, both empty before each of them. */
export function useServers(): Servers {
  const closing: (() => Promise<void>)[] = [];
  const servers = {
    async start(settings: Record<string, unknown> = {}) {
      const harness = await startHarness(servers.server, replySettings(settings));
      closing.unshift(harness.close);
      return harness;
    },
  } as { server: TestRedis; smtp: ScriptedSmtp; start: Servers["start"] };
  before(async () => {
    servers.server = await startTestRedis();
    servers.smtp = await startScriptedSmtp();
    closing.push(servers.smtp.stop, servers.server.stop);
  });
  after(async () => {
    for (const close of closing) await close();
  });
  beforeEach(async () => {
    await servers.server.redis.flushdb();
    servers.smtp.taken.length = 0;
  });
  return servers;
}

/** Replies go out by themselves, however old the series is. */
export function replySettings(settings: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    mode: "auto",
    mail: { from: "avicbot@bots.example.net" },
    limits: { replyWithinDays: 100_000 },
    ...settings,
  };
}

export function versionId(version: number): string {
  return `v${version}@example.org`;
}

export function versionMail(version: number, headers?: string): string {
  const tag = version === 1 ? {} : { tag: `v${version}` };
  const further = headers === undefined ? {} : { headers };
  return patchMail({ id: versionId(version), minute: version * 1440, ...tag, ...further });
}

/** The review of a version; `parts` replace parts of it. */
export function reviewOfVersion(version: number, parts: Partial<UnsealedReview> = {}): Review {
  const messageId = versionId(version);
  const patch = { index: 1, messageId, subject: "x", changesSets: true, postImageVerified: true };
  const { series } = sampleReview();
  return sampleReview({ series: { ...series, messageId, version, total: 1, patches: [patch] }, ...parts });
}

/** Rows of which the first has another outcome of WRMSR. */
export function withOtherWrite(outcome: string): Pick<UnsealedReview, "rows"> {
  const [first, ...rest] = sampleReview().rows;
  assert.ok(first !== undefined);
  return { rows: [{ ...first, write: { ...first.write, new: outcome } }, ...rest] };
}

/**
 * A version arrives, its review is there, and a reply is made if one is due. `headers` are further lines of the
 * mail's header.
 */
export async function arriveReviewed(
  harness: Harness,
  version: number,
  { parts = {}, headers }: { parts?: Partial<UnsealedReview>; headers?: string | undefined } = {},
): Promise<MadeReply> {
  await harness.deliver(versionMail(version, headers));
  return reviewNow(harness, reviewOfVersion(version, parts));
}

/** A single patch arrives, is found to change something, and its reply is made. */
export async function arriveReviewedAs(
  harness: Harness,
  patch: { readonly id: string; readonly title: string },
): Promise<MadeReply> {
  await harness.deliver(patchMail(patch));
  const review = reviewOfVersion(1);
  const [part] = review.series.patches;
  assert.ok(part);
  const series = { ...review.series, messageId: patch.id, patches: [{ ...part, messageId: patch.id }] };
  return reviewNow(harness, sealReview({ ...review, series }));
}

async function reviewNow(harness: Harness, review: Review): Promise<MadeReply> {
  const series = await harness.find(review.series.messageId ?? "");
  assert.ok(series !== null);
  const { context } = harness.service;
  await storeReview(context.db, { series: series.key, inputs: series.inputs, review });
  return makeReply(context, series.key);
}

/** Sends what is due; no folder is looked into. */
export async function sendAll(harness: Harness, smtp: ScriptedSmtp): Promise<OutboxRecord[]> {
  const { context } = harness.service;
  const transport = smtpTransport({ url: smtp.url, timeoutMs: 2000 });
  return sendDue(context, deliveryPorts(context, { transport, ledger: joinLedgers([]) }));
}
