/** Content transfer encodings (RFC 2045 6) and uuencode. All in linear time; what cannot be decoded stays. */

const EQUALS = 0x3d;

/** Decodes base64; characters outside the alphabet are skipped, padding inside (joined blocks) is honoured. */
export function decodeBase64(bytes: Buffer): Buffer {
  const padding = bytes.indexOf(EQUALS);
  const endsThere = padding < 0 || /^[=\r\n]*$/.test(bytes.toString("latin1", padding));
  return endsThere ? Buffer.from(bytes.toString("latin1"), "base64") : decodeBlocks(bytes);
}

/** Value of each byte as a digit of base64, in the alphabet of URLs, too; -1 for others. */
const DIGITS = new Int8Array(256).fill(-1);
for (const alphabet of [
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
])
  for (const [value, digit] of [...alphabet].entries()) DIGITS[digit.charCodeAt(0)] = value;

/** Each `=` ends a block: bits that make no byte are dropped there. */
function decodeBlocks(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 3) / 4));
  let to = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    const digit = DIGITS[byte] as number;
    if (byte === EQUALS) held = 0;
    if (digit < 0) continue;
    bits = ((bits << 6) | digit) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[to++] = bits >> held;
  }
  return out.subarray(0, to);
}

/** Decodes quoted-printable. An `=` that starts nothing valid stays as it is. */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  if (!bytes.includes(EQUALS)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length);
  const { length } = bytes;
  let to = 0;
  let at = 0;
  while (at < length) {
    const byte = bytes[at++] as number;
    if (byte !== EQUALS) {
      out[to++] = byte;
      continue;
    }
    const value = hexPair(bytes, at);
    const afterBreak = value < 0 ? softBreakEnd(bytes, at) : -1;
    if (value >= 0) at += 2;
    if (afterBreak >= 0) at = afterBreak;
    else out[to++] = value >= 0 ? value : EQUALS;
  }
  return out.subarray(0, to);
}

/** The Q encoding of RFC 2047: quoted-printable in which `_` is a blank. */
export function decodeQ(bytes: Buffer): Buffer {
  const spaced = Buffer.from(bytes.map((byte) => (byte === 0x5f ? 0x20 : byte)));
  return decodeQuotedPrintable(spaced);
}

/** Decodes uuencoded blocks; text outside `begin` … `end` stays. */
export function decodeUuencode(bytes: Buffer): Buffer {
  const out: Buffer[] = [];
  let inside = false;
  for (const line of bytes.toString("latin1").split("\n")) {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (!inside && /^begin [0-7]{3,4} /.test(text)) inside = true;
    else if (inside && text === "end") inside = false;
    else out.push(inside ? decodeUuLine(text) : Buffer.from(`${line}\n`, "latin1"));
  }
  return Buffer.concat(out);
}

function decodeUuLine(line: string): Buffer {
  const length = (line.charCodeAt(0) - 32) & 63;
  const out = Buffer.alloc(line.length === 0 ? 0 : length);
  for (let at = 1, to = 0; to < out.length; at += 4, to += 3) {
    const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((i) => ((line.charCodeAt(at + i) || 32) - 32) & 63);
    const group = (a << 18) | (b << 12) | (c << 6) | d;
    for (let i = 0; i < 3 && to + i < out.length; i++) out[to + i] = (group >> (16 - 8 * i)) & 0xff;
  }
  return out;
}

/** Value of two hex digits, -1 if there are none. */
function hexPair(bytes: Buffer, at: number): number {
  const high = hexDigit(bytes[at]);
  const low = hexDigit(bytes[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte & 0xdf;
  return letter >= 0x41 && letter <= 0x46 ? letter - 0x37 : -1;
}

/** Where the line after a soft break (`=`, blanks, line end) starts; -1 if this is none. */
function softBreakEnd(bytes: Buffer, from: number): number {
  const limit = Math.min(bytes.length, from + 80);
  for (let at = from; at < limit; at++) {
    const byte = bytes[at];
    if (byte === 0x0a) return at + 1;
    if (byte === 0x0d) return bytes[at + 1] === 0x0a ? at + 2 : at + 1;
    if (byte !== 0x20 && byte !== 0x09) return -1;
  }
  return limit === bytes.length ? limit : -1;
}
