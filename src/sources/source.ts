/**
 * What every source of messages is: a reader that goes on from a position. Delivery is at least once: a
 * position is handed out with the messages before it, and counts only when the caller has stored them. The
 * caller asks for the next batch after that. Errors end a reader; the caller begins again from the last
 * position that was stored.
 */

/** How far a source was read: plain JSON, meaningful to that source alone. */
export type SourcePosition = Readonly<Record<string, unknown>>;

export interface SourceMessage {
  /** The whole mail; of an oversized one only its header. */
  readonly bytes: Uint8Array;
  readonly oversized: boolean;
  /** In bytes, as the source knows it. */
  readonly size: number;
  /** Where it stands in the source, for people: `uid 17`. */
  readonly place: string;
  /** The source withdrew it (public-inbox); what is known of it stays. */
  readonly deleted: boolean;
  /** Why its bytes could not be had, after several tries; `bytes` is empty then. */
  readonly unreadable: string | null;
}

export interface Batch {
  readonly messages: readonly SourceMessage[];
  /** Holds when all messages so far are stored. */
  readonly position: SourcePosition;
  /** False while a new source's past is read: others go first. */
  readonly live: boolean;
}

export interface ReadOptions {
  readonly from: SourcePosition | null;
  /** Stay and wait for what comes; else end when all is read. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly limits: { readonly messageBytes: number };
  /**
   * Batches for which the bytes of mails have to hold, the latest one included: a source may then read into the same
   * memory again. Unset: as long as anybody has them.
   */
  readonly held?: number;
  /** Message-IDs among the given ones that are stored already: spares fetching them again. */
  readonly known?: (messageIds: readonly string[]) => Promise<ReadonlySet<string>>;
}

export interface Source {
  /** Stable over restarts and without secrets: names position and lease. */
  readonly name: string;
  /** Address of the list whose mail this is, if the settings say so. */
  readonly list: string | null;
  readonly read: (options: ReadOptions) => AsyncGenerator<Batch>;
}

export function wholeMessage(bytes: Uint8Array, place: string): SourceMessage {
  return { bytes, oversized: false, size: bytes.length, place, deleted: false, unreadable: null };
}

/** A batch is at most this many messages … */
export const BATCH_MESSAGES = 100;
/** … or about this many bytes. */
export const BATCH_BYTES = 4 * 1024 * 1024;

/** Of a mail too large to be read this much is, for its header. */
export const HEADER_BYTES = 256 * 1024;

/** Collects messages into batches. */
export function isFull(messages: readonly SourceMessage[]): boolean {
  if (messages.length >= BATCH_MESSAGES) return true;
  return messages.reduce((sum, message) => sum + message.bytes.length, 0) >= BATCH_BYTES;
}

/** The header of a mail, up to and with the blank line; all of it if there is none. */
export function headerOf(bytes: Buffer): Buffer {
  const lf = bytes.indexOf("\n\n");
  const crlf = bytes.indexOf("\r\n\r\n");
  const ends = [lf < 0 ? bytes.length : lf + 2, crlf < 0 ? bytes.length : crlf + 4];
  return bytes.subarray(0, Math.min(...ends));
}
