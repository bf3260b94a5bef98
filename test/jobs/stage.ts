/** A bot with reviewed series, an outbox and people who write to it; every step is taken when a test says so. */
import assert from "node:assert/strict";
import { obeyOrder } from "../../src/queue/commands/process.ts";
import { makeReply, type MadeReply } from "../../src/queue/reply/make.ts";
import { deliveryPorts, sendDue } from "../../src/queue/reply/send.ts";
import { ingest } from "../../src/queue/ingest.ts";
import { findTrace } from "../../src/queue/trace.ts";
import { joinLedgers } from "../../src/reply/outbox/ledgers.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import { smtpTransport } from "../../src/reply/outbox/smtp.ts";
import type { UnsealedReview } from "../../src/review/types.ts";
import { wholeMessage } from "../../src/sources/source.ts";
import { listPendingOrders } from "../../src/store/orders.ts";
import { findReply } from "../../src/store/replies.ts";
import { storeReview } from "../../src/store/reviews.ts";
import { seriesKey } from "../../src/store/series.ts";
import { sampleReview } from "../review/sample.ts";
import type { TestRedis } from "../store/test-redis.ts";
import { plainMail, type Letter } from "../support/signed-mail.ts";
import type { ScriptedSmtp } from "../support/smtp.ts";
import { startHarness, type Harness } from "./harness.ts";
import { patchMail } from "./patches.ts";

export interface Stage {
  readonly harness: Harness;
  /** `vN@example.org` arrives and its review is there; `parts` replace parts of the review. */
  readonly reviewed: (version: number, parts?: Partial<UnsealedReview>) => Promise<MadeReply>;
  readonly send: () => Promise<OutboxRecord[]>;
  readonly replyOf: (version: number) => Promise<OutboxRecord | undefined>;
  /** A mail comes in by a source. */
  readonly take: (bytes: Uint8Array, source?: string) => Promise<void>;
  /** Acts on every command that waits. */
  readonly obey: () => Promise<string[]>;
  /** Rule, outcome and text of what was decided about commands of this mail. */
  readonly decided: (id: string) => Promise<string[]>;
}

export const CRITICAL: Partial<UnsealedReview> = {
  findings: [
    { rule: "r", severity: "critical", msr: "0x830", access: "write", text: "the guest reaches the host" },
  ],
};

let letters = 0;

/** A mail of now in the thread of `vN@example.org`, whole but for its signature. */
export function letterTo(version: number, text: string, more: Partial<Letter> = {}): Buffer {
  letters += 1;
  return plainMail({
    from: "Stranger <stranger@example.com>",
    date: new Date().toUTCString(),
    messageId: `command-${letters}@example.com`,
    inReplyTo: `v${version}@example.org`,
    text,
    ...more,
  });
}

export async function startStage(
  server: TestRedis,
  smtp: ScriptedSmtp,
  settings: Record<string, unknown> = {},
): Promise<Stage> {
  const { mail, limits, ...others } = settings as { mail?: object; limits?: object };
  const harness = await startHarness(server, {
    mode: "auto",
    mail: { from: "avicbot@bots.example.net", ...mail },
    limits: { replyWithinDays: 100_000, ...limits },
    ...others,
  });
  const { context } = harness.service;
  const { db } = context;
  return {
    harness,
    async reviewed(version, parts = {}) {
      const id = `v${version}@example.org`;
      const tag = version === 1 ? {} : { tag: `v${version}` };
      await harness.deliver(patchMail({ id, minute: version * 1440, ...tag }));
      const series = await harness.find(id);
      assert.ok(series !== null);
      const base = sampleReview();
      const patch = { index: 1, messageId: id, subject: "x", changesSets: true, postImageVerified: true };
      const facts = { ...base.series, messageId: id, version, total: 1, patches: [patch] };
      const review = sampleReview({ series: facts, ...parts });
      await storeReview(db, { series: series.key, inputs: series.inputs, review });
      return makeReply(context, series.key);
    },
    send() {
      const transport = smtpTransport({ url: smtp.url, timeoutMs: 20_000 });
      return sendDue(context, deliveryPorts(context, { transport, ledger: joinLedgers([]) }));
    },
    replyOf: async (version) => (await findReply(db, seriesKey(`v${version}@example.org`)))?.value,
    async take(bytes, source = "list") {
      await ingest(context, { mail: wholeMessage(bytes, "here"), source, list: null, live: true });
    },
    async obey() {
      const done: string[] = [];
      for (const name of await listPendingOrders(db)) done.push(await obeyOrder(context, name, true));
      return done;
    },
    async decided(id) {
      const trace = await findTrace(db, id);
      const steps = trace?.steps.filter(({ stage }) => stage === "command") ?? [];
      return steps.map(({ rule, outcome, text }) => `${rule} ${outcome}: ${text}`);
    },
  };
}
