/** A corpus on disk: as mboxrd, as a Maildir, as a public-inbox v2 archive; beside it what is true of it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { GIT_ENVIRONMENT } from "../../src/sources/git-log.ts";
import { makeCorpus, type CorpusMail } from "./corpus.ts";

export type Form = "mbox" | "maildir" | "inbox";

export interface CorpusFiles {
  readonly paths: Readonly<Partial<Record<Form, string>>>;
  readonly truth: string;
  readonly mails: number;
  readonly bytes: number;
}

export interface CorpusRequest {
  readonly dir: string;
  readonly seed: number;
  readonly mails: number;
  readonly forms: readonly Form[];
}

interface Sink {
  readonly path: string;
  readonly add: (mail: CorpusMail, number: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

const OPEN: Record<Form, (dir: string) => Sink> = { mbox: openMbox, maildir: openMaildir, inbox: openInbox };

/** Writes the mails one by one; memory does not grow with their number. */
export async function writeCorpus({ dir, seed, mails, forms }: CorpusRequest): Promise<CorpusFiles> {
  mkdirSync(dir, { recursive: true });
  const corpus = makeCorpus({ seed, mails });
  const sinks = forms.map((form) => OPEN[form](dir));
  const truth = createWriteStream(join(dir, "truth.jsonl"));
  let [number, bytes] = [0, 0];
  for (const mail of corpus.mails) {
    number++;
    bytes += mail.text.length;
    for (const sink of sinks) await sink.add(mail, number);
    await put(truth, `${JSON.stringify(mail.truth)}\n`);
  }
  for (const series of corpus.series()) await put(truth, `${JSON.stringify(series)}\n`);
  await finish(truth);
  for (const sink of sinks) await sink.end();
  const paths = Object.fromEntries(forms.map((form, at) => [form, sinks[at]?.path]));
  return { paths, truth: join(dir, "truth.jsonl"), mails: number, bytes };
}

async function put(stream: Writable, text: string): Promise<void> {
  if (!stream.write(text, "latin1")) await once(stream, "drain");
}

async function finish(stream: Writable): Promise<void> {
  stream.end();
  await once(stream, "finish");
}

/** One mail of an mboxrd file, with the line in front and the empty one behind. */
export function mboxEntry(text: string): string {
  return `From mboxrd@z Thu Jan  1 00:00:00 1970\n${text.replace(/^(>*From )/gm, ">$1")}\n`;
}

function openMbox(dir: string): Sink {
  const path = join(dir, "list.mboxrd");
  const stream = createWriteStream(path, { highWaterMark: 1 << 20 });
  return { path, add: ({ text }) => put(stream, mboxEntry(text)), end: () => finish(stream) };
}

function openMaildir(dir: string): Sink {
  const path = join(dir, "maildir");
  for (const folder of ["cur", "new", "tmp"]) mkdirSync(join(path, folder), { recursive: true });
  return {
    path,
    add: ({ text }, number) => {
      const name = `${1_767_225_600 + number}.${number}.bench:2,S`;
      writeFileSync(join(path, "cur", name), text, "latin1");
      return Promise.resolve();
    },
    end: () => Promise.resolve(),
  };
}

/** Only the git of it, as it comes from a server that mirrors it; the indexes are public-inbox' own business. */
function openInbox(dir: string): Sink {
  const path = join(dir, "inbox");
  const epoch = join(path, "git", "0.git");
  mkdirSync(epoch, { recursive: true });
  const command = 'git init -q --bare "$0" && git --git-dir "$0" fast-import --quiet --depth=50';
  const child = spawn("sh", ["-c", command, epoch], {
    env: { ...GIT_ENVIRONMENT, GIT_CONFIG_COUNT: "0" },
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  return {
    path,
    add: (mail, number) => put(child.stdin, commitOf(mail, number)),
    end: async () => {
      child.stdin.end("done\n");
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
    },
  };
}

function commitOf({ text, truth }: CorpusMail, number: number): string {
  const who = `A Sender <sender@example.com> ${Math.floor(Date.parse(truth.date) / 1000)} +0000`;
  const title = `mail ${number}\n`;
  return (
    `commit refs/heads/master\nauthor ${who}\ncommitter ${who}\ndata ${title.length}\n${title}` +
    `M 100644 inline m\ndata ${text.length}\n${text}\n`
  );
}
