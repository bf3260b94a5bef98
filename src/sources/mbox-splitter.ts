/**
 * Takes an mbox apart while it streams in. Separators are not trusted blindly, since writers forget to quote
 * `From ` in bodies: a separator is a `From ` line with a weekday and time in it, and a header field follows; one
 * of those that start headers, if no blank line stands before. What `git format-patch` writes (`From <commit> Mon Sep 17 00:00:00 2001`) separates only
 * in a file that starts with such a line: elsewhere it is a patch pasted into a mail.
 */

export interface RawMessage {
  /**
   * Without the `From ` line; only the first part of the message if it is oversized. A view of the input where
   * that is possible: who keeps it for longer than the next chunk copies it, or keeps the whole chunk alive.
   */
  readonly bytes: Buffer;
  /** Whether the message is larger than the limit and was cut. */
  readonly oversized: boolean;
  /** Full size in bytes, before `>From ` is unquoted. */
  readonly size: number;
  /** Where the message's separator starts in the (unpacked) input: a position to resume from. */
  readonly offset: number;
}

export interface SplitLimits {
  /** Larger messages are cut to `headerBytes`. */
  readonly messageBytes: number;
  readonly headerBytes: number;
}

export const SPLIT_LIMITS: SplitLimits = { messageBytes: 32 * 1024 * 1024, headerBytes: 256 * 1024 };

const MARK = Buffer.from("From ");
/** Enough to see the separator and the line behind it. */
const LOOK_AHEAD = 2048;
/** Bytes of a chunk that are copied behind what is left of the one before. */
const BRIDGE = 32 * 1024;
const LF = 0x0a;
const QUOTE = 0x3e;
const GIT_SEPARATOR = /^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$/;
const DATED_SEPARATOR =
  /^From .{0,900}\b(?:mon|tue|wed|thu|fri|sat|sun),? +(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) +\d{1,2} +\d{1,2}:\d{2}(?::\d{2})? .{0,60}\d{4}\b/i;
/** Some tools write a word and no date; believed only in a file that starts like this. */
const UNDATED_SEPARATOR = /^From \S{1,200} *$/;
const FIELD = /^(?:[!-9;-~]+[ \t]*:|>From )/;

/** The fields that begin a header in archives whose writers forgot the blank line. */
const FIRST_FIELD =
  /^(?:return-path|received|from|sender|reply-to|to|date|message-id|subject|delivered-to|mime-version|content-type|x-[\w-]{1,80}):/i;

type Kind = "unknown" | "single" | "mbox" | "undated" | "mboxrd" | "git";

/** Push chunks, take messages; `end` gives the last one. Holds one message and one chunk at a time. */
export class MboxSplitter {
  private readonly limits: SplitLimits;
  private kind: Kind = "unknown";
  private pending: Buffer = Buffer.alloc(0);
  /** What `pending` was last copied into; may have room behind it. */
  private store: Buffer = Buffer.alloc(0);
  /** Offset of `pending[0]` in the input. */
  private offset = 0;
  /** Up to here `pending` holds no separator but the current message's own. */
  private scanned = 0;
  /** Where in `pending` the current message has a `>` that its writer put before `From `. */
  private quotes: number[] = [];
  /** The kept start of an oversized message, and where it began. */
  private cut: { bytes: Buffer; offset: number } | null = null;

  constructor(limits: Partial<SplitLimits> = {}) {
    this.limits = { ...SPLIT_LIMITS, ...limits };
  }

  push(chunk: Buffer): RawMessage[] {
    if (this.pending.length === 0) {
      this.pending = chunk;
      return this.take(false);
    }
    // Only the start of the chunk is copied, to end the message that began before it.
    const start = chunk.subarray(0, BRIDGE);
    this.append(start);
    const messages = this.take(false);
    if (start.length === chunk.length) return messages;
    const left = this.pending.length;
    if (left <= start.length) this.pending = chunk.subarray(start.length - left);
    else this.append(chunk.subarray(start.length));
    return [...messages, ...this.take(false)];
  }

  /** Puts bytes behind `pending`. A message of many chunks gets room for more, so that it is copied a few times only. */
  private append(bytes: Buffer): void {
    const { pending, store } = this;
    const start = pending.byteOffset - store.byteOffset;
    const length = pending.length + bytes.length;
    if (pending.buffer === store.buffer && start >= 0 && start + length <= store.length) {
      bytes.copy(store, start + pending.length);
      this.pending = store.subarray(start, start + length);
      return;
    }
    this.store = Buffer.allocUnsafeSlow(pending.length > BRIDGE ? 2 * length : length);
    pending.copy(this.store);
    bytes.copy(this.store, pending.length);
    this.pending = this.store.subarray(0, length);
  }

  end(): RawMessage[] {
    const messages = this.take(true);
    const { length } = this.pending;
    const end = this.kind === "single" ? length : withoutBlankLine(this.pending, length);
    const last = this.message(end, length);
    return last ? [...messages, last] : messages;
  }

  private take(final: boolean): RawMessage[] {
    if (this.kind === "unknown" && !this.findKind(final)) return [];
    const messages: RawMessage[] = [];
    for (let at = this.nextSeparator(final); at >= 0; at = this.nextSeparator(final)) {
      const message = this.message(withoutBlankLine(this.pending, at), at);
      if (message) messages.push(message);
    }
    this.dropOversized();
    return messages;
  }

