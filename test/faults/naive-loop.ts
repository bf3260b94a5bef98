/**
 * A reply loop as one writes it first, for showing that the harness finds what is wrong with it: a mail is marked
 * \Seen and then worked on, BullMQ's job is the only book that is kept, and a mail gets a new Message-ID each time.
 */
import { readFileSync } from "node:fs";
import { Queue, Worker } from "bullmq";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";
import { boundary } from "../../src/killpoint.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { imapOptions } from "../../src/sources/imap-options.ts";
import { connectRedis } from "../../src/store/redis.ts";
import { BOT, LIST } from "./traffic.ts";

interface Settings {
  readonly redisUrl: string;
  readonly sources: readonly [{ readonly url: string; readonly folder: string }];
  readonly smtp: { readonly url: string; readonly timeoutSeconds: number };
}

interface Job {
  readonly id: string;
  readonly subject: string;
  readonly author: string;
}

const { redisUrl, sources, smtp } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Settings;
const [source] = sources;
const log = (msg: string) => process.stderr.write(`${JSON.stringify({ msg })}\n`);
const connect = () => connectRedis(redisUrl, "wait", () => undefined);
const queue = new Queue<Job>("naive", { connection: connect(), skipVersionCheck: true });
const timeout = smtp.timeoutSeconds * 1000;
const transport = createTransport({ url: smtp.url, socketTimeout: timeout, ignoreTLS: true });

async function reply({ id, subject, author }: Job): Promise<void> {
  boundary("evaluating");
  log("evaluating");
  const text = "A table.\n";
  boundary("sending");
  const to = [author, LIST];
  await transport.sendMail({ from: BOT, to, subject: `Re: ${subject}`, inReplyTo: id, references: id, text });
  boundary("accepted");
}

/** BullMQ's defaults, but for locks as short as those of the service on trial. */
const worker = new Worker<Job>("naive", ({ data }) => reply(data), {
  connection: connect(),
  skipVersionCheck: true,
  lockDuration: 1000,
  stalledInterval: 500,
});
worker.on("error", () => undefined);
log("working");

async function readNews(imap: ImapFlow): Promise<void> {
  await imap.mailboxOpen(source.folder);
  const uids = (await imap.search({ seen: false }, { uid: true })) || [];
  for (const uid of uids) {
    const found = await imap.fetchOne(String(uid), { source: true }, { uid: true });
    await imap.messageFlagsAdd(String(uid), ["\\Seen"], { uid: true });
    boundary("fetched");
    if (!found || found.source === undefined) continue;
    const { messageId, subject, from } = parseMessage(found.source);
    if (messageId === null || from === null || !/^\[PATCH.* 2\/2\]/.test(subject)) continue;
    const job = { id: `<${messageId}>`, subject, author: from.address };
    await queue.add("reply", job, { attempts: 3, removeOnComplete: true });
  }
}

process.on("SIGTERM", () => process.exit(0));
log("reading");
for (;;) {
  const imap = new ImapFlow(imapOptions(source));
  imap.on("error", () => undefined);
  await imap
    .connect()
    .then(() => readNews(imap))
    .catch(() => undefined);
  imap.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
}
