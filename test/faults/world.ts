/** The neighbours of one service: a mail server with the list's folder, an SMTP server, a Redis, a kernel repository. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { ImapFlow } from "imapflow";
import { join } from "node:path";
import { imapOptions } from "../../src/sources/imap-options.ts";
import { createImapSources } from "../../src/sources/imap.ts";
import { acquireLease, markBatch, movePosition, readPlace, releaseLease } from "../../src/store/positions.ts";
import { connectRedis, type RedisClient } from "../../src/store/redis.ts";
import { runGit } from "../kernel/repository.ts";
import { SAMPLE_TREE } from "../reply/versions.ts";
import { startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { startRedisProcess, type RedisProcess } from "../store/redis-process.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { LIST } from "./traffic.ts";

export interface World {
  readonly dir: string;
  readonly dovecot: Dovecot;
  readonly smtp: ScriptedSmtp;
  readonly redis: RedisProcess;
  /** Before each of them; the service goes through these. */
  readonly proxies: Readonly<Record<"imap" | "smtp" | "redis", Proxy>>;
  /** Waits while the server is away. */
  readonly client: RedisClient;
  /** A repository whose branch main holds the sample kernel. */
  readonly git: string;
  /** How often a server here was ended by `kill -9`. */
  readonly kills: () => number;
  /** What the SMTP server takes is in the folder so much later; in milliseconds. */
  readonly delayEcho: (milliseconds: number) => void;
  /** The folder of the list at present. */
  readonly folder: () => string;
  /** The mails that are in it, as bytes. */
  readonly listFolder: () => string[];
  /** Makes a folder whose past was read. */
  readonly readFolder: (folder: string) => Promise<void>;
  /** A new folder whose past was read, nothing else in Redis, a server without faults. */
  readonly clear: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const PAST = "hello@example.org";
const HELLO = `From: Pat <pat@example.org>\nTo: ${LIST}\nMessage-ID: <${PAST}>\nSubject: Hello\n\nHello.\n`;

/** Whether it is the mail that was in the folder before it was watched. */
export function isPast(id: string): boolean {
  return id === PAST;
}

export const REDIS_SETTINGS = [
  "appendonly yes",
  "appendfsync everysec",
  "aof-load-truncated no",
  "maxmemory-policy noeviction",
  "auto-aof-rewrite-percentage 0",
];

export async function startWorld(): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), "avw-"));
  const state = { folder: "case-0", count: 0, echoDelay: 0, kills: 0 };
  const [mail, store] = await Promise.all([
    startDovecot(),
    startRedisProcess("redis-server", REDIS_SETTINGS),
  ]);
  const dovecot: Dovecot = {
    ...mail,
    kill: () => {
      state.kills += 1;
      return mail.kill();
    },
  };
  const redis: RedisProcess = {
    ...store,
    end: (signal) => {
      if (signal === "SIGKILL") state.kills += 1;
      return store.end(signal);
    },
  };
  const smtp = await startScriptedSmtp(({ bytes, recipients }) => {
    if (!recipients.includes(LIST)) return;
    const deliver = () => dovecot.deliver(bytes.toString("latin1"), state.folder);
    if (state.echoDelay === 0) deliver();
    else setTimeout(deliver, state.echoDelay);
  });
  const client = connectRedis(`redis://127.0.0.1:${redis.port}/0`, "wait", () => undefined);
  const [imap, post, kept] = (await Promise.all(
    [dovecot.port, Number(new URL(smtp.url).port), redis.port].map(startProxy),
  )) as [Proxy, Proxy, Proxy];
  const proxies = { imap, smtp: post, redis: kept };
  const readFolder = async (folder: string) => {
    dovecot.deliver(HELLO, folder);
    await markRead(client, dovecot.url, sourceOf(imap.port, folder));
  };
  return {
    dir,
    dovecot,
    smtp,
    redis,
    proxies,
    client,
    git: makeRepository(dir),
    kills: () => state.kills,
    delayEcho: (milliseconds) => void (state.echoDelay = milliseconds),
    folder: () => state.folder,
    listFolder: () => dovecot.list(state.folder),
    readFolder,
    clear: async () => {
      // A case that broke off may have left one of them dead.
      await Promise.all([dovecot, redis].map((server) => server.isRunning() || server.start()));
      state.count += 1;
      state.folder = `case-${state.count}`;
      state.echoDelay = 0;
      smtp.taken.length = 0;
      smtp.faults.length = 0;
      for (const proxy of Object.values(proxies)) proxy.reset();
      await client.flushall();
      await readFolder(state.folder);
    },
    stop: async () => {
      client.disconnect();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
      await Promise.all([dovecot.stop(), redis.kill(), smtp.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function makeRepository(dir: string): string {
  const path = join(dir, "linux");
  mkdirSync(path);
  cpSync(SAMPLE_TREE, path, { recursive: true });
  runGit(path, "init", "-q", "-b", "main");
  runGit(path, "add", "-A");
  runGit(path, "commit", "-q", "-m", "base");
  return path;
}

/** The folder as the service names it. */
export function sourceOf(port: number, folder: string) {
  return { type: "imap", url: `imap://reader:any@127.0.0.1:${port}/`, folder, pollSeconds: 2 } as const;
}

/** The name under which its place is kept. */
export function nameOf(settings: ReturnType<typeof sourceOf>): string {
  return createImapSources(settings)[0]?.name ?? "";
}

/** What is in a folder is its past; what comes is answered. */
export async function markRead(
  redis: RedisClient,
  url: string,
  settings: ReturnType<typeof sourceOf>,
): Promise<void> {
  const imap = new ImapFlow(imapOptions({ url }));
  await imap.connect();
  const { uidValidity, uidNext } = await imap.mailboxOpen(settings.folder, { readOnly: true });
  imap.close();
  const db = { redis, now: () => Date.now() };
  const lease = await acquireLease(db, nameOf(settings), 10_000);
  if (lease === null) throw new Error("the source is read by somebody");
  const position = { uidValidity: uidValidity.toString(), uid: uidNext - 1 };
  await movePosition(db, lease, await readPlace(db, lease.source), {
    position,
    caughtUp: true,
    mark: await markBatch(db, lease),
  });
  await releaseLease(db, lease);
}