  /** What the first line says; false while it is not all there. */
  private findKind(final: boolean): boolean {
    let start = 0;
    while (this.pending[start] === LF || this.pending[start] === 0x0d) start++;
    if (!final && this.pending.length < start + LOOK_AHEAD) return false;
    this.discard(start);
    const [first, second] = twoLines(this.pending, 0);
    const mbox = first.startsWith("From ") && FIELD.test(second);
    if (!mbox) this.kind = "single";
    else if (GIT_SEPARATOR.test(first)) this.kind = "git";
    else if (first.startsWith("From mboxrd@z ")) this.kind = "mboxrd";
    else this.kind = UNDATED_SEPARATOR.test(first) ? "undated" : "mbox";
    return true;
  }

  /** Position in `pending` of the next separator behind the current message's own; -1 if it is not there yet. */
  private nextSeparator(final: boolean): number {
    if (this.kind === "single") return -1;
    for (;;) {
      const found = this.pending.indexOf(MARK, this.scanned);
      const unsure = found < 0 || (!final && this.pending.length < found + LOOK_AHEAD);
      if (unsure) {
        this.scanned = found < 0 ? Math.max(this.scanned, this.pending.length - MARK.length + 1) : found;
        return -1;
      }
      this.scanned = found + MARK.length;
      if (found > 0 && this.pending[found - 1] === LF) {
        if (this.isSeparator(found)) return found;
      } else this.noteQuote(found);
    }
  }

  private isSeparator(at: number): boolean {
    const [line, next] = twoLines(this.pending, at);
    const git = GIT_SEPARATOR.test(line);
    if (this.kind === "git") return git && FIELD.test(next);
    const afterBlank = withoutBlankLine(this.pending, at) < at;
    const undated = this.kind === "undated" && afterBlank && UNDATED_SEPARATOR.test(line);
    if (git || !(undated || DATED_SEPARATOR.test(line))) return false;
    return (afterBlank && !undated ? FIELD : FIRST_FIELD).test(next);
  }

  /** mboxrd quotes lines `From `, `>From `, `>>From ` … with one `>` more, which is to be taken away. */
  private noteQuote(found: number): void {
    if (this.kind !== "mboxrd") return;
    let start = found;
    while (this.pending[start - 1] === QUOTE) start--;
    if (start < found && (start === 0 || this.pending[start - 1] === LF)) this.quotes.push(start);
  }

  /** The message that ends at `end`; `pending` goes on at `next`. Null for nothing. */
  private message(end: number, next: number): RawMessage | null {
    const { pending, cut, offset } = this;
    const from = this.kind === "single" || cut ? 0 : lineEnd(pending, 0);
    const length = Math.max(0, end - from);
    const start = cut?.offset ?? offset;
    const size = cut ? offset + end - cut.offset : length;
    const oversized = cut !== null || size > this.limits.messageBytes;
    const kept = oversized ? Math.min(length, this.limits.headerBytes) : length;
    const bytes = cut?.bytes ?? this.unquoted(from, from + kept);
    this.cut = null;
    this.discard(next);
    return size === 0 ? null : { bytes, oversized, size, offset: start };
  }

  /** That extent of `pending`, without the quotes noted in it. */
  private unquoted(start: number, end: number): Buffer {
    const { pending } = this;
    const quotes = this.quotes.filter((at) => at >= start && at < end);
    if (quotes.length === 0) return pending.subarray(start, end);
    const starts = [start, ...quotes.map((at) => at + 1)];
    return Buffer.concat(starts.map((from, i) => pending.subarray(from, quotes[i] ?? end)));
  }

  private discard(count: number): void {
    this.pending = this.pending.subarray(count);
    this.offset += count;
    this.scanned = 0;
    this.quotes = [];
  }

  /** Forgets what a message holds beyond the limit, while more of it comes in. */
  private dropOversized(): void {
    if (this.cut === null && this.pending.length <= this.limits.messageBytes) return;
    if (!this.cut) {
      const start = this.kind === "single" ? 0 : lineEnd(this.pending, 0);
      const head = this.unquoted(start, start + this.limits.headerBytes);
      this.cut = { bytes: Buffer.from(head), offset: this.offset };
    }
    // What may still be the blank line and the start of a separator stays.
    const { scanned } = this;
    const done = this.kind === "single" ? this.pending.length : Math.max(0, scanned - 4);
    this.discard(done);
    this.scanned = Math.max(0, scanned - done);
  }
}

/** Start of the line after the one at `from`. */
function lineEnd(bytes: Buffer, from: number): number {
  const lf = bytes.indexOf(LF, from);
  return lf < 0 ? bytes.length : lf + 1;
}

/** Position of the blank line that ends at `at`; `at` itself if there is none. */
function withoutBlankLine(bytes: Buffer, at: number): number {
  if (bytes[at - 1] !== LF) return at;
  if (bytes[at - 2] === LF) return at - 1;
  return bytes[at - 2] === 0x0d && bytes[at - 3] === LF ? at - 2 : at;
}

function twoLines(bytes: Buffer, at: number): [string, string] {
  const end = at + LOOK_AHEAD;
  const first = lineAt(bytes, at, end);
  return [first, lineAt(bytes, lineEnd(bytes, at), end)];
}

/** The line at `at` without its line end, as far as `end`. */
function lineAt(bytes: Buffer, at: number, end: number): string {
  const lf = bytes.indexOf(LF, at);
  const stop = Math.min(lf < 0 ? bytes.length : lf, end);
  const text = bytes.toString("latin1", at, Math.max(at, stop));
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
