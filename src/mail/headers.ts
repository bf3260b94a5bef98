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

const CR = 0x0d;
const FIELD_NAME = /^([!-9;-~]+)[ \t]*:/;

/**
 * Reads the header block of `bytes[start, end)`. As git does, the first line that is neither a field nor a
 * continuation ends the header and begins the body; an mbox `From ` line at the start, quoted or not, is
 * passed over. Fields are read up to `cap` bytes; the body still starts after the blank line.
 */
export function readHeader(bytes: Buffer, start: number, end: number, cap: number): HeaderBlock {
  const stop = Math.min(end, start + cap, afterBlankLine(bytes, start, Math.min(end, start + cap)));
  const lines = new Lines(bytes.toString("latin1", start, stop));
  let line = lines.next();
  if (line !== null && /^>?From /.test(line)) line = lines.next();
  const fields: { name: string; raw: string }[] = [];
  for (; line !== null && line !== ""; line = lines.next()) {
    const last = fields[fields.length - 1];
    const name = FIELD_NAME.exec(line);
    if (last && isContinuation(line)) last.raw += line;
    else if (name) fields.push({ name: (name[1] ?? "").toLowerCase(), raw: line.slice(name[0].length) });
    else if (!line.startsWith(">From ")) return finish(fields, start + lines.lineStart, false);
  }
  const cut = line === null && stop < end;
  return finish(fields, cut ? afterBlankLine(bytes, stop, end) : start + lines.at, cut);
}

function isContinuation(line: string): boolean {
  return line.startsWith(" ") || line.startsWith("\t");
}

/** First value of a field, or null. */
export function firstValue(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.raw ?? null;
}

/** All values of a field in their order. */
export function allValues(fields: readonly HeaderField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map((field) => field.raw);
}

/** All values by field name, for who asks for many of them. */
export function valuesByName(fields: readonly HeaderField[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const { name, raw } of fields) {
    const known = values.get(name);
    if (known) known.push(raw);
    else values.set(name, [raw]);
  }
  return values;
}

function finish(fields: { name: string; raw: string }[], bodyStart: number, cut: boolean): HeaderBlock {
  for (const field of fields) field.raw = field.raw.trim();
  return { fields, bodyStart, cut };
}

/** Offset behind the first blank line in `bytes[from, end)`, `end` if there is none. */
function afterBlankLine(bytes: Buffer, from: number, end: number): number {
  const lf = bytes.subarray(from, end).indexOf("\n\n", 0, "latin1");
  const limit = lf < 0 ? end : from + lf + 2;
  const crlf = bytes.subarray(from, limit).indexOf("\n\r\n", 0, "latin1");
  return crlf < 0 ? limit : from + crlf + 3;
}

/** Lines of a string without their LF or CRLF. */
class Lines {
  at = 0;
  lineStart = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  next(): string | null {
    if (this.at >= this.text.length) return null;
    this.lineStart = this.at;
    const lf = this.text.indexOf("\n", this.at);
    const end = lf < 0 ? this.text.length : lf;
    this.at = Math.min(end + 1, this.text.length);
    const crlf = end > this.lineStart && this.text.charCodeAt(end - 1) === CR;
    return this.text.slice(this.lineStart, crlf ? end - 1 : end);
  }
}
