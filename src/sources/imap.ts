/**
 * IMAP folders as sources: IDLE, and a poll beside it because IDLE dies silently in the field. Read-only
 * (EXAMINE), one connection a folder. The position is (UIDVALIDITY, UID), RFC 3501 2.3.1.1; a changed
 * UIDVALIDITY begins anew and skips by Message-ID what is known.
 */
import type { ImapFlowOptions, MailboxObject } from "imapflow";
import { fetchMessages, type FetchMemory } from "./imap-fetch.ts";
import { imapOptions } from "./imap-options.ts";
import { ImapSession } from "./imap-session.ts";
import type { Batch, ReadOptions, Source, SourcePosition } from "./source.ts";

export interface ImapSettings {
  /** `imaps://user:password@host:port/`, or `imap://` (STARTTLS, or plain on loopback). No user: anonymous. */
  readonly url: string;
  readonly folder: string | readonly string[];
  readonly password?: string | undefined;
  readonly pollSeconds: number;
  readonly list?: string | undefined;
}

interface ImapPosition extends SourcePosition {
  /** As text: it may be larger than a JSON number. */
  readonly uidValidity: string;
  /** The last UID read. */
  readonly uid: number;
}

/** Messages of a batch, and how many of them may be large: that bounds what is in memory. */
const CHUNK = 250;
const CHUNK_LARGE = 25;
/** Bytes from which on the size of a message is asked for before it is fetched. */
const LARGE = 64 * 1024;
/** More than so many new messages at once are a back-fill, others go first. */
const BACKLOG = 200;

/** One source a folder. */
export function createImapSources(settings: ImapSettings): Source[] {
  const folders = typeof settings.folder === "string" ? [settings.folder] : settings.folder;
  return folders.map((folder) => {
    // Survives reconnects: a message is given up only after several.
    const memory: FetchMemory = { failures: new Map() };
    return {
      name: sourceName(settings.url, folder),
      list: settings.list ?? null,
      read: (options) => read(settings, { folder, memory }, options),
    };
  });
}

function sourceName(url: string, folder: string): string {
  const { protocol, username, host } = new URL(url);
  return `${protocol}//${username === "" ? "" : `${username}@`}${host}/${encodeURIComponent(folder)}`;
}

async function* read(
  settings: ImapSettings,
  { folder, memory }: { folder: string; memory: FetchMemory },
  options: ReadOptions,
): AsyncGenerator<Batch> {
  const session = await ImapSession.open(clientOptions(settings, options), options.signal);
  try {
    const mailbox = await openFolder(session, folder);
    yield* readFolder({ session, mailbox, folder, memory, pollMs: settings.pollSeconds * 1000 }, options);
  } finally {
    session.close();
  }
}

async function openFolder(session: ImapSession, folder: string): Promise<MailboxObject> {
  try {
    return await session.run((client) => client.mailboxOpen(folder, { readOnly: true }));
  } catch (cause) {
    const { responseText, message } = cause as { responseText?: string; message: string };
    throw new Error(`cannot open the IMAP folder ${folder}: ${responseText ?? message}`, { cause });
  }
}

interface OpenFolder {
  readonly session: ImapSession;
  readonly mailbox: MailboxObject;
  readonly folder: string;
  readonly memory: FetchMemory;
  readonly pollMs: number;
}

async function* readFolder(open: OpenFolder, options: ReadOptions): AsyncGenerator<Batch> {
  const uidValidity = open.mailbox.uidValidity.toString();
  const from = options.from as ImapPosition | null;
  let uid = from?.uidValidity === uidValidity ? from.uid : 0;
  const backfill = uid === 0;
  for (let first = true; ; first = false) {
    const news = open.session.awaitNews();
    const uids = await listFrom(open.session, uid + 1);
    const live = !(first && backfill) && uids.length <= BACKLOG;
    const known = from !== null && backfill ? options.known : undefined;
    const large = await listLarge(open.session, uids, Math.min(LARGE, options.limits.messageBytes));
    const chunks = cutChunks(uids, large);
    const fetchNext = () => {
      const chunk = chunks.shift() ?? [];
      const ahead = fetchMessages(open.session, chunk, { ...options, known, large, memory: open.memory });
      // Who comes back for it gets the error; nobody does when the reading has ended.
      ahead.catch(() => undefined);
      return { last: chunk.at(-1), ahead };
    };
    for (let next = fetchNext(); next.last !== undefined;) {
      const messages = await next.ahead;
      uid = next.last;
      // The server gives out what comes next while this is being stored.
      next = fetchNext();
      yield { messages, position: { uidValidity, uid } satisfies ImapPosition, live };
    }
    if (!options.follow || options.signal.aborted) return;
    await open.session.idle(news, open.pollMs);
    if (options.signal.aborted) return;
    await checkValidity(open, uidValidity);
  }
}

/** UIDs from there on, ascending. `N:*` always names the last message too, even a former one. */
async function listFrom(session: ImapSession, first: number): Promise<number[]> {
  const found = await session.run((client) => client.search({ uid: `${first}:*` }, { uid: true }));
  // imapflow reports a failed SEARCH as false.
  if (found === false || found === undefined) throw new Error("the IMAP server refused to search");
  return found.filter((uid) => uid >= first).sort((a, b) => a - b);
}

/**
 * Those that may be large, so that the others, nearly all, can be fetched without asking for the size of each first.
 * A server that cannot search by size (public-inbox' without Xapian) leaves all of them in question.
 */
async function listLarge(
  session: ImapSession,
  uids: readonly number[],
  larger: number,
): Promise<ReadonlySet<number>> {
  const [first] = uids;
  if (first === undefined) return new Set();
  const query = { uid: `${first}:${uids.at(-1) ?? first}`, larger };
  const found = await session.run((client) => client.search(query, { uid: true }));
  return new Set(found === false || found === undefined ? uids : found);
}

function cutChunks(uids: readonly number[], large: ReadonlySet<number>): number[][] {
  const chunks: number[][] = [];
  let chunk: number[] = [];
  let room = CHUNK_LARGE;
  for (const uid of uids) {
    const size = large.has(uid) ? 1 : 0;
    if (chunk.length === CHUNK || room < size) {
      chunks.push(chunk);
      chunk = [];
      room = CHUNK_LARGE;
    }
    chunk.push(uid);
    room -= size;
  }
  return chunk.length === 0 ? chunks : [...chunks, chunk];
}

/** A real question with data in its answer: a resolved NOOP proves nothing about the connection. */
async function checkValidity(open: OpenFolder, uidValidity: string): Promise<void> {
  const status = await open.session.run((client) => client.status(open.folder, { uidValidity: true }));
  const found = (status as { uidValidity?: bigint } | false) || null;
  if (found?.uidValidity === undefined) throw new Error(`the IMAP server does not answer for ${open.folder}`);
  if (found.uidValidity.toString() !== uidValidity) {
    throw new Error(`UIDVALIDITY of ${open.folder} changed: read again`);
  }
}

function clientOptions(settings: ImapSettings, options: ReadOptions): ImapFlowOptions {
  return {
    ...imapOptions(settings),
    socketTimeout: settings.pollSeconds * 1000 + 30_000,
    maxLiteralSize: options.limits.messageBytes * 2 + 1024 * 1024,
  };
}
