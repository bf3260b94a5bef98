/**
 * From the IMAP server's notice of a series' last part to the stored review, in a running `avicbot serve`; beside
 * it the bare parts in the same run: a fetch of that mail with imapflow, and the review itself in this process.
 * Dovecot's delay before it tells an idling client is not in it: the clock starts when the notice passes by.
 */
import { connect, createServer, type Server } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImapFlow } from "imapflow";
import { openDirectory } from "../src/kernel/directory.ts";
import type { KernelSource } from "../src/kernel/source.ts";
import { parseMessage } from "../src/mail/message.ts";
import { assembleSeries } from "../src/mail/series.ts";
import { packagePath } from "../src/package-root.ts";
import { createEvaluator } from "../src/review/evaluate.ts";
import { reviewSeries } from "../src/review/review.ts";
import { imapOptions } from "../src/sources/imap-options.ts";
import { findSeriesByText } from "../src/store/lookup.ts";
import { connectRedis } from "../src/store/redis.ts";
import type { SeriesRecord } from "../src/store/series.ts";
import { bytesOf, makeMails } from "../test/e2e/git-mails.ts";
import { postedSeries } from "../test/e2e/posted-series.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import { noDovecot, startDovecot, type Dovecot } from "../test/sources/dovecot.ts";
import { noRedis } from "../test/store/test-redis.ts";
import { startBot, writeSettings, type Bot } from "../test/service/bot.ts";
import { untilStored } from "../test/store/until-stored.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { compareWithParts } from "./harness/parts.ts";
import { quantile } from "./harness/stats.ts";

export const title = "From the IMAP server's notice to the stored review";

const WARM_UP = 4;
const ROUNDS = 50;
const QUICK_ROUNDS = 6;
/** The whole as a multiple of its bare parts. */
const MOST_TIMES = 1.4;
const KERNEL = packagePath(".cache/linux-6.12");

