/** The reply as the bytes of a mail. Loaded only where a mail is made: nodemailer is big. */
import MimeNode from "nodemailer/lib/mime-node";
import type { Envelope, Mailbox } from "./envelope.ts";

function mailDate(date: Date): string {
  return date.toUTCString().replace("GMT", "+0000");
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

/** Copies, because MimeNode writes into the objects it is given. */
function mailboxes(boxes: readonly Mailbox[]): { name: string; address: string }[] {
  return boxes.map(({ name, address }) => ({ name, address }));
}

/**
 * Header block by nodemailer (RFC 2047 words, folding), body as it is: nodemailer would send a body with
 * lines over 76 characters as quoted-printable, which no reader of a plain-text table wants.
 */
export function composeMail(envelope: Envelope, body: string): string {
  const node = new MimeNode("text/plain; charset=utf-8");
  node.setHeader("From", mailboxes([envelope.from]));
  node.setHeader("To", mailboxes(envelope.to));
  if (envelope.cc.length > 0) node.setHeader("Cc", mailboxes(envelope.cc));
  node.setHeader("Subject", envelope.subject);
  node.setHeader("Date", mailDate(envelope.date));
  node.setHeader("Message-ID", `<${envelope.messageId}>`);
  node.setHeader("In-Reply-To", `<${envelope.inReplyTo}>`);
  node.setHeader("References", envelope.references.map((id) => `<${id}>`).join(" "));
  node.setHeader("Auto-Submitted", "auto-replied");
  node.setHeader("Content-Transfer-Encoding", isAscii(body) ? "7bit" : "8bit");
  const headers = node.buildHeaders().replace(/\r\n/g, "\n");
  return `${headers}\n\n${body.endsWith("\n") ? body : `${body}\n`}`;
}
