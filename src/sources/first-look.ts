/**
 * The first look at a mail: a scan of its bytes that says in microseconds that the mail alone cannot matter,
 * because it holds neither a diff of a file the evaluation reads nor a word to the bot. It errs only towards
 * yes. Other parts of a series that matters may well get a no here: they matter by their series, not alone.
 */
import { readPatchText } from "../mail/message.ts";
import { decodeQuotedPrintable } from "../mail/transfer.ts";

export interface FirstLook {
  readonly concerns: boolean;
  /** It holds a word to the bot and nothing else that matters. */
  readonly asks: boolean;
  /** One sentence for `avicbot why`. */
  readonly reason: string;
}

const LF = 0x0a;
const CR = 0x0d;
/** How a word to the bot begins, in small letters. */
const COMMAND = Buffer.from("#avicbot");
const CASE_BIT = 0x20;
const NEW_NAME = Buffer.from("\n+++ ");
const GIT_HEADER = Buffer.from("\ndiff --git ");
/** Names in a diff are not longer; what is may be anything. */
const MAX_NAME_LINE = 2000;
/** A header above this is not looked through byte by byte; the reader of mails has its own cap. */
const MAX_FIELD = 1000;
const MAX_HEADER = 64 * 1024;

/**
 * KVM on x86 with all its directories, since helpers move between files; the headers of the architecture; and
 * the headers below include/ from which bits, masks and loops over them come.
 */
const PATHS =
  /arch\/x86\/kvm\/|arch\/x86\/include\/|include\/(?:linux\/(?:bit|find|const|kernel\.h|array_size|kvm|minmax|compiler|math|log2|stddef|types)|vdso\/|uapi\/linux\/(?:bits|const|kvm|stddef|types)|asm-generic\/bitops)/;

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
export function mayConcern(bytes: Uint8Array): boolean {
  return firstLook(bytes).concerns;
}

/** The answer with its reason. Text that is encoded is decoded only if its raw form gives no yes. */
export function firstLook(bytes: Uint8Array): FirstLook {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const look = lookThrough(raw);
  const form = look.concerns ? "plain" : formOf(raw);
  if (form === "plain") return look;
  // Decoding the header along with the body does no harm: it only has to show what the body says.
  if (form === "quoted-printable") return lookThrough(decodeQuotedPrintable(raw));
  const { patchText, problems } = readPatchText(bytes);
  const decoded = lookThrough(Buffer.from(`\n${patchText}`, "latin1"));
  if (decoded.concerns) return decoded;
  return problems.some(({ code }) => INCOMPLETE.has(code)) ? UNREADABLE : NO;
}

/** Problems after which text may be there that was not seen. */
const INCOMPLETE = new Set(["text-cut", "too-many-parts", "too-deep", "header-cut", "unknown-encoding"]);

function lookThrough(raw: Buffer): FirstLook {
  if (namesPath(raw, NEW_NAME) || namesPath(raw, GIT_HEADER) || startsWithDiff(raw)) return DIFF;
  return holdsCommand(raw) ? ASKED : NO;
}

/** In capitals, too. */
function holdsCommand(raw: Buffer): boolean {
  const [mark = 0, ...letters] = COMMAND;
  for (let at = raw.indexOf(mark); at >= 0; at = raw.indexOf(mark, at + 1))
    if (letters.every((letter, offset) => ((raw[at + 1 + offset] ?? 0) | CASE_BIT) === letter)) return true;
  return false;
}

/** Whether a line that starts like `mark` (or the `--- ` line before it) has one of the paths, or hides its name. */
function namesPath(raw: Buffer, mark: Buffer): boolean {
  for (let at = raw.indexOf(mark); at >= 0; at = raw.indexOf(mark, at + mark.length)) {
    const start = mark === NEW_NAME && at > 0 ? raw.lastIndexOf(LF, at - 1) + 1 : at + 1;
    if (isSuspect(raw, start, at + 1)) return true;
  }
  return false;
}

/** The header of a bare patch file stands on its first line. */
function startsWithDiff(raw: Buffer): boolean {
  const start = raw.toString("latin1", 0, 4);
  return (start === "diff" || start === "--- ") && isSuspect(raw, 0, 0);
}

function isSuspect(raw: Buffer, start: number, lastLine: number): boolean {
  const lf = raw.indexOf(LF, lastLine);
  const end = lf < 0 ? raw.length : lf;
  if (end - start > 2 * MAX_NAME_LINE) return true;
  const lines = raw.toString("latin1", start, end);
  // A name in quotes may be written in octal escapes.
  return PATHS.test(lines) || lines.includes('"');
}

const PLAIN = /^\s*(?:7bit|8bit|binary)?\s*$/i;
const QUOTED = /^\s*quoted-printable\s*$/i;
/** Parts, and charsets in which ASCII text is not its own bytes. */
const ODD_TYPE = /multipart|message|utf-?(?:7|16|32)|iso-2022|application/i;

type Form = "plain" | "quoted-printable" | "other";

/** Whether the body's text is its bytes, or how it is hidden: encoded, in parts, in a wide charset, without any LF. */
function formOf(raw: Buffer): Form {
  if (!raw.includes(LF)) return "other";
  let form: Form = "plain";
  for (let at = firstLine(raw); at < MAX_HEADER;) {
    const lf = raw.indexOf(LF, at);
    if (lf < 0 || lf === at || (lf === at + 1 && raw[at] === CR)) return form;
    const initial = raw[at] as number;
    const field = initial === 0x43 || initial === 0x63 ? fieldForm(raw, at) : "plain";
    if (field === "other" || (field !== "plain" && form !== "plain")) return "other";
    if (field !== "plain") form = field;
    at = lf + 1;
  }
  return "other";
}

/** What a field that starts with c says: Content-Transfer-Encoding and Content-Type can make the body not plain. */
function fieldForm(raw: Buffer, at: number): Form {
  const field = raw.toString("latin1", at, at + MAX_FIELD);
  const name = /^content-(transfer-encoding|type)[ \t]*:/i.exec(field);
  if (!name) return "plain";
  const value = /^(?:[^\n]|\n[ \t])*/.exec(field.slice(name[0].length))?.[0] ?? "";
  if (value.length > MAX_FIELD - 100) return "other";
  if (name[1]?.toLowerCase() === "type") return ODD_TYPE.test(value) ? "other" : "plain";
  return PLAIN.test(value) ? "plain" : QUOTED.test(value) ? "quoted-printable" : "other";
}

function firstLine(raw: Buffer): number {
  let at = 0;
  while (raw[at] === LF || raw[at] === CR) at++;
  return at;
}
