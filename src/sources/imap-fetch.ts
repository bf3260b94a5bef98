/** Fetching messages by UID, none larger than the limit, none silently lost. */
import type { FetchMessageObject, FetchQueryObject } from "imapflow";
import type { ImapSession } from "./imap-session.ts";
import { wholeMessage, type ReadOptions, type SourceMessage } from "./source.ts";

export interface FetchMemory {
  /** How often a message that is there came without its bytes, by UID. */
  readonly failures: Map<number, number>;
}

export interface FetchOptions {
  readonly limits: ReadOptions["limits"];
  readonly known?: ReadOptions["known"] | undefined;
  /** Those whose size has to be asked for before they are fetched. */
  readonly large: ReadonlySet<number>;
  readonly memory: FetchMemory;
}

/** After so many reconnects for one message the others go on without it. */
const TRIES = 3;
const FETCH_LIMIT_MS = 300_000;

/** The messages of these UIDs, ascending, without those that are known or gone. */
export async function fetchMessages(
  session: ImapSession,
  uids: readonly number[],
  options: FetchOptions,
): Promise<SourceMessage[]> {
  const wanted = await withoutKnown(session, uids, options.known);
  const suspects = wanted.filter((uid) => options.large.has(uid));
  const sizes = await fetchAll(session, suspects, { uid: true, size: true });
  const tooLarge = uidsOf(sizes.filter((one) => (one.size ?? 0) > options.limits.messageBytes));
  const rest = wanted.filter((uid) => !tooLarge.includes(uid));
  const headers = await fetchAll(session, tooLarge, { uid: true, size: true, headers: true });
  // Whole, not `BODY[]<0.N>`: public-inbox' server never answers that. The sizes were asked before, and the
  // connection ends on a literal far above them.
  const bodies = await fetchAll(session, rest, { uid: true, source: true });
  const messages = [...headers.map(oversized), ...bodies.flatMap((one) => whole(one, options.limits))];
  const places = new Set(messages.map((message) => message.place));
  const missing = rest.filter((uid) => !places.has(placeOf(uid)));
  for (const uid of missing) messages.push(...(await explainMissing(session, uid, options.memory)));
  return messages.sort((a, b) => uidIn(a) - uidIn(b));
}

function uidsOf(messages: readonly FetchMessageObject[]): number[] {
  return messages.map((one) => one.uid);
}

/** imapflow forbids commands inside a running FETCH: everything is collected first. */
async function fetchAll(
  session: ImapSession,
  uids: readonly number[],
  query: FetchQueryObject,
): Promise<FetchMessageObject[]> {
  if (uids.length === 0) return [];
  return session.run(async (client) => {
    const found: FetchMessageObject[] = [];
    for await (const one of client.fetch(uids.join(","), query, { uid: true })) found.push(one);
    return found;
  }, FETCH_LIMIT_MS);
}

async function withoutKnown(
  session: ImapSession,
  uids: readonly number[],
  known: FetchOptions["known"],
): Promise<readonly number[]> {
  if (known === undefined) return uids;
  const messages = await fetchAll(session, uids, { uid: true, envelope: true });
  const idOf = (one: FetchMessageObject) => one.envelope?.messageId?.replace(/^<|>$/g, "") ?? "";
  const stored = await known(messages.map(idOf).filter((id) => id !== ""));
  return uidsOf(messages.filter((one) => !stored.has(idOf(one))));
}

function whole(one: FetchMessageObject, limits: ReadOptions["limits"]): SourceMessage[] {
  // Dovecot answers without the bytes when the file is gone behind its back: that is no empty mail.
  if (one.source === undefined || one.source.length === 0) return [];
  if (one.source.length <= limits.messageBytes) return [wholeMessage(one.source, placeOf(one.uid))];
  return [oversized({ ...one, headers: one.source, size: one.source.length })];
}

function oversized(one: FetchMessageObject): SourceMessage {
  const bytes = one.headers ?? Buffer.alloc(0);
  return { ...wholeMessage(bytes, placeOf(one.uid)), oversized: true, size: one.size ?? bytes.length };
}

/** Nothing for a message that was expunged meanwhile. Rejects, so that it is tried again on a new connection. */
async function explainMissing(
  session: ImapSession,
  uid: number,
  memory: FetchMemory,
): Promise<SourceMessage[]> {
  const found = await session.run((client) => client.search({ uid: String(uid) }, { uid: true }));
  if (found === false || found === undefined) throw new Error("the IMAP server refused to search");
  if (!found.includes(uid)) return [];
  const failures = (memory.failures.get(uid) ?? 0) + 1;
  memory.failures.set(uid, failures);
  const reason = `the IMAP server gives no bytes for uid ${uid}`;
  if (failures < TRIES) throw new Error(reason);
  return [{ ...wholeMessage(Buffer.alloc(0), placeOf(uid)), unreadable: reason }];
}

function placeOf(uid: number): string {
  return `uid ${uid}`;
}

function uidIn(message: SourceMessage): number {
  return Number(message.place.slice("uid ".length));
}
