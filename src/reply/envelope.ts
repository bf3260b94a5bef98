/** Who gets the reply and where it stands in the thread. */
import { createHash } from "node:crypto";
import type { Review } from "../review/types.ts";
import { cleanAddress, cleanLine, isUsableId } from "./clean.ts";

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** What the reply needs of the mail it answers; a parsed `Message` fits. */
export interface ReplyTarget {
  readonly messageId: string | null;
  readonly subject: string;
  readonly from: Mailbox | null;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  /** ISO 8601. */
  readonly date: string | null;
  /** Byte string: the body as `git am` would see it. */
  readonly patchText: string;
}

export interface EnvelopeOptions {
  readonly from: Mailbox;
  /** Addresses of lists that may be copied. */
  readonly lists: readonly string[];
  /** ISO 8601; without it the date of the mail answered. */
  readonly date?: string;
}

export interface Envelope {
  readonly messageId: string;
  /** Null: it begins a thread. */
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly subject: string;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly date: Date;
}

/** How many ids References keeps: the first, which is the thread's root, and the last ones. */
const LAST_REFERENCES = 20;

function replyReferences(target: Pick<ReplyTarget, "references" | "inReplyTo">, parent: string): string[] {
  const known = target.references.length > 0 ? target.references : target.inReplyTo;
  const ids = [...new Set([...known.filter(isUsableId).filter((id) => id !== parent), parent])];
  return ids.length <= LAST_REFERENCES + 1 ? ids : [ids[0] as string, ...ids.slice(-LAST_REFERENCES)];
}

function replySubject(subject: string): string {
  const bare = cleanLine(subject, 500).replace(/^(?:re:\s*)+/i, "");
  return `Re: ${bare}`;
}

function cleanMailbox(box: Mailbox | null): Mailbox[] {
  const address = box === null ? null : cleanAddress(box.address);
  return address === null ? [] : [{ name: cleanLine(box?.name ?? "", 100), address }];
}

/** The lists among the recipients of the mail answered: nobody else is copied. */
function copiedLists(target: ReplyTarget, lists: readonly string[]): Mailbox[] {
  const wanted = new Set(lists.map((list) => list.toLowerCase()));
  const seen = new Set<string>();
  return [...target.to, ...target.cc].flatMap((box) => {
    const key = box.address.toLowerCase();
    if (!wanted.has(key) || seen.has(key)) return [];
    seen.add(key);
    return cleanMailbox({ name: "", address: key });
  });
}

function ownMessageId(identity: string, from: Mailbox): string {
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 32);
  return `avicbot.${hash}@${from.address.split("@").pop() ?? "localhost"}`;
}

/** The same review of the same version of a series gives the same id, so that it can never be sent twice. */
export function replyMessageId(review: Review, from: Mailbox): string {
  const identity = [review.series.messageId ?? "", review.series.version, review.digest].join("\n");
  return ownMessageId(identity, from);
}

/** Where and to whom a mail of avicbot that is no review goes. */
export interface LetterOptions {
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  /** The mail it answers; null: none. */
  readonly target: Pick<ReplyTarget, "messageId" | "references" | "inReplyTo"> | null;
  /** What it is about: the same text gives the same Message-ID. */
  readonly identity: string;
  /** ISO 8601. */
  readonly date: string;
}

/** The envelope of an answer to one person or of a notice; null: the mail it answers has no usable id. */
export function letterEnvelope(options: LetterOptions): Envelope | null {
  const { from, target } = options;
  const parent = target?.messageId ?? null;
  if (target !== null && (parent === null || !isUsableId(parent))) return null;
  return {
    messageId: ownMessageId(options.identity, from),
    inReplyTo: parent,
    references: target === null || parent === null ? [] : replyReferences(target, parent),
    subject: target === null ? cleanLine(options.subject, 500) : replySubject(options.subject),
    from,
    to: cleanMailbox(options.to),
    cc: [],
    date: new Date(options.date),
  };
}

/** The envelope of the reply, or why this mail cannot be answered. */
export function replyEnvelope(
  review: Review,
  target: ReplyTarget,
  options: EnvelopeOptions,
): { ok: true; envelope: Envelope } | { ok: false; reason: string } {
  const parent = target.messageId;
  if (parent === null || !isUsableId(parent))
    return { ok: false, reason: "the mail has no usable Message-ID" };
  const to = cleanMailbox(target.from);
  if (to.length === 0) return { ok: false, reason: "the author's address cannot be written to" };
  const date = new Date(options.date ?? target.date ?? 0);
  if (Number.isNaN(date.getTime())) return { ok: false, reason: "the date cannot be read" };
  const author = to[0]?.address.toLowerCase();
  const cc = copiedLists(target, options.lists).filter((list) => list.address !== author);
  const references = replyReferences(target, parent);
  const messageId = replyMessageId(review, options.from);
  const subject = replySubject(target.subject);
  return {
    ok: true,
    envelope: { messageId, inReplyTo: parent, references, subject, from: options.from, to, cc, date },
  };
}
