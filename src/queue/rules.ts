/** What becomes of a mail on its own: pure, and with a reason for `avicbot why`. */
import { classify, type MailKind } from "../mail/classify.ts";
import type { Message } from "../mail/message.ts";
import type { SubjectTag } from "../mail/subject.ts";
import { firstLook } from "../sources/first-look.ts";

export type Ruling =
  /** It may be a part of a series; `concerns` whether it matters by itself. */
  | { readonly way: "part"; readonly concerns: boolean; readonly rule: string; readonly reason: string }
  /** Nothing more is kept of it than this. */
  | { readonly way: "stop"; readonly rule: string; readonly reason: string }
  /** It looks like a submission and has no place: kept and shown. */
  | { readonly way: "unplaced"; readonly rule: string; readonly reason: string };

const PART_KINDS: ReadonlySet<MailKind> = new Set(["patch", "cover", "stable-copy"]);

export function ruleOn(message: Message, own: readonly string[]): Ruling {
  const { kind, reason, subject } = classify(message, { own });
  if (PART_KINDS.has(kind)) return rulePart(message, subject, reason);
  if (kind !== "other") return { way: "stop", rule: kind, reason };
  const look = firstLook(message.bytes);
  if (!look.concerns || look.asks) return { way: "stop", rule: "no-patch", reason };
  return { way: "unplaced", rule: "unplaced", reason: `${look.reason}, but ${reason}` };
}

function rulePart(message: Message, subject: SubjectTag, reason: string): Ruling {
  if (subject.foreign !== null) {
    return { way: "stop", rule: "foreign", reason: `it is for ${subject.foreign}, not for the kernel` };
  }
  const look = firstLook(message.bytes);
  if (look.concerns) return { way: "part", concerns: true, rule: "may-concern", reason: look.reason };
  if (subject.total === null) return { way: "stop", rule: "does-not-concern", reason: look.reason };
  return { way: "part", concerns: false, rule: "part-of-series", reason: `${reason}; alone: ${look.reason}` };
}

/** A maintainer's word that a series was taken: `Applied`, `Applied to kvm-x86 svm, thanks!`, unquoted. */
export function saysApplied(message: Message, maintainers: readonly string[]): string | null {
  const from = message.from?.address.toLowerCase() ?? "";
  if (!maintainers.some((address) => address.toLowerCase() === from)) return null;
  const line = /^(?:queued|applied)\b[^\n?]{0,200}/im.exec(message.text)?.[0];
  return line === undefined || /\bnot applied\b/i.test(line) ? null : line.trim();
}
