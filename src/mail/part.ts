/** A mail as a candidate for a series: what assembling needs to know of it. */
import { createHash } from "node:crypto";
import { type Classification, type ClassifyOptions, carriesDiff, classify } from "./classify.ts";
import type { Message } from "./message.ts";
import type { SubjectTag } from "./subject.ts";

export interface Part {
  readonly message: Message;
  readonly subject: SubjectTag;
  readonly kind: Classification["kind"];
  /** The Message-ID, or one made from the bytes for a file that has none. */
  readonly id: string;
  /** Who sent it, in lower case; the same for all files without a Message-ID. */
  readonly author: string;
  /** Ids it answers directly. */
  readonly parents: readonly string[];
  /** One `git send-email` or `b4 send` run: equal for its mails, and the number of the mail in it. */
  readonly batch: { readonly key: string; readonly number: number } | null;
  /** Milliseconds since 1970, or null. */
  readonly time: number | null;
}

const NO_ID = "files without Message-ID";

/** The id that stands for a message: its Message-ID, or `<sha1 of the bytes>@no-message-id.invalid`. */
export function messageKey(message: Message): string {
  if (message.messageId !== null) return message.messageId;
  return `${createHash("sha1").update(message.bytes).digest("hex")}@no-message-id.invalid`;
}

export function makePart(message: Message, options: ClassifyOptions): { part: Part; reason: string } {
  const { kind, reason, subject } = classify(message, options);
  const id = messageKey(message);
  const time = message.date === null ? NaN : Date.parse(message.date);
  const part = {
    message,
    subject,
    kind,
    id,
    author: message.messageId === null ? NO_ID : authorOf(message),
    parents: message.inReplyTo.length > 0 ? message.inReplyTo : message.references.slice(-1),
    batch: batchOf(id),
    time: Number.isNaN(time) ? null : time,
  };
  return { part, reason };
}

/** Whether the part came as a file, so that only its counter tells where it belongs. */
export function isFile(part: Part): boolean {
  return part.author === NO_ID;
}

/**
 * The address that identifies the sender. Lists that rewrite From (`A via list <list@…>`, done for DMARC) leave
 * the person in Reply-To, or only in the name.
 */
export function authorOf(message: Message): string {
  const { from } = message;
  if (!from) return "";
  const via = /^(.*) via .+$/.exec(from.name);
  if (!via) return from.address.toLowerCase();
  // Asked for only here: recipients are read when they are first asked for.
  const own = message.replyTo.find((address) => address.address.toLowerCase() !== from.address.toLowerCase());
  return own
    ? own.address.toLowerCase()
    : `${(via[1] ?? "").toLowerCase()} via ${from.address.toLowerCase()}`;
}

/** Whether the mail holds a diff that could have been meant as a submission. */
export function holdsDiff(message: Message): boolean {
  return carriesDiff(message.patchText);
}

const BATCHES: readonly RegExp[] = [
  // git send-email: <20261102100000.1234-3-a@b>, <1473632524-8585-3-git-send-email-a@b>
  /^(?<head>\d{14}\.\d{1,10}|\d{9,11}-\d{1,10})-(?<number>\d{1,4})-(?<tail>.*)$/,
  // b4: <20261102-topic-v2-3-0123456789ab@c>
  /^(?<head>\d{8}-.{1,200}-v\d{1,3})-(?<number>\d{1,4})-(?<tail>[0-9a-f]{12}@.*)$/,
  // git format-patch --thread: <commit.1473632524.git.a@b>, <cover.1473632524.git.a@b>
  /^(?:cover|[0-9a-f]{40})\.(?<head>\d{9,11})\.git\.(?<tail>.*)$/,
];

function batchOf(id: string): Part["batch"] {
  for (const pattern of BATCHES) {
    const groups = pattern.exec(id.slice(0, 500))?.groups;
    if (groups) return { key: `${groups["head"]} ${groups["tail"]}`, number: Number(groups["number"] ?? 0) };
  }
  return null;
}