export async function run(bench: Bench): Promise<void> {
  const tree = realTree("6.12");
  const lacking =
    noDovecot || noRedis || (tree === null && `no kernel under ${KERNEL}; npm test puts it there`);
  if (lacking || tree === null) return bench.report.skip(lacking || "");
  // A socket's path is short.
  const dir = mkdtempSync(join(tmpdir(), "avn-"));
  const dovecot = await startDovecot();
  const notices = await listenIn(dovecot.port);
  const config = writeSettings(dir, {
    dataDir: `${dir}/data`,
    web: { port: 0 },
    kernel: { tree: KERNEL },
    sources: [{ type: "imap", url: `imap://reader:any@127.0.0.1:${notices.port}/`, folder: "INBOX" }],
  });
  const bot = startBot("serve", config);
  try {
    await bot.until((line) => line.msg === "reading");
    await measure(bench, { dir, bot, dovecot, notices, tree });
  } finally {
    await bot.stop();
    notices.server.close();
    await dovecot.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Servers {
  readonly dir: string;
  readonly bot: Bot;
  readonly dovecot: Dovecot;
  readonly notices: Notices;
  readonly tree: Tree;
}

async function measure(bench: Bench, servers: Servers): Promise<void> {
  const redis = connectRedis(`unix://${servers.dir}/data/redis/redis.sock`, "wait", () => undefined);
  const client = new ImapFlow(imapOptions({ url: servers.dovecot.url }));
  await client.connect();
  await client.mailboxOpen("INBOX", { readOnly: true });
  const source = await openDirectory(KERNEL);
  const evaluate = createEvaluator();
  const [whole, fetches, reviews]: [number[], number[], number[]] = [[], [], []];
  const find = (id: string) => async (): Promise<SeriesRecord | null> =>
    (await findSeriesByText({ redis, now: Date.now }, id))?.value ?? null;
  const rounds = numberFlag(bench, "series", bench.quick ? QUICK_ROUNDS : ROUNDS);
  for (let round = 0; round < WARM_UP + rounds; round++) {
    const mails = mailsOf(servers.tree, round);
    const time = await timeSeries(servers, mails, { redis, find });
    const fetch = await timeFetch(client);
    const review = await timeReview(mails, source, evaluate);
    if (round < WARM_UP) continue;
    whole.push(time);
    fetches.push(fetch);
    reviews.push(review);
  }
  tell(bench, { whole, fetches, reviews });
  redis.disconnect();
  client.close();
  await source.close();
}

interface Times {
  readonly whole: readonly number[];
  readonly fetches: readonly number[];
  readonly reviews: readonly number[];
}

function tell({ report }: Bench, { whole, fetches, reviews }: Times): void {
  const bare = fetches.map((fetch, at) => fetch + (reviews[at] ?? Number.NaN));
  report.figure("notice to stored review", "ms", whole);
  report.figure("bare fetch and review", "ms", bare);
  report.figure("- fetch", "ms", fetches);
  report.figure("- review", "ms", reviews);
  compareWithParts(report, { whole, bare, bound: MOST_TIMES });
  report.fact("notice, seconds", quantile(whole, 0.5) / 1000);
}

/** The posted series with words of this round in every patch, so that nobody has seen or evaluated it before. */
function mailsOf(tree: Tree, round: number): string[] {
  const { before, patches } = postedSeries(tree);
  const varied = patches.map(({ subject, files }) => ({
    subject: `${subject}, ${round}`,
    files: new Map([...files].map(([path, text]) => [path, `${text}/* ${round} */\n`])),
  }));
  const name = /^From [0-9a-f]{40} .*\n/;
  return makeMails(before, varied, { cover: `Round ${round}` }).map((mail) => mail.replace(name, ""));
}

interface Store {
  readonly redis: ReturnType<typeof connectRedis>;
  readonly find: (id: string) => () => Promise<SeriesRecord | null>;
}

/** Milliseconds from the notice of the last part to the stored review. */
async function timeSeries(
  { bot, dovecot, notices }: Servers,
  mails: readonly string[],
  { redis, find }: Store,
): Promise<number> {
  const id = /^Message-I[dD]: <(.*)>$/m.exec(mails[1] ?? "")?.[1] ?? "";
  const series = find(id);
  for (const mail of mails.slice(0, -1)) dovecot.deliver(mail);
  await untilStored(redis, async () => ((await series())?.parts.length === mails.length - 1 ? true : null));
  const noticed = notices.next();
  const former = new Set(bot.lines);
  dovecot.deliver(mails.at(-1) ?? "");
  const start = await noticed;
  await bot.until(
    (line) => !former.has(line) && line["queue"] === "review" && line.msg?.startsWith("stored") === true,
  );
  return Date.parse((await series())?.reviewed?.at ?? "") - start;
}

async function timeFetch(client: ImapFlow): Promise<number> {
  await client.noop();
  const start = performance.now();
  const found = await client.fetchOne("*", { source: true });
  if (!found || found.source === undefined) throw new Error("the mail cannot be fetched");
  return performance.now() - start;
}

async function timeReview(
  mails: readonly string[],
  source: KernelSource,
  evaluate: ReturnType<typeof createEvaluator>,
): Promise<number> {
  const [series] = assembleSeries(mails.map((mail) => parseMessage(bytesOf(mail)))).series;
  if (series === undefined) throw new Error("the mails make no series");
  const start = performance.now();
  const { verdict, reason } = await reviewSeries(series, source, { evaluate });
  if (verdict !== "changed") throw new Error(`${verdict}: ${reason}`);
  return performance.now() - start;
}

interface Notices {
  readonly server: Server;
  readonly port: number;
  /** Resolves with the time at which the server next says that a mail has come. */
  readonly next: () => Promise<number>;
}

/** A proxy in front of the server that hears its notices. */
async function listenIn(target: number): Promise<Notices> {
  let heard: ((time: number) => void) | null = null;
  const server = createServer((client) => {
    const remote = connect(target, "127.0.0.1");
    client.pipe(remote);
    remote.on("data", (data) => {
      if (/^\* \d+ EXISTS/m.test(data.toString("latin1"))) heard?.(Date.now());
      client.write(data);
    });
    remote.on("close", () => client.destroy());
    for (const socket of [client, remote]) socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return { server, port, next: () => new Promise((resolve) => (heard = resolve)) };
}
