/** Which mails of an archive may be parts of a series that matters; most get a no from their bytes alone. */
import { parseMessage, type Message } from "../../mail/message.ts";
import { messageKey } from "../../mail/part.ts";
import { peekHeader, type Peek } from "../../mail/peek.ts";
import { parseSubject } from "../../mail/subject.ts";
import { mayConcern } from "../../sources/first-look.ts";
import { groupNames, groupOfId } from "../placing.ts";

/** What a mail that may be a part of a series is found by. */
export interface Consideration {
  readonly key: string;
  /**
   * What it shares with what it may be in one series with: a number for each name. Two names may have the same one, and
   * what they name is then read together; names themselves would be most of the memory of a scan.
   */
  readonly groups: readonly number[];
  /** Whether it may matter by itself. */
  readonly concerns: boolean;
}

/** A mail that may be a part of a series. */
export interface Candidate extends Consideration {
  /** A view of a chunk of the archive, which is kept alive with it: to be copied by who keeps it. */
  readonly bytes: Uint8Array;
}

export interface Span {
  /** Milliseconds since the epoch, or null. */
  readonly since: number | null;
  readonly until: number | null;
}

/** What every reply of every mailer starts with; others are recognised when they are read. */
const REPLY = /^re:/i;
/** A counter, or a subject that has to be decoded first. */
const NUMBERED = /\d\/\d|\d of \d|=\?/i;
const FIRST_IDS = 6;
const LAST_IDS = 2;

/** Null for a mail that is no part of a series that may matter. */
export function consider(mail: Uint8Array): Consideration | null {
  const bytes = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength);
  const peek = peekHeader(bytes);
  const subject = peek?.value("subject");
  if (!peek || !subject) return considerRead(bytes, mayConcern(bytes, peek));
  // A reply is no submission whatever it holds.
  if (REPLY.test(subject)) return null;
  const concerns = mayConcern(bytes, peek);
  const numbered = NUMBERED.test(subject);
  if (!concerns && !numbered) return null;
  return considerUnread(peek, { concerns, numbered }) ?? considerRead(bytes, concerns);
}

/**
 * By the ids in its header alone; null if it is one of several parts and answers nothing, so that author and
 * time have to be known.
 */
function considerUnread(
  peek: Peek,
  { concerns, numbered }: { concerns: boolean; numbered: boolean },
): Consideration | null {
  const [key] = idsIn(peek.value("message-id"));
  const answered = [...idsIn(peek.value("in-reply-to")), ...idsIn(peek.value("references"))];
  if (key === undefined || (answered.length === 0 && numbered)) return null;
  const ids = new Set([key, ...answered.slice(0, FIRST_IDS), ...answered.slice(-LAST_IDS)]);
  return { key, groups: [...ids].map((id) => numberOf(groupOfId(id))), concerns };
}

function considerRead(bytes: Buffer, concerns: boolean): Consideration {
  const message = parseMessage(bytes);
  const groups = groupNames(message, parseSubject(message.subject)).map(numberOf);
  return { key: messageKey(message), groups, concerns };
}

/** FNV-1a, of which 30 bits are kept: V8 stores such numbers in place. */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash & 0x3fffffff;
}

function idsIn(value: string | null | undefined): string[] {
  return !value ? [] : [...value.matchAll(/<([^<>\s]+)>/g)].map(([, id = ""]) => id);
}

/** Whether a mail was sent in that time; one without a date never was. */
export function isWithin(message: Message, { since, until }: Span): boolean {
  if (since === null && until === null) return true;
  const time = message.date === null ? Number.NaN : Date.parse(message.date);
  return (since === null || time >= since) && (until === null || time < until);
}
