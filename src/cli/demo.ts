import { createColors } from "picocolors";
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
const SAMPLE = "series.mbox";
const THREADS = ["list/1-queues.mbox", "list/2-comment.mbox", SAMPLE, "list/4-open.mbox"];
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

/** What has become of a thread so far. */
interface Outcome {
  readonly text: string;
  readonly decided: boolean;
}

const NOTHING: Outcome = { text: "on its way", decided: false };
/** What a state means for people; others speak for themselves. */
const MEANINGS: Readonly<Record<string, string>> = {
  held: "a reply is made and held until somebody approves it",
  unchanged: "nothing changes for any access, no reply",
  undetermined: "undetermined, no reply",
};

function describe(asked: Asked): Outcome {
  if (asked.kind === "unknown") return NOTHING;
  if (asked.kind === "seen") {
    const stopped = asked.trace.steps.findLast(({ outcome }) => outcome === "stopped");
    return stopped === undefined ? NOTHING : { text: `passed over: ${stopped.text}`, decided: true };
  }
  const { series, review } = asked;
  const state = stateOf(series);
  const { parts, total } = series;
  if (state === "collecting")
    return { text: `collecting: ${parts.length} mails of a series of ${total}`, decided: false };
  if (state === "reviewing" || review === null) return { text: "reviewing", decided: false };
  const { verdict, rows } = review.review;
  const cells = rows.flatMap(({ read, write }) => [read, write]).filter(({ changed }) => changed);
  const changed =
    cells.length === 0
      ? "something changes outside of the table"
      : `${cells.length} cells of the table change`;
  const meaning = isHidden(series)
    ? "a critical finding, told to the moderators alone"
    : (MEANINGS[state] ?? state);
  return { text: verdict === "changed" ? `${changed}: ${meaning}` : meaning, decided: true };
}

/** Waits until the thread was decided on; shows on a terminal what is done meanwhile. */
async function outcomeOf(service: Service, id: string, io: Io): Promise<string> {
  const { awaitEvents, latestEvent } = await import("../store/events.ts");
  const { findAsked } = await import("../queue/asked.ts");
  const connection = service.connect();
  for (;;) {
    const place = await latestEvent(connection);
    const { text, decided } = describe(await findAsked(service.context.db, id, "operator"));
    if (io.progress) io.err(decided ? "\r\x1b[K" : `\r\x1b[K  ${text} ...`);
    if (decided) return text;
    await awaitEvents(connection, place, LOOK_MS);
  }
}

async function deliver(service: Service, dir: string, io: Io): Promise<void> {
  const { bold, dim } = createColors(io.colours);
  for (const [at, file] of THREADS.entries()) {
    const thread = await readThread(file);
    // the last mail first: the order in which a list delivers is not the order in which a series was sent
    const mails = [...thread.mails].reverse();
    for (const [number, bytes] of mails.entries()) drop(dir, `${at}${number}.demo`, bytes);
    const count = mails.length === 1 ? "1 mail" : `${mails.length} mails, the last one first`;
    io.out(`${bold(thread.subject)}\n  ${dim(count)}\n`);
    io.out(`  ${await outcomeOf(service, thread.id, io)}\n\n`);
  }
}

async function run({ dir, token }: Place, signal: AbortSignal, io: Io): Promise<void> {
  const { openService, watch, work } = await import("../queue/service.ts");
  const { startWeb } = await import("../web/listen.ts");
  const { pagePath } = await import("../web/paths.ts");
  const config = settings({ dir, token });
  const service = await openService(config, createLogger(config.log.level));
  const ending = new AbortController();
  signal.addEventListener("abort", () => ending.abort(), { once: true });
  try {
    const [web, workers] = [await startWeb(service), await work(service)];
    const watching = watch(service, ending.signal);
    io.out(
      `A sample list in ${join(dir, "Maildir")}\nand the whole service on it; nothing leaves this machine.\n\n`,
    );
    await Promise.race([deliver(service, dir, io), untilAborted(ending.signal)]);
    if (io.stdin.isTTY === true && !ending.signal.aborted) {
      const { id } = await readThread(SAMPLE);
      io.out(
        `Dashboard  ${web.url}/\nThe table  ${web.url}${pagePath(id)}\nSign in    ${token}  to approve, and to see the critical finding\nThe end    Ctrl-C, which takes everything away\n`,
      );
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
