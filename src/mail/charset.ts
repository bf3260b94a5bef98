/**
 * Bytes to text. A *byte string* is a JS string with one char (0..255) a byte; decoding names a charset as
 * mails do, with the aliases of mailers that TextDecoder does not know.
 */
import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";

const ALIASES = new Map([
  ["ascii", "us-ascii"],
  ["latin-1", "iso-8859-1"],
  ["cp936", "gbk"],
  ["ms936", "gbk"],
  ["cp949", "euc-kr"],
  ["cp932", "shift_jis"],
  ["utf_8", "utf-8"],
  ["utf8mb4", "utf-8"],
  ["unicode-1-1-utf-8", "utf-8"],
]);

/** One byte a character: bytes that are valid UTF-8 all through are practically never meant as one of these. */
const SINGLE_BYTE = /^(?:windows-|iso-8859-|koi8|macintosh|ibm866|x-mac)/;

/** Undefined stands for a label that was tried and is not known. */
const decoders = new Map<string, TextDecoder | undefined>();
const MAX_DECODERS = 200;

export interface Decoded {
  readonly text: string;
  /** False when the charset is unknown and the bytes are not UTF-8 either. */
  readonly known: boolean;
}

/** The bytes of a byte string. */
export function bytesOf(byteString: string): Buffer {
  return Buffer.from(byteString, "latin1");
}

/** A byte string shown as text: UTF-8 where it is valid, else each byte as in windows-1252. */
export function displayText(text: string): string {
  return isPlain(text) ? text : decodeBytes(bytesOf(text), "").text;
}

/** Decodes bytes whose header claims `label`; an empty label, ASCII and unknown ones guess UTF-8, then Latin 1. */
export function decodeBytes(bytes: Buffer, label: string): Decoded {
  const decoder = decoderFor(label);
  const valid = isUtf8(bytes);
  if (decoder && !(valid && SINGLE_BYTE.test(decoder.encoding))) {
    const western = decoder.encoding === "windows-1252";
    return { text: western ? decodeWestern(bytes) : decoder.decode(bytes), known: true };
  }
  const text = valid ? bytes.toString("utf8") : decodeWestern(bytes);
  return { text, known: decoder !== undefined || isGuess(label) };
}

/** 0x80 to 0x9f of windows-1252, which TextDecoder of Node 20 takes for Latin 1's controls. */
const WESTERN =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

function decodeWestern(bytes: Buffer): string {
  const units = Buffer.alloc(2 * bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const unit = byte >= 0x80 && byte <= 0x9f ? WESTERN.charCodeAt(byte - 0x80) : byte;
    units[2 * at] = unit & 0xff;
    units[2 * at + 1] = unit >> 8;
  }
  return units.toString("utf16le");
}

/**
 * Body bytes as a UTF-8 byte string. Bytes that are ASCII, claim UTF-8 or no usable charset stay exactly as
 * they are, valid or not: a patch is judged on its bytes.
 */
export function utf8Bytes(bytes: Buffer, label: string): Decoded {
  const decoder = decoderFor(label);
  const wide = decoder !== undefined && /^(?:utf-16|iso-2022)/.test(decoder.encoding);
  const asIs = !decoder || decoder.encoding === "utf-8" || (!wide && isAscii(bytes));
  if (asIs) return { text: bytes.toString("latin1"), known: decoder !== undefined || isGuess(label) };
  return { text: Buffer.from(decodeBytes(bytes, label).text, "utf8").toString("latin1"), known: true };
}

function isGuess(label: string): boolean {
  const name = normalise(label);
  return name === "" || name === "us-ascii";
}

function normalise(label: string): string {
  const name = label.trim().toLowerCase().slice(0, 60);
  return ALIASES.get(name) ?? name;
}

function decoderFor(label: string): TextDecoder | undefined {
  const name = normalise(label);
  if (isGuess(name)) return undefined;
  if (!decoders.has(name)) {
    if (decoders.size >= MAX_DECODERS) decoders.clear();
    decoders.set(name, makeDecoder(name));
  }
  return decoders.get(name);
}

function makeDecoder(name: string): TextDecoder | undefined {
  try {
    return new TextDecoder(name, { ignoreBOM: true });
  } catch {
    return undefined;
  }
}

/** Only printable ASCII, tab, CR and LF: nothing to decode. */
function isPlain(text: string): boolean {
  return !/[^\t\n\r -~]/.test(text);
}

/** C0 and C1 controls and DEL, line ends among them, become blanks: nothing shown may start a new header line. */
export function withoutControls(text: string): string {
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
    ? text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    : text;
}
