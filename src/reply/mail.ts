/** The reply as the bytes of a mail. Loaded only where a mail is made: nodemailer is big. */
import MimeNode from "nodemailer/lib/mime-node";
import { parseAddresses } from "../mail/addresses.ts";
import type { Envelope } from "./envelope.ts";
import { LOOP_HEADER } from "./policy/automatic.ts";
import type { Mailbox } from "./recipients.ts";

const MAX_RECIPIENTS = 1000;

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
  const ascii = isAscii(body);
  const node = new MimeNode(`text/plain; charset=${ascii ? "us-ascii" : "utf-8"}`);
  node.setHeader("From", mailboxes([envelope.from]));
  node.setHeader("To", mailboxes(envelope.to));
  if (envelope.cc.length > 0) node.setHeader("Cc", mailboxes(envelope.cc));
  node.setHeader("Subject", envelope.subject);
  node.setHeader("Date", mailDate(envelope.date));
  node.setHeader("Message-ID", `<${envelope.messageId}>`);
  if (envelope.inReplyTo !== null) {
    node.setHeader("In-Reply-To", `<${envelope.inReplyTo}>`);
    node.setHeader("References", envelope.references.map((id) => `<${id}>`).join(" "));
  }
  node.setHeader("Auto-Submitted", envelope.inReplyTo === null ? "auto-generated" : "auto-replied");
  node.setHeader(LOOP_HEADER, envelope.from.address);
  node.setHeader("Content-Transfer-Encoding", ascii ? "7bit" : "8bit");
  const headers = node.buildHeaders().replace(/\r\n/g, "\n");
  return `${headers}\n\n${body.endsWith("\n") ? body : `${body}\n`}`;
}

/**
 * A mail of `composeMail` with other recipients: `next` has for each former address, in lower case, the one
 * that takes its place; an address that is not in it is left out. A signature goes, since it no longer fits.
 */
export function withRecipients(mail: string, next: ReadonlyMap<string, string>): string {
  const [, header = "", body = ""] = /^([^]*?)\r?\n\r?\n([^]*)$/.exec(mail) ?? [];
  const fields = header.split(/\r?\n(?![ \t])/).filter((field) => !/^dkim-signature:/i.test(field));
  const seen = new Set<string>();
  const edited = fields.flatMap((field) => {
    const name = /^(to|cc):/i.exec(field)?.[1];
    return name === undefined ? [field] : recipientField(name, field, { next, seen });
  });
  return `${edited.join("\n")}\n\n${body}`;
}

/** A field without any address is left out; a header may have neither To nor Cc (RFC 5322, 3.6). */
function recipientField(
  name: string,
  field: string,
  { next, seen }: { next: ReadonlyMap<string, string>; seen: Set<string> },
): string[] {
  const boxes = parseAddresses(field.slice(name.length + 1).replace(/\r?\n/g, ""), MAX_RECIPIENTS);
  const left = boxes.flatMap((box) => {
    const address = next.get(box.address.toLowerCase());
    if (address === undefined || seen.has(address.toLowerCase())) return [];
    seen.add(address.toLowerCase());
    return [{ name: address === box.address ? box.name : "", address }];
  });
  if (left.length === 0) return [];
  const node = new MimeNode("text/plain");
  node.setHeader(name, left);
  return node
    .buildHeaders()
    .split(/\r\n(?![ \t])/)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}
