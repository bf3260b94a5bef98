/** The header block of a mail or of a MIME part: where it ends, and its fields, unfolded but not decoded. */

/** One field; `raw` is the unfolded value as a byte string, without surrounding blanks. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  readonly raw: string;
}

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  /** Offset of the first byte of the body. */
  readonly bodyStart: number;
  /** True when fields beyond the cap were left out. */
  readonly cut: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const FIELD_NAME = /([!-9;-~]+)[ \t]*:/y;

/** Most fields are never asked for: they are unfolded when they are. */
class Field implements HeaderField {
  readonly name: string;
  readonly #text: string;
  readonly #start: number;
  #end: number;
  /** Lines that do not stand directly behind the others. */
  #apart = "";
  #raw: string | null = null;

  constructor(name: string, text: string, start: number, end: number) {
    this.name = name;
    this.#text = text;
    this.#start = start;
    this.#end = end;
  }

  continue(start: number, end: number): void {
    if (start === this.#end) this.#end = end;
    else this.#apart += this.#text.slice(start, end);
  }

  get raw(): string {
    return (this.#raw ??= unfold(this.#text.slice(this.#start, this.#end) + this.#apart));
  }
}

function unfold(lines: string): string {
  return lines.replace(/\r?\n/g, "").trim();
}

/**
 * Reads the header block of `bytes[start, end)`. As git does, the first line that is neither a field nor a
 * continuation ends the header and begins the body; an mbox `From ` line at the start, quoted or not, is
 * passed over. Fields are read up to `cap` bytes; the body still starts after the blank line.
 */
export function readHeader(bytes: Buffer, start: number, end: number, cap: number): HeaderBlock {
  const stop = Math.min(end, start + cap, afterBlankLine(bytes, start, Math.min(end, start + cap)));
  const text = bytes.toString("latin1", start, stop);
  const fields: Field[] = [];
  let at = /^>?From /.test(text) ? afterLine(text, 0) : 0;
  for (let next = at; at < text.length; at = next) {
    next = afterLine(text, at);
    if (isBlank(text, at, next)) return { fields, bodyStart: start + next, cut: false };
    const last = fields[fields.length - 1];
    FIELD_NAME.lastIndex = at;
    if (last && isContinuation(text, at)) last.continue(at, next);
    else if (FIELD_NAME.test(text)) fields.push(readField(text, at, FIELD_NAME.lastIndex, next));
    else if (!text.startsWith(">From ", at)) return { fields, bodyStart: start + at, cut: false };
  }
  const cut = stop < end;
  return { fields, bodyStart: cut ? afterBlankLine(bytes, stop, end) : start + at, cut };
}

function readField(text: string, at: number, value: number, end: number): Field {
  const name = text
    .slice(at, value - 1)
    .trimEnd()
    .toLowerCase();
  return new Field(name, text, value, end);
}

function afterLine(text: string, at: number): number {
  const lf = text.indexOf("\n", at);
  return lf < 0 ? text.length : lf + 1;
}

function isBlank(text: string, at: number, next: number): boolean {
  const code = text.charCodeAt(at);
  return code === LF || (code === CR && (next === at + 1 || text.charCodeAt(at + 1) === LF));
}

function isContinuation(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === SPACE || code === TAB;
}

/** First value of a field, or null. */
export function firstValue(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.raw ?? null;
}

/** All values of a field in their order. */
export function allValues(fields: readonly HeaderField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map((field) => field.raw);
}

/** All fields by name, for who asks for many of them. */
export function fieldsByName(fields: readonly HeaderField[]): ReadonlyMap<string, readonly HeaderField[]> {
  const found = new Map<string, HeaderField[]>();
  for (const field of fields) {
    const known = found.get(field.name);
    if (known) known.push(field);
    else found.set(field.name, [field]);
  }
  return found;
}

const BLANK_LF = Buffer.from("\n\n");
const BLANK_CRLF = Buffer.from("\n\r\n");

/** Offset behind the first blank line in `bytes[from, end)`, `end` if there is none. */
function afterBlankLine(bytes: Buffer, from: number, end: number): number {
  // The likelier one first: the other is looked for up to there only.
  const likely = bytes[bytes.indexOf(LF, from) - 1] === CR ? [BLANK_CRLF, BLANK_LF] : [BLANK_LF, BLANK_CRLF];
  let limit = end;
  for (const mark of likely) {
    const found = bytes.subarray(from, limit).indexOf(mark);
    if (found >= 0) limit = from + found + mark.length;
  }
  return limit;
}
