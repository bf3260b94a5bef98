/** Delivery reports (RFC 3464): which mail could not be delivered, to whom, and why. */
import { withoutControls } from "./charset.ts";
import { firstValue, readHeader } from "./headers.ts";
import { parseMessageId } from "./ids.ts";
import type { Message } from "./message.ts";
import { findLeaves, type Leaf } from "./parts.ts";

export interface DeliveryFailure {
  readonly address: string;
  /** `failed` or `delayed` and their like, lower case. */
  readonly action: string;
  /** Enhanced status (`5.1.1`), and what the server said. */
  readonly text: string;
}

export interface DeliveryReport {
  /** Ids that the undelivered mail may have, likeliest first. */
  readonly about: readonly string[];
  readonly failures: readonly DeliveryFailure[];
}

const LIMITS = { depth: 8, parts: 100, headerBytes: 256 * 1024 };
const STATUS_BYTES = 64 * 1024;
const MAX_FAILURES = 50;

/** Null for a mail that is no report. Reports of another form name only the mail: in their own headers. */
export function readDeliveryReport(message: Message): DeliveryReport | null {
  const bytes = Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength);
  const header = readHeader(bytes, 0, bytes.length, LIMITS.headerBytes);
  const root = { fields: header.fields, start: header.bodyStart };
  const leaves = findLeaves(bytes, root, LIMITS, []);
  const status = leaves.find(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type));
  const original = leaves.find(({ type }) => /^(?:message\/rfc822|text\/rfc822-headers)$/.test(type));
  const inside = original === undefined ? null : idOf(bytes, original);
  const answered = [...message.inReplyTo, ...message.references.slice(-5)];
  if (status === undefined && inside === null && answered.length === 0) return null;
  return {
    about: [...new Set(inside === null ? answered : [inside, ...answered])],
    failures: status === undefined ? [] : failuresOf(bytes, status),
  };
}

function idOf(bytes: Buffer, { start, end }: Leaf): string | null {
  const { fields } = readHeader(bytes, start, end, LIMITS.headerBytes);
  return parseMessageId(firstValue(fields, "message-id") ?? "");
}

/** Groups of fields parted by blank lines; the first is about the message, each other about a recipient. */
function failuresOf(bytes: Buffer, { start, end }: Leaf): DeliveryFailure[] {
  const stop = Math.min(end, start + STATUS_BYTES);
  const failures: DeliveryFailure[] = [];
  for (let at = start; at < stop && failures.length < MAX_FAILURES;) {
    const { fields, bodyStart } = readHeader(bytes, at, stop, STATUS_BYTES);
    const value = (name: string) => firstValue(fields, name);
    const address = bare(value("final-recipient") ?? value("original-recipient") ?? "");
    const said = [value("status"), bare(value("diagnostic-code") ?? "")].filter((text) => text);
    if (address !== "")
      failures.push({
        address: address.slice(0, 254),
        action: oneLine(value("action") ?? "failed")
          .toLowerCase()
          .slice(0, 20),
        text: oneLine(said.join(" ")).slice(0, 300),
      });
    at = Math.max(bodyStart, at + 1);
  }
  return failures;
}

/** `rfc822; a@b` and `smtp; 550 no` without their type. */
function bare(text: string): string {
  return oneLine(text.replace(/^[a-z0-9-]{1,40}\s*;/i, ""));
}

function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, " ").trim();
}
