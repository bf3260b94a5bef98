/** A bot with reviewed series, an outbox and people who write to it; every step is taken when a test says so. */
import { after, before } from "node:test";
import { obeyOrder } from "../../src/queue/commands/process.ts";
import { ingest } from "../../src/queue/ingest.ts";
import type { MadeReply } from "../../src/queue/reply/make.ts";
import { findTrace } from "../../src/queue/trace.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import type { UnsealedReview } from "../../src/review/types.ts";
import { wholeMessage } from "../../src/sources/source.ts";
import { listPendingOrders } from "../../src/store/orders.ts";
import { findReply } from "../../src/store/replies.ts";
import { seriesKey } from "../../src/store/series.ts";
import { startDns, type TestDns } from "../support/dns.ts";
import { plainMail, testDns, type Letter } from "../support/signed-mail.ts";
import type { Harness } from "./harness.ts";
import { arriveReviewed, sendAll, useServers, versionId, type Servers } from "./reviewed.ts";

export interface Stage {
  readonly harness: Harness;
  /** `vN@example.org` arrives and its review is there; `parts` replace parts of the review. */
  readonly reviewed: (version: number, parts?: Partial<UnsealedReview>) => Promise<MadeReply>;
  readonly send: () => Promise<OutboxRecord[]>;
  readonly replyOf: (version: number) => Promise<OutboxRecord | undefined>;
  /** A mail comes in by a source; `news`: while it is watched, not from its past. */
  readonly take: (bytes: Uint8Array, source?: string, news?: boolean) => Promise<void>;
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
    inReplyTo: versionId(version),
    text,
    ...more,
  });
}

interface Settings {
  readonly mail?: object;
  readonly limits?: object;
  readonly mode?: string;
  readonly bots?: readonly string[];
}

export interface Stages {
  readonly servers: Servers;
  /** Mode `hold` with one maintainer, `pat@example.org`; keys come from a DNS of the test's own. */
  readonly start: (settings?: Settings) => Promise<Stage>;
}

/** Servers for the tests of a `describe`, empty before each of them. */
export function useStages(): Stages {
  const servers = useServers();
  let dns: TestDns;
  before(async () => void (dns = await startDns(testDns)));
  after(() => dns.stop());
  return {
    servers,
    start: async ({ mail, limits = {}, ...others } = {}) => {
      const harness = await servers.start({
        mode: "hold",
        maintainers: ["pat@example.org"],
        mail: { from: "avicbot@bots.example.net", dnsServers: [dns.address], ...mail },
        limits: { replyWithinDays: 100_000, ...limits },
        ...others,
      });
      return stageOn(servers, harness);
    },
  };
}

function stageOn({ smtp }: Servers, harness: Harness): Stage {
  const { context } = harness.service;
  const { db } = context;
  return {
    harness,
    reviewed: (version, parts) => arriveReviewed(harness, version, parts === undefined ? {} : { parts }),
    send: () => sendAll(harness, smtp),
    replyOf: async (version) => (await findReply(db, seriesKey(versionId(version))))?.value,
    async take(bytes, source = "list", news = true) {
      const mail = wholeMessage(bytes, "here");
      await ingest(context, [{ mail, source, list: null, live: news, news }]);
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
