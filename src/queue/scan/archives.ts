/** Archives named by their path: an mbox, a Maildir, a public-inbox. */
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createMaildirSource } from "../../sources/maildir.ts";
import { createMboxSource } from "../../sources/mbox-source.ts";
import { createPublicInboxSource, isPublicInbox } from "../../sources/public-inbox.ts";
import type { Source, SourceMessage } from "../../sources/source.ts";
import { BATCHES_HELD } from "./looking.ts";

const MESSAGE_BYTES = 8 * 1024 * 1024;

/** Size in bytes, 0 for a folder; rejects with a line that names a path that is none. */
export async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new Error(`${path}: no such file or folder`);
  return found.isDirectory() ? 0 : found.size;
}

export interface Archive {
  /** Cores that whoever reads has for itself: git, which unpacks a public-inbox, keeps another one busy. */
  readonly idleCores: number;
  /** All mails in their order, some at a time. */
  readonly batches: AsyncGenerator<readonly SourceMessage[]>;
}

export async function openArchive(path: string): Promise<Archive> {
  const pollSeconds = 1;
  if (!(await stat(path)).isDirectory()) return archiveOf(createMboxSource({ path, pollSeconds }), 1);
  if (await isPublicInbox(path)) return archiveOf(createPublicInboxSource({ path, pollSeconds }), 2);
  const maildir = await stat(join(path, "cur")).catch(() => null);
  if (maildir !== null) return archiveOf(createMaildirSource({ path, pollSeconds }), 1);
  throw new Error(`${path} is no Maildir and no public-inbox archive`);
}

/** `busyCores`: the reader's own, and those of other processes that it waits for. */
function archiveOf(source: Source, busyCores: number): Archive {
  return { idleCores: availableParallelism() - busyCores, batches: batchesOf(source) };
}

async function* batchesOf(source: Source): AsyncGenerator<readonly SourceMessage[]> {
  const limits = { messageBytes: MESSAGE_BYTES };
  const { signal } = new AbortController();
  for await (const batch of source.read({ from: null, follow: false, signal, limits, held: BATCHES_HELD }))
    yield batch.messages;
}
