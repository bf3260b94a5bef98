/**
 * From the IMAP server's notice of a series' last part to the reply that the SMTP server took, beside the bare
 * parts of it on the same mails in the same run: fetch, review, one search, send. `--series=N`.
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { configFrom } from "../src/config.ts";
import { openDirectory } from "../src/kernel/directory.ts";
import { createLogger } from "../src/log.ts";
import { parseMessage } from "../src/mail/message.ts";
import { assembleSeries } from "../src/mail/series.ts";
import { openService, watch, work } from "../src/queue/service.ts";
import type { OutboxRecord } from "../src/reply/outbox/record.ts";
import { createEvaluator } from "../src/review/evaluate.ts";
import { reviewSeries } from "../src/review/review.ts";
import { imapOptions } from "../src/sources/imap-options.ts";
import { findDecision } from "../src/store/decisions.ts";
import { hashOf } from "../src/store/keys.ts";
import { packagePath } from "../src/package-root.ts";
import { listReplies } from "../src/store/replies.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import { noDovecot, startDovecot, type Dovecot } from "../test/sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../test/store/test-redis.ts";
import { noPostfix, startPostfix, type Postfix } from "../test/support/postfix.ts";
import { untilFound } from "../test/service/bot.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { compareWithParts } from "./harness/parts.ts";
import { seriesMails, templateSeries } from "./harness/series.ts";
import { quantile } from "./harness/stats.ts";

export const title = "From the IMAP server's notice to the reply that the SMTP server took";

const SERIES = 100;
const QUICK_SERIES = 8;
/** First series, in which code is compiled; not counted. */
const WARM_UP = 10;
const LIMIT_MS = 60_000;
/** The whole as a multiple of its bare parts. */
const MOST_TIMES = 1.6;
const FIRST_ID = "hello@example.org";
const TREE = packagePath(".cache/linux-6.12");

/** When an IMAP client of this process was last told of new mail. */
function watchNotices(): () => number {
  const prototype = ImapFlow.prototype as { emit: (event: string, ...args: unknown[]) => boolean };
  const { emit } = prototype;
  let last = 0;
  prototype.emit = function (event, ...args) {
    if (event === "exists") last = performance.now();
    return emit.call(this, event, ...args);
  };
  return () => last;
}

interface Servers {
  readonly redis: TestRedis;
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  readonly gate: Gate;
  readonly tree: Tree;
}

interface Gate {
  readonly url: string;
  /** Resolves with the time when the next mail was taken. */
  readonly taken: () => Promise<number>;
  readonly stop: () => void;
}

/** Passes everything on to the mail server and looks for its word that it took a mail. */
async function startGate(port: number): Promise<Gate> {
  let onTaken: (time: number) => void = () => undefined;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    upstream.on("data", (chunk: Buffer) => {
      if (chunk.includes("queued as")) onTaken(performance.now());
    });
    for (const socket of [client, upstream]) socket.on("error", () => undefined).setNoDelay(true);
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => new Promise((resolve) => (onTaken = resolve)),
    stop: () => void server.close(),
  };
}

/** avicbot in this process, in `auto`. */
async function startBot({ redis, dovecot, gate }: Servers): Promise<{ stop: () => Promise<void> }> {
  const config = configFrom({
    redisUrl: redis.url,
    mode: "auto",
    sources: [{ type: "imap", url: dovecot.url, folder: "INBOX" }],
    kernel: { tree: TREE },
    smtp: { url: gate.url },
    mail: { from: "avicbot@bots.example.net" },
    limits: { replyWithinDays: 100_000, repliesPerDay: 10_000, repliesPerListAndDay: 10_000 },
  });
  const service = await openService(config, createLogger("silent"));
  const stopping = new AbortController();
  const watching = watch(service, stopping.signal);
  const working = await work(service);
  return {
    stop: async () => {
      stopping.abort();
      await watching;
      await working.stop();
      await service.close();
    },
  };
}

