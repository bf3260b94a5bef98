/**
 * Ten thousand mails in a mailbox at once, read by the watcher into the store, beside imapflow fetching them to
 * nothing, and a client of a few lines that only drains the socket: what a leaner fetch could bring at most.
 */
import { connect as connectSocket } from "node:net";
import { chownSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { userInfo } from "node:os";
import { ImapFlow } from "imapflow";
import { configFrom } from "../src/config.ts";
import { createLogger } from "../src/log.ts";
import { createSources, openService, watch } from "../src/queue/service.ts";
import { imapOptions } from "../src/sources/imap-options.ts";
import { processorOf } from "./harness/redis-processor.ts";
import { readPlace } from "../src/store/positions.ts";
import { noDovecot, startDovecot, type Dovecot } from "../test/sources/dovecot.ts";
import { noRedis, startTestRedis } from "../test/store/test-redis.ts";
import { writeCorpus } from "./corpus/write.ts";
import { numberFlag, type Bench } from "./harness/bench.ts";
import { SEED } from "./harness/mails.ts";
import { alternate, runHere, walls } from "./harness/process.ts";
import { profileStages, type StageRule } from "./harness/profile.ts";
import type { Sample } from "./harness/report.ts";
import { median, ratios } from "./harness/stats.ts";

export const title = "Ten thousand mails at once";

const MAILS = 10_000;
const QUICK_MAILS = 1000;
const MOST_TIMES = 1.4;
const NOBODY = 65534;

const STAGES: readonly StageRule[] = [
  ["waiting for the disk, Redis or the mail server", /\(idle\)/],
  ["collecting garbage", /\(garbage collector\)/],
  ["compressing patches", / (?:encodeBytes|writeSync)$/],
  ["hashing and writing records", / (?:hash|hashOf|stampFor|encodeRecord|contentOf)$/],
  ["first look, rules, what is decided", /first-look\.ts|classify\.ts|subject\.ts|src\/queue\//],
  ["headers and text", /src\/mail\//],
  ["talking to Redis", /ioredis|redis-parser|src\/store\/(?:transact|messages)\.ts/],
  ["fetching, by imapflow", /imapflow|src\/sources\/imap/],
];

export async function run(bench: Bench): Promise<void> {
  const { report, quick, dir } = bench;
  const lacking = noDovecot || noRedis;
  if (lacking) return report.skip(lacking);
  const mails = numberFlag(bench, "mails", quick ? QUICK_MAILS : MAILS);
  const dovecot = await startDovecot();
  try {
    await fillMailbox(dovecot, dir, mails);
    const server: number[] = [];
    const found = await alternate(
      [
        { name: "watcher into the store", run: () => takeIn(dovecot, mails, server) },
        { name: "imapflow to nothing", run: () => fetchAll(dovecot, mails) },
        { name: "bare socket to nothing", run: () => drain(dovecot) },
      ],
      { rounds: quick ? 1 : 3 },
    );
    for (const [name, samples] of found) report.samples(name, samples);
    tell(bench, mails, found);
    const microseconds = server.map((seconds) => seconds * 1e6);
    report.figure("processor of Redis for a mail", "µs", microseconds);
    report.fact("ingest, seconds of Redis a mail", median(server));
    await stages(bench, dovecot, mails);
  } finally {
    await dovecot.stop();
  }
}

function tell({ report }: Bench, mails: number, found: ReadonlyMap<string, Sample[]>): void {
  const own = found.get("watcher into the store") ?? [];
  const flow = walls(found.get("imapflow to nothing"));
  const bare = walls(found.get("bare socket to nothing"));
  report.goal({
    name: "time to imapflow's",
    values: ratios(walls(own), flow),
    bound: MOST_TIMES,
    kind: "at most",
  });
  const spared = median(flow) - median(bare);
  report.note(
    `a client that only drains the socket needs ${median(ratios(bare, flow)).toFixed(2)} of imapflow's time: ` +
      `a leaner fetch could spare at most ${((spared / median(walls(own))) * 100).toFixed(0)} % of the whole`,
  );
  report.fact("ingest, seconds a mail", median(walls(own)) / mails);
}

/** One more time, with the profiler on: not among the times above. */
async function stages({ report }: Bench, dovecot: Dovecot, mails: number): Promise<void> {
  let found = new Map<string, number>();
  await takeIn(dovecot, mails, [], async (work) => {
    found = await profileStages(work, STAGES, "the rest");
    return { wall: Number.NaN, cpu: null, memory: null };
  });
  const sorted = [...found].sort(([, a], [, b]) => b - a);
  for (const [stage, seconds] of sorted)
    report.figure(`of a mail's time: ${stage}`, "µs", [(seconds / mails) * 1e6]);
}

/** Moves the files of a corpus in, and lets the server index them once. */
async function fillMailbox(dovecot: Dovecot, dir: string, mails: number): Promise<void> {
  const { paths } = await writeCorpus({ dir: join(dir, "corpus"), seed: SEED, mails, forms: ["maildir"] });
  const from = join(paths.maildir ?? "", "cur");
  const owner = userInfo().uid === 0 ? NOBODY : userInfo().uid;
  for (const name of readdirSync(from)) {
    chownSync(join(from, name), owner, owner);
    renameSync(join(from, name), join(dovecot.maildir, "cur", name));
  }
  await fetchAll(dovecot, mails);
}

/** From a start on an empty store until the position stands behind the last mail. */
async function takeIn(
  dovecot: Dovecot,
  mails: number,
  server: number[],
  measure: (work: () => Promise<void>) => Promise<Sample> = runHere,
): Promise<Sample> {
  const redis = await startTestRedis();
  const config = configFrom({
    redisUrl: redis.url,
    sources: [{ type: "imap", url: dovecot.url, folder: "INBOX" }],
  });
  const service = await openService(config, createLogger("silent"));
  const [source] = config.sources.flatMap(createSources);
  const stopping = new AbortController();
  const sample = await measure(async () => {
    const watching = watch(service, stopping.signal);
    while ((await readPlace(service.context.db, source?.name ?? "")).position?.["uid"] !== mails)
      await pause(10);
    stopping.abort();
    await watching;
  });
  server.push((await processorOf(redis)) / mails);
  await service.close();
  await redis.stop();
  return sample;
}

async function fetchAll(dovecot: Dovecot, mails: number): Promise<Sample> {
  const client = new ImapFlow(imapOptions({ url: dovecot.url }));
  await client.connect();
  await client.mailboxOpen("INBOX", { readOnly: true });
  let count = 0;
  const sample = await runHere(async () => {
    for await (const one of client.fetch("1:*", { source: true }, { uid: true })) count += one.source ? 1 : 0;
  });
  await client.logout();
  if (count !== mails) throw new Error(`imapflow fetched ${count} of ${mails} mails`);
  return sample;
}

/** Three commands by hand; what comes is looked at for the end of the last one only. */
async function drain({ port }: Dovecot): Promise<Sample> {
  return runHere(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connectSocket(port, "127.0.0.1");
        socket.write("a login reader any\r\nb examine INBOX\r\nc uid fetch 1:* body.peek[]\r\n");
        let tail = "";
        socket.on("data", (chunk: Buffer) => {
          tail = (tail + chunk.toString("latin1", Math.max(0, chunk.length - 60))).slice(-60);
          if (/\r\nc OK [^\r]*\r\n$/.test(tail)) socket.end(() => resolve());
          else if (/\r\nc (NO|BAD) /.test(tail)) reject(new Error(tail));
        });
        socket.on("error", reject);
      }),
  );
}
