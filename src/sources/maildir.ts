/**
 * A Maildir as a source. It has no order of its own, so the position is a moment (when a file last got its
 * name, its ctime) and the names seen just before it; what is looked at twice joins by Message-ID.
 */
import { open, readFile, readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  HEADER_BYTES,
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

export interface MaildirSettings {
  readonly path: string;
  readonly pollSeconds: number;
  readonly list?: string | undefined;
}

interface MaildirPosition extends SourcePosition {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Unique names that were read and have a ctime within `OVERLAP_MS` before `since`. */
  readonly recent: readonly string[];
}

interface Entry {
  readonly path: string;
  /** The name without flags: the same in `new` and `cur`. */
  readonly unique: string;
  readonly changed: number;
  readonly size: number;
}

/** Clocks and file systems round: files this close to the position are compared by name. */
const OVERLAP_MS = 5000;
const FOLDERS = ["new", "cur"] as const;

export function createMaildirSource(settings: MaildirSettings): Source {
  const path = resolve(settings.path);
  return {
    name: `maildir:${path}`,
    list: settings.list ?? null,
    read: (options) => follow(path, settings.pollSeconds * 1000, options),
  };
}

async function* follow(path: string, pollMs: number, options: ReadOptions): AsyncGenerator<Batch> {
  const folders = FOLDERS.map((folder) => join(path, folder));
  const waker = watchPaths(options.follow ? folders : [], options.signal);
  let position = (options.from as MaildirPosition | null) ?? { since: 0, recent: [] };
  let live = options.from !== null;
  let lastLook = "";
  try {
    while (!options.signal.aborted) {
      const state = await directoryState(folders);
      if (state !== lastLook) {
        for await (const batch of pass(folders, position, options)) {
          position = batch.position as MaildirPosition;
          yield { ...batch, live };
        }
        lastLook = state;
      }
      if (!options.follow) return;
      live = true;
      await waker.wait(pollMs);
    }
  } finally {
    waker.close();
  }
}

/** Changes whenever a file comes, goes or is renamed. */
async function directoryState(folders: readonly string[]): Promise<string> {
  const stats = await Promise.all(folders.map((folder) => stat(folder, { bigint: true })));
  return stats.map((one) => `${one.mtimeNs} ${one.ino}`).join(" ");
}

async function* pass(
  folders: readonly string[],
  start: MaildirPosition,
  options: ReadOptions,
): AsyncGenerator<Omit<Batch, "live">> {
  let messages: SourceMessage[] = [];
  let position = start;
  for (const entry of await listEntries(folders, start)) {
    if (options.signal.aborted) return;
    const message = await readEntry(entry, options.limits.messageBytes);
    if (message === null) continue;
    messages.push(message);
    position = advance(position, entry);
    if (!isFull(messages)) continue;
    yield { messages, position };
    messages = [];
  }
  if (position !== start) yield { messages, position };
}

async function listEntries(folders: readonly string[], position: MaildirPosition): Promise<Entry[]> {
  const recent = new Set(position.recent.map(withoutTime));
  const entries: Entry[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder)) {
      if (name.startsWith(".")) continue;
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (!found?.isFile() || found.ctimeMs < position.since - OVERLAP_MS) continue;
      const unique = name.replace(/:2,.*$/, "");
      if (!recent.has(unique)) entries.push({ path, unique, changed: found.ctimeMs, size: found.size });
    }
  }
  return entries.sort((a, b) => a.changed - b.changed || (a.unique < b.unique ? -1 : 1));
}

/** Names are kept with their time, `ms name`, so that old ones can be let go. */
function advance(position: MaildirPosition, entry: Entry): MaildirPosition {
  const since = Math.max(position.since, entry.changed);
  const names = [...position.recent, `${Math.ceil(entry.changed)} ${entry.unique}`];
  return { since, recent: names.filter((name) => Number.parseInt(name, 10) >= since - OVERLAP_MS) };
}

function withoutTime(name: string): string {
  return name.slice(name.indexOf(" ") + 1);
}

/** Null when a mail reader moved or deleted it since the listing: if moved, it is found there next time. */
async function readEntry(entry: Entry, limit: number): Promise<SourceMessage | null> {
  try {
    if (entry.size <= limit) return wholeMessage(await readFile(entry.path), entry.unique);
    const bytes = headerOf(await readStart(entry.path));
    return { ...wholeMessage(bytes, entry.unique), oversized: true, size: entry.size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
