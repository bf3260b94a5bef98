/** Who gets the reply and where it stands in the thread. */
import { createHash } from "node:crypto";
import type { Review } from "../review/types.ts";
import { cleanLine, isUsableId } from "./clean.ts";
import {
  recipientsOf,
  usableBoxes,
  type Addressed,
  type Mailbox,
  type RecipientOptions,
} from "./recipients.ts";

/** What the reply needs of the mail it answers; a parsed `Message` fits. */
export interface ReplyTarget extends Addressed {
  readonly messageId: string | null;
  readonly subject: string;
  readonly references: readonly string[];
  readonly inReplyTo: readonly string[];
  /** ISO 8601. */
  readonly date: string | null;
  /** Byte string: the body as `git am` would see it. */
  readonly patchText: string;
}

export interface EnvelopeOptions extends RecipientOptions {
  readonly from: Mailbox;
  /** ISO 8601; without it the date of the mail answered. */
  readonly date?: string;
  /** The own reply that this one corrects: it stands below that, and goes to whom the patch says. */
  readonly corrects?: Pick<ReplyTarget, "messageId" | "references" | "inReplyTo">;
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

function replyReferences(
  { references, inReplyTo }: Pick<ReplyTarget, "references" | "inReplyTo">,
  parent: string,
): string[] {
  const known = references.length > 0 ? references : inReplyTo;
  const ids = [...new Set([...known.filter(isUsableId).filter((id) => id !== parent), parent])];
  return ids.length <= LAST_REFERENCES + 1 ? ids : [ids[0] as string, ...ids.slice(-LAST_REFERENCES)];
}

function replySubject(subject: string): string {
  const bare = cleanLine(subject, 500).replace(/^(?:re:\s*)+/i, "");
  return `Re: ${bare}`;
}

function ownMessageId(identity: string, from: Mailbox): string {
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 32);
  return `avicbot.${hash}@${from.address.split("@").pop() ?? "localhost"}`;
}

/**
 * The same review of the same version of a series gives the same id, so that it can never be sent twice; so
 * does a correction of the same mail.
 */
export function replyMessageId(review: Review, from: Mailbox, corrects: string | null = null): string {
  const correction = corrects === null ? [] : [`corrects ${corrects}`];
  const identity = [review.series.messageId ?? "", review.series.version, review.digest, ...correction];
  return ownMessageId(identity.join("\n"), from);
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
    to: usableBoxes([options.to]),
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
  const { from, corrects } = options;
  const answered = corrects ?? target;
  const parent = answered.messageId;
  if (parent === null || !isUsableId(parent))
    return { ok: false, reason: "the mail has no usable Message-ID" };
  const { to, cc } = recipientsOf(target, options);
  if (to.length === 0) return { ok: false, reason: "the author's address cannot be written to" };
  const date = new Date(options.date ?? target.date ?? 0);
  if (Number.isNaN(date.getTime())) return { ok: false, reason: "the date cannot be read" };
  const references = replyReferences(answered, parent);
  const messageId = replyMessageId(review, from, corrects === undefined ? null : parent);
  const subject = replySubject(target.subject);
  return { ok: true, envelope: { messageId, inReplyTo: parent, references, subject, from, to, cc, date } };
}