/** The four parts with nothing around them, each on a warm connection but the mail server's. */
async function openParts({ dovecot, gate }: Servers) {
  const client = new ImapFlow(imapOptions({ url: dovecot.url }));
  await client.connect();
  const mailer = createTransport({ url: gate.url, ignoreTLS: true });
  const source = await openDirectory(TREE);
  const evaluate = createEvaluator();
  return {
    /** A session knows only the mails that it was told of. */
    open: () => client.mailboxOpen("INBOX", { readOnly: true }),
    fetch: (uids: readonly number[]) => client.fetchAll(uids.join(), { source: true }, { uid: true }),
    review: async (mails: readonly Uint8Array[]) => {
      const { series } = assembleSeries(mails.map((bytes) => parseMessage(bytes)));
      if (series[0] !== undefined) await reviewSeries(series[0], source, { evaluate });
    },
    search: (id: string) => client.search({ header: { "message-id": id } }, { uid: true }),
    send: ({ mail, sender, recipients }: OutboxRecord) =>
      mailer.sendMail({
        raw: Buffer.from(mail, "latin1"),
        envelope: { from: sender, to: [...recipients] },
      }),
    close: async () => {
      await client.logout();
      await source.close();
    },
  };
}

type Parts = Awaited<ReturnType<typeof openParts>>;
type Times = Record<"whole" | "fetch" | "review" | "search" | "send", number>;

async function timed(part: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await part();
  return performance.now() - start;
}

async function bareTimes(parts: Parts, mails: readonly string[], reply: OutboxRecord) {
  const bytes = mails.map((mail) => Buffer.from(mail, "latin1"));
  const ids = bytes.map((one) => parseMessage(one).messageId ?? "");
  await parts.open();
  const uids: number[] = [];
  for (const id of ids) uids.push(...((await parts.search(id)) || []));
  if (uids.length !== mails.length) throw new Error(`${uids.length} of ${mails.length} mails found`);
  return {
    fetch: await timed(() => parts.fetch(uids)),
    review: await timed(() => parts.review(bytes)),
    search: await timed(() => parts.search(ids[0] ?? "")),
    send: await timed(() => parts.send(reply)),
  };
}

async function measure(servers: Servers, count: number): Promise<Times[]> {
  const template = templateSeries(servers.tree, 5, true);
  const lastNotice = watchNotices();
  const bot = await startBot(servers);
  // What is there before is the past, and not answered.
  await untilFound(() => findDecision(servers.redis.db, hashOf(FIRST_ID)));
  const parts = await openParts(servers);
  const all: Times[] = [];
  try {
    for (let number = 1; number <= count + WARM_UP; number += 1) {
      const mails = seriesMails(template, number);
      const waiting = servers.gate.taken();
      for (const mail of mails) servers.dovecot.deliver(mail);
      const time = await Promise.race([waiting, pause(LIMIT_MS, null, { ref: false })]);
      const [reply] = await listReplies(servers.redis.db, 1);
      if (time === null || reply === undefined) throw new Error(`series ${number} got no reply`);
      const whole = time - lastNotice();
      const bare = await bareTimes(parts, mails, reply);
      if (number > WARM_UP) all.push({ whole, ...bare });
    }
  } finally {
    await parts.close();
    await bot.stop();
  }
  return all;
}

function tell({ report }: Bench, all: readonly Times[]): void {
  const whole = all.map((times) => times.whole);
  const bare = all.map(({ fetch, review, search, send }) => fetch + review + search + send);
  report.figure("notice to accepted reply", "ms", whole);
  report.figure("bare parts", "ms", bare);
  for (const part of ["fetch", "review", "search", "send"] as const)
    report.figure(
      `- ${part}`,
      "ms",
      all.map((times) => times[part]),
    );
  compareWithParts(report, { whole, bare, bound: MOST_TIMES });
  report.fact("reply, seconds", quantile(whole, 0.5) / 1000);
}

export async function run(bench: Bench): Promise<void> {
  const tree = realTree("6.12");
  const without = noDovecot || noRedis || noPostfix || (tree === null && "no kernel under .cache/linux-6.12");
  if (without || tree === null) return bench.report.skip(without || "");
  const [redis, dovecot] = await Promise.all([startTestRedis(), startDovecot()]);
  const postfix = await startPostfix({});
  const gate = await startGate(postfix.port);
  try {
    dovecot.deliver(`From: a@example.org\nMessage-ID: <${FIRST_ID}>\nSubject: Hello\n\nHello.\n`);
    const servers = { redis, dovecot, postfix, gate, tree };
    const series = numberFlag(bench, "series", bench.quick ? QUICK_SERIES : SERIES);
    tell(bench, await measure(servers, series));
  } finally {
    gate.stop();
    await Promise.all([redis.stop(), dovecot.stop(), postfix.stop()]);
  }
}
