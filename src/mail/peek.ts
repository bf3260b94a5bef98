/**
 * The fields that tell whether a mail has to be read at all, straight from its bytes: an archive holds many
 * mails for each one that matters. Where there is any doubt the answer is null, and the mail is to be read.
 */

/** What can be peeked at, in lower case. */
const FIELDS = [
  "subject",
  "message-id",
  "in-reply-to",
  "references",
  "content-type",
  "content-transfer-encoding",
] as const;
export type PeekedField = (typeof FIELDS)[number];

export interface Peek {
  /** Offset of the first byte of the body. */
  readonly bodyStart: number;
  /** Unfolded and undecoded; null for a field that is not there, undefined for one that stands there twice. */
  value(field: PeekedField): string | null | undefined;
}

/** Most headers of lists' mails are shorter. */
const USUAL_HEADER = 12 * 1024;
/** Longer ones are read properly. */
const MAX_HEADER = 64 * 1024;
const LENGTHS: ReadonlySet<number> = new Set(FIELDS.map(({ length }) => length));
const WANTED: ReadonlySet<string> = new Set(FIELDS);
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;

/** What stands in the header; null unless it has nothing but fields, with no blank before a colon, and ends. */
export function peekHeader(bytes: Buffer): Peek | null {
  for (const size of [USUAL_HEADER, MAX_HEADER]) {
    const found = walk(bytes.toString("latin1", 0, size));
    if (found !== "unfinished") return found && peekAt(bytes, found);
    if (bytes.length <= size) return null;
  }
  return null;
}

function peekAt(bytes: Buffer, { bodyStart, fields }: Outline): Peek {
  return {
    bodyStart,
    value(name) {
      const extent = fields.get(name);
      if (extent === undefined) return null;
      if (extent === "twice") return undefined;
      // From the bytes, since a slice of the header would keep all of it alive.
      return bytes.toString("latin1", extent.start, extent.end).replace(/\r?\n/g, "").trim();
    },
  };
}

interface Extent {
  readonly start: number;
  end: number;
}

interface Outline {
  readonly bodyStart: number;
  readonly fields: ReadonlyMap<string, Extent | "twice">;
}

function walk(text: string): Outline | "unfinished" | null {
  const fields = new Map<string, Extent | "twice">();
  let last: Extent | null = null;
  for (let at = 0; at < text.length;) {
    const lf = text.indexOf("\n", at);
    if (lf < 0) return "unfinished";
    const code = text.charCodeAt(at);
    const continues = code === SPACE || code === TAB;
    if (code === LF || (code === CR && lf === at + 1)) return at === 0 ? null : { bodyStart: lf + 1, fields };
    if (continues && at === 0) return null;
    if (continues && last !== null) last.end = lf;
    if (!continues) {
      const colon = nameEnd(text, at, lf);
      if (colon < 0) return null;
      last = LENGTHS.has(colon - at)
        ? note(fields, text.slice(at, colon), { start: colon + 1, end: lf })
        : null;
    }
    at = lf + 1;
  }
  return "unfinished";
}

/** The colon behind a field's name; -1 if the line is no field. */
function nameEnd(text: string, start: number, end: number): number {
  const colon = text.indexOf(":", start);
  if (colon <= start || colon > end) return -1;
  for (let at = start; at < colon; at++) {
    const code = text.charCodeAt(at);
    if (code <= SPACE || code >= DELETE) return -1;
  }
  return colon;
}

function note(fields: Map<string, Extent | "twice">, written: string, extent: Extent): Extent | null {
  const name = written.toLowerCase();
  if (!WANTED.has(name)) return null;
  if (fields.has(name)) {
    fields.set(name, "twice");
    return null;
  }
  fields.set(name, extent);
  return extent;
}
