/**
 * Bytes to message. Reads bytes itself because MIME libraries unflow format=flowed (which destroys patches),
 * recode what `git am` takes as it is, and disagree on which of two equal headers counts.
 *
 * Rules: of several fields of one name the first with a usable value counts; line ends are CRLF, LF, or CR if
 * the mail has no LF at all; time and memory are linear in the size.
 */
import { type Address, parseAddresses } from "./addresses.ts";
import { ownTextOf, patchTextOf } from "./body.ts";
import { displayText, withoutControls } from "./charset.ts";
import { parseDate } from "./dates.ts";
import { decodeHeaderText } from "./encoded-words.ts";
import { type HeaderBlock, allValues, firstValue, readHeader, fieldsByName } from "./headers.ts";
import { isAnswerable, parseIds, parseMessageId } from "./ids.ts";
import { findLeaves, type Leaf } from "./parts.ts";
import type { Problem } from "./problem.ts";

export interface Message {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Without brackets; null if the mail has none. Byte string, exactly as it stands. */
  readonly messageId: string | null;
  /** Whether the id may be put into In-Reply-To: printable ASCII, no blanks, at most 998 bytes. */
  readonly answerable: boolean;
  /** Decoded and without controls, as all that is shown. */
  readonly subject: string;
  readonly from: Address | null;
  readonly sender: readonly Address[];
  readonly replyTo: readonly Address[];
  /** Mail-Followup-To. */
  readonly followupTo: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  /** ISO 8601 in UTC, from the Date header, or null. */
  readonly date: string | null;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
  /** From List-Id and X-Mailing-List, in the form of a List-Id: `kvm.vger.kernel.org`. */
  readonly lists: readonly string[];
  /** All values of a field, unfolded, decoded, without controls. */
  header(name: string): string[];
  /** UTF-8 byte string with LF: the text as `git am` would get it. Decoded when first asked for. */
  readonly patchText: string;
  /** `patchText` as text for people, without controls but tab and LF. */
  readonly text: string;
  /** The part of `text` that the sender wrote: what may hold commands. */
  readonly ownText: string;
  /** What is odd about the mail. Asking decodes the body. */
  readonly problems: readonly Problem[];
}

export interface MessageLimits {
  readonly headerBytes: number;
  readonly depth: number;
  readonly parts: number;
  /** References that are kept: the first and the last ones. */
  readonly references: number;
  /** Mailboxes of one header. */
  readonly recipients: number;
  readonly textBytes: number;
}

export const MESSAGE_LIMITS: MessageLimits = {
  headerBytes: 256 * 1024,
  depth: 32,
  parts: 1000,
  references: 1000,
  recipients: 1000,
  textBytes: 16 * 1024 * 1024,
};

