/**
 * The first look at a mail: a scan of its bytes that says in microseconds that the mail alone cannot matter,
 * because it holds neither a diff of a file the evaluation can read (`isEvaluated` has the rule) nor a word to
 * the bot. It errs only towards yes. Other parts of a series that matters may well get a no here: they matter
 * by their series, not alone.
 */
import { isEvaluated } from "../evaluated-files.ts";
import { readPatchText } from "../mail/message.ts";
import { peekHeader, type Peek } from "../mail/peek.ts";
import { decodeQuotedPrintable } from "../mail/transfer.ts";

export interface FirstLook {
  readonly concerns: boolean;
  /** It holds a word to the bot and nothing else that matters. */
  readonly asks: boolean;
  /** One sentence for `avicbot why`. */
  readonly reason: string;
}

const LF = 0x0a;
// Needles are looked for by a part that starts with a rare byte and is short: that is several times as fast.
const HASH = 0x23;
/** How a word to the bot goes on, in capitals or not. */
const COMMAND_REST = /^avicbot/i;
const NEW_NAME = Buffer.from("+++ ");
const GIT_HEADER = "diff --git ";
const GIT_MARK = Buffer.from("--git ");
/** The header of a file in a diff is not longer; what is may be anything. */
const MAX_SECTION = 4000;

const NO: FirstLook = {
  concerns: false,
  asks: false,
  reason: "no diff of a file that is evaluated and no command",
};
const DIFF: FirstLook = { concerns: true, asks: false, reason: "a diff names a file that is evaluated" };
const ASKED: FirstLook = { concerns: true, asks: true, reason: "a word to the bot" };
const UNREADABLE: FirstLook = {
  concerns: true,
  asks: false,
  reason: "its text cannot be read to the end, so it may matter",
};

/** Whether a mail may matter on its own; false is certain. */
export function mayConcern(bytes: Uint8Array, peek?: Peek | null): boolean {
  return firstLook(bytes, peek).concerns;
}

/**
 * The answer with its reason; `peek` is what the mail's header says, for who has asked already. Text that is encoded is
 * decoded only if its raw form holds no diff that matters.
 */
export function firstLook(bytes: Uint8Array, peek?: Peek | null): FirstLook {
  const raw = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = peek === undefined ? peekHeader(raw) : peek;
  const body = header === null ? raw : raw.subarray(header.bodyStart);
  const look = lookThrough(body);
  const form = look === DIFF ? "plain" : formOf(header);
  if (form === "plain") return look;
  const decoded = form === "quoted-printable" ? lookThrough(decodeQuotedPrintable(body)) : lookDecoded(raw);
  return decoded.concerns ? decoded : look;
}

function lookDecoded(raw: Buffer): FirstLook {
  const { patchText, problems } = readPatchText(raw);
  const look = lookThrough(Buffer.from(patchText, "latin1"));
  if (look === DIFF) return look;
  return problems.some(({ code }) => INCOMPLETE.has(code)) ? UNREADABLE : look;
}

/** Problems after which text may be there that was not seen. */
const INCOMPLETE = new Set(["text-cut", "too-many-parts", "too-deep", "header-cut", "unknown-encoding"]);

function lookThrough(raw: Buffer): FirstLook {
  if (namesFile(raw) || movesFile(raw)) return DIFF;
  return holdsCommand(raw) ? ASKED : NO;
}

function holdsCommand(raw: Buffer): boolean {
  for (let at = raw.indexOf(HASH); at >= 0; at = raw.indexOf(HASH, at + 1)) {
    const letter = raw[at + 1];
    const mayBe = letter === 0x41 || letter === 0x61;
    if (mayBe && COMMAND_REST.test(raw.toString("latin1", at + 1, at + 8))) return true;
  }
  return false;
}

