/** What a mail is, and why: decides whether its diff was submitted here or only quoted, copied or reported. */
import type { Message } from "./message.ts";
import { isRobot } from "./robots.ts";
import { type SubjectTag, parseSubject } from "./subject.ts";

export type MailKind =
  | "patch"
  | "cover"
  | "stable-copy"
  | "stable-notice"
  | "pull-request"
  | "reply"
  | "robot"
  | "auto-generated"
  | "bounce"
  | "own"
  | "other";

export interface Classification {
  readonly kind: MailKind;
  /** One sentence for `avicbot why`. */
  readonly reason: string;
}

/** The same with what its subject says. */
export interface Classified extends Classification {
  readonly subject: SubjectTag;
}

export interface ClassifyOptions {
  /** Further robots' addresses. */
  readonly robots?: readonly string[];
  /** The bot's own addresses. */
  readonly own?: readonly string[];
}

const DIFF = /^(?:diff --git \S|--- \S[^\n]*\n\+\+\+ \S[^\n]*\n@@)/m;
const STABLE_FAILED = /^FAILED: patch\b|\bfailed to apply to \d+\.\d+|\bhas been added to (?:the )?\d+\.\d+/i;
const PULL_BODY = /^The following changes since commit [0-9a-f]{7,64}/m;

/** Whether the text holds a diff that is not quoted: the first column counts. */
export function carriesDiff(patchText: string): boolean {
  return DIFF.test(patchText);
}

/** Says what a mail is. The sender is judged before the subject, the subject before the text. */
export function classify(message: Message, options: ClassifyOptions = {}): Classified {
  const subject = parseSubject(message.subject);
  const found = bySender(message, options) ?? bySubject(message, subject) ?? byContent(message, subject);
  return { ...found, subject };
}

function bySender(message: Message, options: ClassifyOptions): Classification | null {
  const address = message.from?.address.toLowerCase() ?? "";
  if (options.own?.some((own) => own.toLowerCase() === address))
    return { kind: "own", reason: "the bot's own address sent it" };
  if (isBounce(message, address))
    return { kind: "bounce", reason: "a delivery report or an empty return path" };
  if (isAutomatic(message))
    return { kind: "auto-generated", reason: "its header says that no person wrote it" };
  if (isRobot(address, options.robots)) return { kind: "robot", reason: `${address} is a known robot` };
  return null;
}

function isBounce(message: Message, address: string): boolean {
  return (
    message.header("return-path").some((path) => path.trim() === "<>") ||
    message.header("content-type").some((type) => /^multipart\/report\b/i.test(type.trim())) ||
    /^(?:mailer-daemon|postmaster)@/.test(address)
  );
}

/** RFC 3834. `Precedence: bulk` says nothing: every mail of a list carries it. */
function isAutomatic(message: Message): boolean {
  return (
    message.header("auto-submitted").some((value) => !/^\s*no\b/i.test(value)) ||
    message.header("precedence").some((value) => /^\s*auto_?reply\b/i.test(value)) ||
    ["x-autoreply", "x-autorespond"].some((name) => message.header(name).length > 0)
  );
}

function bySubject(message: Message, tag: SubjectTag): Classification | null {
  if (STABLE_FAILED.test(message.subject))
    return { kind: "stable-notice", reason: "a notice about a stable tree, not a submission" };
  if (tag.pull) return { kind: "pull-request", reason: "the subject says PULL" };
  if (tag.isReply)
    return { kind: "reply", reason: "the subject is a reply's; a diff in it is quoted or a suggestion" };
  if (tag.index === 0) return { kind: "cover", reason: `part 0 of ${tag.total}: a cover letter` };
  return null;
}

function byContent(message: Message, tag: SubjectTag): Classification {
  const { patchText } = message;
  if (!carriesDiff(patchText)) {
    if (PULL_BODY.test(patchText)) return { kind: "pull-request", reason: "the text asks to pull" };
    return {
      kind: "other",
      reason: tag.isPatch ? "tagged as a patch, but it holds no diff" : "it holds no diff",
    };
  }
  // A file with a diff and no header is a patch of its own; among list mail only the tag makes one.
  if (!tag.isPatch && message.messageId !== null)
    return { kind: "other", reason: "it holds a diff, but the subject does not call it a patch" };
  if (tag.stable !== null || message.header("x-stable").length > 0)
    return {
      kind: "stable-copy",
      reason: `a patch for the stable tree ${tag.stable ?? "named in X-stable"}`,
    };
  return { kind: "patch", reason: "the subject says PATCH and the text holds a diff" };
}