/** Reads a mail. Never throws: what is wrong with it is in `problems`. */
export function parseMessage(bytes: Uint8Array, limits: Partial<MessageLimits> = {}): Message {
  const all = { ...MESSAGE_LIMITS, ...limits };
  const buffer = withLineFeeds(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const header = readHeader(buffer, skipLineEnds(buffer), buffer.length, all.headerBytes);
  const problems: Problem[] = [];
  const envelope = readEnvelope(header, all, problems);
  const recipients = once(() => readRecipients(header, all.recipients));
  const body = lazyBody(buffer, header, all);
  const named = once(() => fieldsByName(header.fields));
  return {
    bytes,
    size: bytes.length,
    ...envelope,
    get sender() {
      return recipients().sender;
    },
    get replyTo() {
      return recipients().replyTo;
    },
    get followupTo() {
      return recipients().followupTo;
    },
    get to() {
      return recipients().to;
    },
    get cc() {
      return recipients().cc;
    },
    header: (name) => (named().get(name.toLowerCase()) ?? []).map(({ raw }) => showText(raw)),
    get patchText() {
      return body().patchText;
    },
    get text() {
      return readable(body().patchText);
    },
    get ownText() {
      return readable(ownTextOf(buffer, leavesOf(buffer, header, all, []), all.textBytes));
    },
    get problems() {
      const crowded = mayExceed(header, all.recipients) ? recipients().problems : [];
      return [...problems, ...crowded, ...body().problems];
    },
  };
}

/** Only the text of a mail (see `Message.patchText`) and what was wrong on the way to it. Never throws. */
export function readPatchText(
  bytes: Uint8Array,
  limits: Partial<MessageLimits> = {},
): { patchText: string; problems: readonly Problem[] } {
  const all = { ...MESSAGE_LIMITS, ...limits };
  const buffer = withLineFeeds(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const header = readHeader(buffer, skipLineEnds(buffer), buffer.length, all.headerBytes);
  const { patchText, problems } = lazyBody(buffer, header, all)();
  return { patchText, problems: header.cut ? [headerCut(all), ...problems] : problems };
}

function headerCut(limits: MessageLimits): Problem {
  return { code: "header-cut", text: `the header is longer than ${limits.headerBytes} bytes` };
}

function once<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => (computed ??= { value: compute() }).value;
}

function lazyBody(buffer: Buffer, header: HeaderBlock, limits: MessageLimits) {
  return once(() => {
    const problems: Problem[] = [];
    const leaves = leavesOf(buffer, header, limits, problems);
    return { patchText: patchTextOf(buffer, leaves, limits.textBytes, problems), problems };
  });
}

function leavesOf(buffer: Buffer, header: HeaderBlock, limits: MessageLimits, problems: Problem[]): Leaf[] {
  return findLeaves(buffer, { fields: header.fields, start: header.bodyStart }, limits, problems);
}

function readable(text: string): string {
  return displayText(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

/** Recipients are many and seldom asked for. */
type Recipients = Pick<Message, "sender" | "replyTo" | "followupTo" | "to" | "cc">;
type Body = Pick<Message, "patchText" | "text" | "ownText" | "problems">;
type Envelope = Omit<Message, "bytes" | "size" | "header" | keyof Body | keyof Recipients>;

const RECIPIENT_FIELDS = new Set(["sender", "reply-to", "mail-followup-to", "to", "cc"]);
const SHORTEST_ADDRESS = "a@b".length;

/** Whether these fields are long enough for more recipients than `limit`: only then they have to be counted. */
function mayExceed({ fields }: HeaderBlock, limit: number): boolean {
  const found = fields.filter(({ name }) => RECIPIENT_FIELDS.has(name));
  return found.reduce((sum, { raw }) => sum + raw.length, 0) > limit * SHORTEST_ADDRESS;
}

function readRecipients(header: HeaderBlock, limit: number): Recipients & { problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const mailboxes = (name: string) => readMailboxes(header, name, limit, problems);
  return {
    sender: mailboxes("sender"),
    replyTo: mailboxes("reply-to"),
    followupTo: mailboxes("mail-followup-to"),
    to: mailboxes("to"),
    cc: mailboxes("cc"),
    problems,
  };
}

function readEnvelope(header: HeaderBlock, limits: MessageLimits, problems: Problem[]): Envelope {
  const { fields } = header;
  if (header.cut) problems.push(headerCut(limits));
  const messageId = readMessageId(header, problems);
  const from = readMailboxes(header, "from", limits.recipients, problems)[0] ?? null;
  if (!from) problems.push({ code: "no-from", text: "no usable From address" });
  return {
    messageId,
    answerable: isAnswerable(messageId),
    subject: showText(allValues(fields, "subject").find((value) => value !== "") ?? "").trim(),
    from,
    date: readDate(header, problems),
    inReplyTo: parseIds(allValues(fields, "in-reply-to").join(" ")).slice(0, limits.references),
    references: readReferences(header, limits.references, problems),
    lists: readLists(header),
  };
}

function readMessageId({ fields }: HeaderBlock, problems: Problem[]): string | null {
  const ids = allValues(fields, "message-id")
    .map(parseMessageId)
    .filter((id) => id !== null);
  const messageId = ids[0] ?? null;
  if (messageId === null) problems.push({ code: "no-message-id", text: "the mail has no Message-ID" });
  if (new Set(ids).size > 1)
    problems.push({ code: "several-message-ids", text: "several Message-IDs; the first counts" });
  if (messageId !== null && !isAnswerable(messageId))
    problems.push({ code: "unanswerable-id", text: "the Message-ID cannot stand in a reply's header" });
  return messageId;
}

function readMailboxes({ fields }: HeaderBlock, name: string, limit: number, problems: Problem[]): Address[] {
  const found = allValues(fields, name).flatMap((raw) => parseAddresses(raw, limit + 1));
  if (found.length > limit)
    problems.push({
      code: "too-many-recipients",
      text: `${name}: only the first ${limit} addresses are kept`,
    });
  return found.slice(0, limit);
}

function readDate({ fields }: HeaderBlock, problems: Problem[]): string | null {
  const date = parseDate(displayText(firstValue(fields, "date") ?? ""));
  if (date === null) problems.push({ code: "no-date", text: "no usable Date" });
  return date;
}

function readReferences({ fields }: HeaderBlock, limit: number, problems: Problem[]): string[] {
  const ids = parseIds(allValues(fields, "references").join(" "));
  if (ids.length <= limit) return ids;
  problems.push({ code: "too-many-references", text: `of ${ids.length} References ${limit} are kept` });
  return [...ids.slice(0, 1), ...ids.slice(ids.length - limit + 1)];
}

function readLists({ fields }: HeaderBlock): string[] {
  const listIds = allValues(fields, "list-id").map(
    (raw) => /<([^<>\s]{1,256})>/.exec(raw)?.[1] ?? raw.trim(),
  );
  const addresses = allValues(fields, "x-mailing-list").map((raw) => raw.trim().replace("@", "."));
  const names = [...listIds, ...addresses].map((name) => name.toLowerCase());
  return [...new Set(names.filter((name) => /^[\w.+-]{1,256}$/.test(name)))];
}

function showText(raw: string): string {
  return withoutControls(decodeHeaderText(raw));
}

/** A mail whose only line ends are CR gets LF instead. */
function withLineFeeds(bytes: Buffer): Buffer {
  if (bytes.includes(0x0a) || !bytes.includes(0x0d)) return bytes;
  return Buffer.from(bytes.map((byte) => (byte === 0x0d ? 0x0a : byte)));
}

function skipLineEnds(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}