/** Whether a `+++ ` line, or the `--- ` line before it, names a file that is evaluated, or hides its name. */
function namesFile(raw: Buffer): boolean {
  for (let at = raw.indexOf(NEW_NAME); at >= 0; at = raw.indexOf(NEW_NAME, at + NEW_NAME.length)) {
    if (!startsLine(raw, at)) continue;
    const start = at < 2 ? at : raw.lastIndexOf(LF, at - 2) + 1;
    if (isSuspect(raw, start, lineEnd(raw, at))) return true;
  }
  return false;
}

/** Whether the header behind a `diff --git` line does: renames, copies and empty files have nothing else. */
function movesFile(raw: Buffer): boolean {
  for (let at = raw.indexOf(GIT_MARK); at >= 0; at = raw.indexOf(GIT_MARK, at + GIT_MARK.length)) {
    const start = at - (GIT_HEADER.length - GIT_MARK.length);
    if (start < 0 || !startsLine(raw, start) || !raw.toString("latin1", start, at + 6).startsWith(GIT_HEADER))
      continue;
    if (isSuspect(raw, start, headerEnd(raw, at))) return true;
  }
  return false;
}

function startsLine(raw: Buffer, at: number): boolean {
  return at === 0 || raw[at - 1] === LF;
}

function lineEnd(raw: Buffer, at: number): number {
  const lf = raw.indexOf(LF, at);
  return lf < 0 ? raw.length : lf;
}

/** The first letters of the lines that may follow `diff --git`: `rename from`, `similarity index`, `old mode` … */
const HEADER_LINE = new Set(Buffer.from("cdinorsGB-+"));

/** The end of the last line of a header of git that holds the byte at `at`. */
function headerEnd(raw: Buffer, at: number): number {
  let end = lineEnd(raw, at);
  while (end < raw.length && end - at <= MAX_SECTION && HEADER_LINE.has(raw[end + 1] ?? LF)) {
    end = lineEnd(raw, end + 1);
  }
  return end;
}

function isSuspect(raw: Buffer, start: number, end: number): boolean {
  if (end - start > MAX_SECTION) return true;
  const text = raw.toString("latin1", start, end);
  // A name in quotes may be written in octal escapes.
  if (text.includes('"')) return true;
  return SCOPE.test(text) && text.split(/\r?(?:\n|$)/).some(mayNameEvaluated);
}

/** A quick word for most of what is not evaluated. */
const SCOPE = /arch\/x86\/|include\//;
const ONE_NAME = /^(?:---|\+\+\+|(?:rename|copy) (?:from|to|old|new)) ([^\t]*)/;

/** A name up to its time stamp, or the two behind `diff --git`, which nobody can tell apart if they have blanks. */
function mayNameEvaluated(line: string): boolean {
  const one = ONE_NAME.exec(line)?.[1];
  if (one !== undefined) return mayBeEvaluated(one);
  if (!line.startsWith(GIT_HEADER)) return false;
  const two = line.slice(GIT_HEADER.length).trimEnd().split(" ");
  return two.length === 2 ? two.some(mayBeEvaluated) : SCOPE.test(line);
}

/** A path with a prefix (`a/`, `linux-6.1.orig/`) or without. */
function mayBeEvaluated(name: string): boolean {
  return isEvaluated(name) || isEvaluated(name.slice(name.indexOf("/") + 1));
}

const PLAIN = /^\s*(?:7bit|8bit|binary)?\s*$/i;
const QUOTED = /^\s*quoted-printable\s*$/i;
/** Parts, and charsets in which ASCII text is not its own bytes. */
const ODD_TYPE = /multipart|message|utf-?(?:7|16|32)|iso-2022|application/i;

type Form = "plain" | "quoted-printable" | "other";

/** Whether the body's text is its bytes, or how it is hidden: encoded, in parts, in a wide charset, or nobody knows. */
function formOf(header: Peek | null): Form {
  const type = header?.value("content-type");
  const encoding = header?.value("content-transfer-encoding");
  if (type === undefined || encoding === undefined || ODD_TYPE.test(type ?? "")) return "other";
  if (PLAIN.test(encoding ?? "")) return "plain";
  return QUOTED.test(encoding ?? "") ? "quoted-printable" : "other";
}
