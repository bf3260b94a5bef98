/**
 * Mail that no person wrote: it is never answered and commands in it do not count (RFC 3834, RFC 3464).
 * `Precedence: bulk` and `List-Id` stand on every mail of a list and say nothing about its author.
 */

import { isRobot } from "../../mail/robots.ts";

/** What is looked at; a parsed `Message` fits. */
export interface AutomaticCandidate {
  readonly messageId: string | null;
  readonly subject: string;
  readonly from: { readonly name: string; readonly address: string } | null;
  readonly sender: readonly { readonly address: string }[];
  readonly header: (name: string) => readonly string[];
}

export interface Identity {
  /** The bot's own addresses, lower case. */
  readonly own: readonly string[];
  /** Addresses of other bots besides those known. */
  readonly bots: readonly string[];
}

/** The header by which avicbot knows its own mails, also under another address. */
export const LOOP_HEADER = "X-Avicbot-Loop";

/** Ids of avicbot's mails begin so; see `replyMessageId`. */
const OWN_ID = /^avicbot\.[0-9a-z.-]{1,80}@/;

/** Local parts and names that no person has. */
const BOT_LOCAL_PART =
  /^(?:syzbot|tip-bot2|patchwork-bot|kernel-test-robot|mailer-daemon|postmaster|no-?reply|do-?not-?reply|bugzilla-daemon|double-bounce|[a-z0-9-]*-bot|bot)(?:[+].*)?$/;
const BOT_NAME = /^(?:kernel test robot|syzbot|kernelci\.org bot|.*patchwork-bot.*|.*\bautobuilder\b.*)/i;

function isBot(address: string, name: string, bots: readonly string[]): boolean {
  if (isRobot(address, bots)) return true;
  return BOT_LOCAL_PART.test(address.toLowerCase().split("@", 1)[0] ?? "") || BOT_NAME.test(name);
}

/** Whether this address is a bot's: it is neither answered nor listened to. */
export function isKnownBot(address: string, bots: readonly string[] = []): boolean {
  return isBot(address, "", bots);
}

/** Whether the id is of the form that avicbot gives its mails. */
export function isOwnId(messageId: string): boolean {
  return OWN_ID.test(messageId);
}

function headerReason(header: AutomaticCandidate["header"]): string | null {
  const first = (name: string) => header(name)[0]?.trim().toLowerCase() ?? "";
  const submitted = first("auto-submitted");
  if (submitted !== "" && !/^no\b/.test(submitted)) return `Auto-Submitted: ${submitted.slice(0, 40)}`;
  if (header(LOOP_HEADER.toLowerCase()).length > 0) return "a mail of avicbot itself";
  if (/^multipart\/report\b/.test(first("content-type"))) return "a delivery or disposition report";
  if (header("return-path").some((path) => path.replace(/\s/g, "") === "<>"))
    return "sent with an empty envelope sender";
  for (const name of ["x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients", "x-loop"])
    if (header(name).length > 0) return `it has the header ${name}`;
  if (/\b(?:auto[-_]reply|auto_reply|junk)\b/.test(first("precedence")))
    return "Precedence of an automatic reply";
  return null;
}

/** Subjects of machines that set no header. */
const AUTOMATIC_SUBJECT =
  /^\s*(?:auto(?:matic)?[- ]?(?:reply|response)\s{0,3}:|out of (?:the )?office|abwesenheits|undeliver(?:able|ed)|delivery status notification|returned mail|mail delivery (?:failed|system)|failure notice\b)/i;

/** Why a mail counts as sent by a machine, in a few words; null when nothing says so. */
export function automaticReason(mail: AutomaticCandidate, identity: Identity): string | null {
  if (mail.messageId !== null && isOwnId(mail.messageId)) return "a mail of avicbot itself";
  const writers = [
    ...(mail.from === null ? [] : [mail.from]),
    ...mail.sender.map((box) => ({ name: "", ...box })),
  ];
  for (const { address, name } of writers) {
    if (identity.own.includes(address.toLowerCase())) return "a mail of avicbot itself";
    if (isBot(address, name, identity.bots)) return `sent by a bot: ${address.slice(0, 80)}`;
  }
  return headerReason(mail.header) ?? (AUTOMATIC_SUBJECT.test(mail.subject) ? "an automatic answer" : null);
}
