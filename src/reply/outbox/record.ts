/**
 * A mail of avicbot before, while and after it is sent. Its bytes, Date and Message-ID are fixed when the
 * record is made, so that sending it a second time can never make a second mail.
 */
import { createHash } from "node:crypto";

/**
 * `held`: a person decides. `intent`: goes out when it is due. `sending`: DATA has begun and nobody knows what
 * came of it until the server or the list says so. `sent`: the server took it. `echoed`: it was seen on the
 * list. `refused`: the server said no for good. `dropped`: it must not go out any more. `recorded`: dry-run.
 */
export const OUTBOX_STATES = [
  "held",
  "intent",
  "sending",
  "sent",
  "echoed",
  "refused",
  "dropped",
  "recorded",
] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/** A reply in the thread, its correction, the answer to a command, or word to the moderators. */
export type OutboxKind = "reply" | "correction" | "answer" | "notice";

export interface Rejection {
  readonly address: string;
  readonly text: string;
}

/** A report that the mail did not reach somebody. */
export interface Bounce {
  /** Message-ID of the report. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface ToldFinding {
  /** Stands for the finding, however its sentence is worded. */
  readonly key: string;
  readonly text: string;
}

export interface OutboxRecord {
  readonly key: string;
  readonly kind: OutboxKind;
  /** Key of the series it speaks of. */
  readonly series: string | null;
  /** Stands for the thread; counted by the limits. */
  readonly thread: string;
  readonly messageId: string;
  /** Ids of which one own answer is enough: those of the series' parts. */
  readonly answered: readonly string[];
  /** What it tells of findings; null where only the mail is known. */
  readonly findings: readonly ToldFinding[] | null;
  /** The exact bytes, lines ending in CRLF, as a byte string. */
  readonly mail: string;
  /** SHA-256 of the bytes, hex. */
  readonly checksum: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Lists among the recipients. */
  readonly lists: readonly string[];
  readonly state: OutboxState;
  /** Why it is where it is. */
  readonly reason: string | null;
  readonly approvedBy: string | null;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly changedAt: number;
  /** When it is looked at again; null: not by itself. */
  readonly dueAt: number | null;
  /** When the first try was made. */
  readonly firstTryAt: number | null;
  readonly tries: number;
  /** Since when its outcome is unknown. */
  readonly sendingSince: number | null;
  /** How often the same bytes were given to a server after an unknown outcome. */
  readonly resends: number;
  readonly accepted: readonly string[];
  readonly rejected: readonly Rejection[];
  /** What the server said when it took it. */
  readonly response: string | null;
  readonly bounces: readonly Bounce[];
}

export interface NewMail {
  readonly key: string;
  readonly kind: OutboxKind;
  readonly series?: string | null;
  readonly thread: string;
  readonly messageId: string;
  readonly answered?: readonly string[];
  readonly findings?: readonly ToldFinding[];
  readonly bytes: Uint8Array;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly lists?: readonly string[];
  readonly state: "held" | "intent" | "recorded" | "echoed";
  readonly reason: string | null;
  readonly now: number;
}

export function mailChecksum(mail: string): string {
  return createHash("sha256").update(Buffer.from(mail, "latin1")).digest("hex");
}

/** Whether the bytes are still those the record was made with. */
export function isIntact(record: OutboxRecord): boolean {
  return mailChecksum(record.mail) === record.checksum;
}

export function newRecord(mail: NewMail): OutboxRecord {
  const text = Buffer.from(mail.bytes).toString("latin1");
  return {
    key: mail.key,
    kind: mail.kind,
    series: mail.series ?? null,
    thread: mail.thread,
    messageId: mail.messageId,
    answered: mail.answered ?? [],
    findings: mail.findings ?? null,
    mail: text,
    checksum: mailChecksum(text),
    sender: mail.sender,
    recipients: mail.recipients,
    lists: mail.lists ?? [],
    state: mail.state,
    reason: mail.reason,
    approvedBy: null,
    createdAt: mail.now,
    changedAt: mail.now,
    dueAt: mail.state === "intent" ? mail.now : null,
    firstTryAt: null,
    tries: 0,
    sendingSince: null,
    resends: 0,
    accepted: [],
    rejected: [],
    response: null,
    bounces: [],
  };
}

/** Clocks of several hosts differ by less. */
const SKEW_MS = 60_000;

/**
 * Whether it is time to look at it. What was put off by a clock that was ahead, and was set back since, would else wait
 * until that clock's time.
 */
export function isDue({ dueAt, changedAt }: Pick<OutboxRecord, "dueAt" | "changedAt">, now: number): boolean {
  return dueAt !== null && (dueAt <= now || changedAt > now + SKEW_MS);
}

/** The record with other recipients and the bytes that name them. Only for a mail that no server has seen. */
export function withMail(
  record: OutboxRecord,
  mail: Pick<NewMail, "bytes" | "recipients" | "now"> & { readonly lists: readonly string[] },
): OutboxRecord {
  const text = Buffer.from(mail.bytes).toString("latin1");
  const { recipients, lists, now } = mail;
  return { ...record, mail: text, checksum: mailChecksum(text), recipients, lists, changedAt: now };
}
