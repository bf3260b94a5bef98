import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configFrom, type Config } from "../config.ts";
import { createLogger } from "../log.ts";
import { packagePath } from "../package-root.ts";
import type { Asked } from "../queue/asked.ts";
import type { Service } from "../queue/service.ts";
import { isHidden, stateOf } from "../store/series.ts";
import { EXIT } from "./exit.ts";
import type { Io } from "./io.ts";
import { untilAborted } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** The sample list: threads as they arrive, the mails of each in this order. */
const THREADS = ["list/1-queues.mbox", "list/2-comment.mbox", "series.mbox", "list/4-open.mbox"];
/** Looks again at least so often, in milliseconds: a mail that concerns nobody makes no event. */
const LOOK_MS = 200;

interface Place {
  readonly dir: string;
  readonly token: string;
}

function settings({ dir, token }: Place): Config {
  return configFrom({
    dataDir: join(dir, "data"),
    sources: [{ type: "maildir", path: join(dir, "Maildir"), pollSeconds: 1 }],
    kernel: { tree: packagePath("demo", "linux") },
    mail: { from: "avicbot@demo.invalid", moderators: "moderators@demo.invalid" },
    web: { port: 0, tokens: [{ name: "demo", token }] },
    log: { level: "silent" },
  });
}

/** As a mail server does: written elsewhere, then moved to where readers look. */
function drop(dir: string, name: string, bytes: Uint8Array): void {
  const written = join(dir, "Maildir", "tmp", name);
  writeFileSync(written, bytes);
  renameSync(written, join(dir, "Maildir", "new", name));
}

interface Thread {
  readonly subject: string;
  /** Message-ID of its first mail. */
  readonly id: string;
  readonly mails: readonly Uint8Array[];
}

async function readThread(file: string): Promise<Thread> {
  const { parseMessage } = await import("../mail/message.ts");
  const { readMessages } = await import("../sources/mbox.ts");
  const mails: Uint8Array[] = [];
  for await (const { bytes } of readMessages(packagePath("demo", file))) mails.push(bytes);
  const first = parseMessage(mails[0] ?? new Uint8Array());
  return { subject: first.subject, id: first.messageId ?? "", mails };
}

/** What was decided; null as long as nothing was. */
function outcomeIn(asked: Asked): string | null {
  if (asked.kind === "unknown") return null;
  if (asked.kind === "seen") {
    const stopped = asked.trace.steps.findLast(({ outcome }) => outcome === "stopped");
    return stopped === undefined ? null : `stopped: ${stopped.text}`;
  }
  const { series, review } = asked;
  const state = stateOf(series);
  if (state === "collecting" || state === "reviewing" || review === null) return null;
  const { verdict, rows } = review.review;
  const cells = rows.flatMap(({ read, write }) => [read, write]).filter(({ changed }) => changed);
  const changed = cells.length === 0 ? "changed outside of the table" : `${cells.length} cells changed`;
  const what = verdict === "changed" ? changed : verdict;
  const critical = isHidden(series) ? "; critical, for the moderators alone" : "";
  return `${what}${state === verdict ? "" : `: ${state}`}${critical}`;
}

/** Waits until the thread was decided on; gives its outcome in one line. */
async function outcomeOf(service: Service, id: string): Promise<string> {
  const { awaitEvents, latestEvent } = await import("../store/events.ts");
  const { findAsked } = await import("../queue/asked.ts");
  const connection = service.connect();
  for (;;) {
    const place = await latestEvent(connection);
    const outcome = outcomeIn(await findAsked(service.context.db, id, "operator"));
    if (outcome !== null) return outcome;
    await awaitEvents(connection, place, LOOK_MS);
  }
}

async function deliver(service: Service, dir: string, io: Io): Promise<void> {
  for (const [at, file] of THREADS.entries()) {
    const thread = await readThread(file);
    // the last mail first: the order in which a list delivers is not the order in which a series was sent
    const mails = [...thread.mails].reverse();
    for (const [number, bytes] of mails.entries()) drop(dir, `${at}${number}.demo`, bytes);
    io.out(
      `${thread.subject}\n  ${mails.length} ${mails.length === 1 ? "mail" : "mails, the last one first"}\n`,
    );
    io.out(`  ${await outcomeOf(service, thread.id)}\n`);
  }
}

async function run({ dir, token }: Place, signal: AbortSignal, io: Io): Promise<void> {
  const { openService, watch, work } = await import("../queue/service.ts");
  const { startWeb } = await import("../web/listen.ts");
  const config = settings({ dir, token });
  const service = await openService(config, createLogger(config.log.level));
  const ending = new AbortController();
  signal.addEventListener("abort", () => ending.abort(), { once: true });
  try {
    const [web, workers] = [await startWeb(service), await work(service)];
    const watching = watch(service, ending.signal);
    io.out(`A list in ${join(dir, "Maildir")}, reviewed by the service; nothing leaves this machine.\n\n`);
    await Promise.race([deliver(service, dir, io), untilAborted(ending.signal)]);
    if (io.stdin.isTTY === true && !ending.signal.aborted) {
      io.out(
        `\nDashboard: ${web.url}/\nSign in with ${token} to see what is kept private, and to approve.\n`,
      );
      io.out("Ctrl-C ends it and takes everything away.\n");
      await untilAborted(ending.signal);
    }
    ending.abort();
    await watching;
    await Promise.all([web.stop(), workers.stop()]);
  } finally {
    ending.abort();
    await service.close();
  }
}

/** `avicbot demo`: the whole way on one machine, with nothing set up. On a terminal it stays until Ctrl-C. */
export const configureDemo: ConfigureVerb = (command, io, done) => {
  command.action(async () => {
    const stopping = new AbortController();
    const stop = () => stopping.abort();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    const dir = mkdtempSync(join(tmpdir(), "avicbot-demo-"));
    try {
      for (const part of ["tmp", "new", "cur"]) mkdirSync(join(dir, "Maildir", part), { recursive: true });
      await run({ dir, token: randomBytes(12).toString("base64url") }, stopping.signal, io);
    } finally {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      rmSync(dir, { recursive: true, force: true });
    }
    done(EXIT.done);
  });
};
