/**
 * A public-inbox v2 archive, the format of lore: bare repositories `git/0.git`, `git/1.git`, … (epochs). Each
 * commit holds one mail as the file `m`; a commit with the file `d` withdraws the mail in it
 * (public-inbox-v2-format(5)).
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  BlobReader,
  type Blob,
  changesBetween,
  git,
  GIT_ENVIRONMENT,
  headCommit,
  type MailChange,
} from "./git-log.ts";
import {
  headerOf,
  isFull,
  wholeMessage,
  type Batch,
  type ReadOptions,
  type Source,
  type SourceMessage,
  type SourcePosition,
} from "./source.ts";
import { watchPaths } from "./wake.ts";

export interface PublicInboxSettings {
  /** The inbox (with `git/` in it), the folder of the epochs, or one epoch. */
  readonly path: string;
  readonly pollSeconds: number;
  /** How often the epochs are fetched from their remotes; unset: never. */
  readonly fetchSeconds?: number | undefined;
  readonly list?: string | undefined;
}

interface InboxPosition extends SourcePosition {
  /** Last commit read, by epoch. */
  readonly epochs: Readonly<Record<string, string>>;
}

export interface Epoch {
  readonly name: string;
  readonly dir: string;
}

export function createPublicInboxSource(settings: PublicInboxSettings): Source {
  const path = resolve(settings.path);
  return {
    name: `public-inbox:${path}`,
    list: settings.list ?? null,
    read: (options) => follow(path, settings, options),
  };
}

/** Whether a folder is one of the three forms. */
export async function isPublicInbox(path: string): Promise<boolean> {
  return (await listEpochs(resolve(path))).length > 0;
}

async function* follow(
  path: string,
  settings: PublicInboxSettings,
  options: ReadOptions,
): AsyncGenerator<Batch> {
  let position = (options.from as InboxPosition | null) ?? { epochs: {} };
  let live = options.from !== null;
  let fetchDue = 0;
  while (!options.signal.aborted) {
    if (options.follow && settings.fetchSeconds !== undefined && Date.now() >= fetchDue) {
      await fetchEpochs(path, options.signal);
      fetchDue = Date.now() + settings.fetchSeconds * 1000;
    }
    const epochs = await listEpochs(path);
    if (epochs.length === 0) throw new Error(`no public-inbox v2 archive at ${path}: expected git/0.git`);
    const waker = watchPaths(options.follow ? epochs.map(refsOf) : [], options.signal);
    try {
      for (const epoch of epochs) {
        for await (const batch of readEpoch(epoch, position, options)) {
          position = batch.position as InboxPosition;
          yield { ...batch, live };
        }
      }
      if (!options.follow) return;
      live = true;
      await waker.wait(settings.pollSeconds * 1000);
    } finally {
      waker.close();
    }
  }
}

function refsOf(epoch: Epoch): string {
  return join(epoch.dir, "refs", "heads");
}

/** The git repositories of an archive, oldest first; none where there is no archive. */
export async function listEpochs(path: string): Promise<Epoch[]> {
  if (existsSync(join(path, "HEAD")) && existsSync(join(path, "objects"))) {
    return [{ name: basename(path).replace(/\.git$/, ""), dir: path }];
  }
  const folder = existsSync(join(path, "git")) ? join(path, "git") : path;
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => /^\d+(\.git)?$/.test(name) && existsSync(join(folder, name, "HEAD")))
    .map((name) => ({ name: String(Number.parseInt(name, 10)), dir: join(folder, name) }))
    .sort((a, b) => Number(a.name) - Number(b.name));
}

async function* readEpoch(
  epoch: Epoch,
  start: InboxPosition,
  options: ReadOptions,
): AsyncGenerator<Omit<Batch, "live">> {
  const since = start.epochs[epoch.name] ?? null;
  const head = await headCommit(epoch.dir);
  if (head === null || head === since) return;
  const at = (commit: string): InboxPosition => ({ epochs: { ...start.epochs, [epoch.name]: commit } });
  const blobs = new BlobReader(epoch.dir, options.limits.messageBytes);
  let messages: SourceMessage[] = [];
  try {
    for await (const { change, blob } of readAhead(blobs, changesBetween(epoch.dir, since, head))) {
      if (options.signal.aborted) return;
      if (blob !== null) messages.push(toMessage(change, blob));
      if (!isFull(messages)) continue;
      yield { messages, position: at(change.commit) };
      messages = [];
    }
    yield { messages, position: at(head) };
  } finally {
    blobs.close();
  }
}

/** Mails that are asked for before the first of them is taken: git reads on while a batch of them is handled. */
const AHEAD = 256;

interface Asked {
  readonly change: MailChange;
  readonly answer: Promise<Blob | null>;
}

/** The changes with their mails; null for a mail that is gone. */
async function* readAhead(
  blobs: BlobReader,
  changes: AsyncIterable<MailChange>,
): AsyncGenerator<{ change: MailChange; blob: Blob | null }> {
  const asked: Asked[] = [];
  const take = async ({ change, answer }: Asked) => {
    const blob = await answer;
    blobs.taken(blob);
    return { change, blob };
  };
  for await (const change of changes) {
    asked.push({ change, answer: blobs.read(change.blob) });
    if (asked.length > AHEAD) yield take(asked.shift() as Asked);
  }
  for (const one of asked) yield take(one);
}

function toMessage({ commit, withdrawn }: MailChange, blob: Blob): SourceMessage {
  const oversized = blob.bytes.length < blob.size;
  const bytes = oversized ? Buffer.from(headerOf(blob.bytes)) : blob.bytes;
  return {
    ...wholeMessage(bytes, `commit ${commit.slice(0, 12)}`),
    oversized,
    size: blob.size,
    deleted: withdrawn,
  };
}

/** Fetches every epoch that has a remote, and clones epochs that began since. A failure ends the reader. */
async function fetchEpochs(path: string, signal: AbortSignal): Promise<void> {
  const epochs = await listEpochs(path);
  for (const epoch of epochs) {
    const remote = (await git(epoch.dir, ["config", "remote.origin.url"]).catch(() => "")).trim();
    if (remote === "") continue;
    const refs = "+refs/heads/*:refs/heads/*";
    await git(epoch.dir, ["fetch", "--quiet", "--no-tags", "origin", refs], signal);
    if (epoch === epochs.at(-1)) await cloneNext(epoch, remote, signal);
  }
}

/** The next epoch stands beside this one, here and there; that it is not there yet is the usual case. */
async function cloneNext(epoch: Epoch, remote: string, signal: AbortSignal): Promise<void> {
  const next = String(Number(epoch.name) + 1);
  const url = remote.replace(
    /(^|\/)\d+(\.git)?\/?$/,
    (_all, slash: string, git = "") => `${slash}${next}${git}`,
  );
  if (url === remote) return;
  const target = join(epoch.dir, "..", `${next}.git`);
  const args = ["clone", "--quiet", "--mirror", "--", url, target];
  await promisify(execFile)("git", args, { env: GIT_ENVIRONMENT, signal }).catch(() => undefined);
}
