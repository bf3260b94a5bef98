/** Mails of avicbot that are no reviews, as records of the same outbox: answers to commands, and notices. */
import { letterEnvelope, type LetterOptions } from "../../reply/envelope.ts";
import { composeBytes } from "../../reply/outbox/compose.ts";
import { newRecord, type OutboxRecord } from "../../reply/outbox/record.ts";
import { hashOf } from "../../store/keys.ts";
import type { ReplyContext } from "./facts.ts";
import { signerOf } from "./signer.ts";

export interface Letter extends Pick<LetterOptions, "to" | "subject" | "target"> {
  readonly kind: "answer" | "notice";
  /** Key of the series it speaks of: an answer to it finds that series. */
  readonly series: string | null;
  /** What it is for: one letter each. */
  readonly identity: string;
  readonly body: string;
}

export function letterKey({ kind, identity }: Pick<Letter, "kind" | "identity">): string {
  return hashOf(`${kind} ${identity}`);
}

/** Null: no sender is set, or the mail it answers has no usable id. */
export async function letterRecord(
  { config, db }: ReplyContext,
  letter: Letter,
): Promise<OutboxRecord | null> {
  const { from: sender, name } = config.mail;
  if (sender === undefined) return null;
  const now = db.now();
  const identity = `${letter.kind} ${letter.identity}`;
  const from = { name, address: sender };
  const envelope = letterEnvelope({ ...letter, from, identity, date: new Date(now).toISOString() });
  if (envelope === null) return null;
  const dry = config.mode === "dry-run";
  return newRecord({
    key: letterKey(letter),
    kind: letter.kind,
    series: letter.series,
    thread: envelope.references[0] ?? envelope.messageId,
    messageId: envelope.messageId,
    bytes: await composeBytes(envelope, letter.body, signerOf(config)),
    sender,
    recipients: [letter.to.address],
    state: dry ? "recorded" : "intent",
    reason: dry ? "dry-run: rendered, never sent" : null,
    now,
  });
}
