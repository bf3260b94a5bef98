/** RFC 2047: `=?charset?B?…?=` and `=?charset?Q?…?=` in header values. */
import { bytesOf, decodeBytes, displayText } from "./charset.ts";
import { decodeBase64, decodeQ } from "./transfer.ts";

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
  readonly end: number;
}

const WORD_START = /=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bq])\?/iy;

/**
 * Decodes a raw header value (a byte string) to text. Neighbouring words of one charset are joined before
 * they are decoded: mailers split characters of several bytes between words, though RFC 2047 5 forbids it.
 */
export function decodeHeaderText(raw: string): string {
  if (!raw.includes("=?")) return displayText(raw);
  const out: string[] = [];
  let literalFrom = 0;
  let at = raw.indexOf("=?");
  while (at >= 0) {
    const run = readRun(raw, at);
    if (run) {
      out.push(displayText(raw.slice(literalFrom, at)), run.text);
      literalFrom = run.end;
    }
    at = raw.indexOf("=?", run ? run.end : at + 2);
  }
  out.push(displayText(raw.slice(literalFrom)));
  return out.join("");
}

/** All encoded words from `at` on that only blanks part. */
function readRun(raw: string, at: number): { text: string; end: number } | null {
  const texts: string[] = [];
  let pending: Word[] = [];
  let next = at;
  let end = at;
  for (let word = readWord(raw, next); word; word = readWord(raw, next)) {
    if (pending.length > 0 && pending[0]?.charset !== word.charset) {
      texts.push(decodeWords(pending));
      pending = [];
    }
    pending.push(word);
    end = word.end;
    next = skipBlanks(raw, end);
  }
  if (end === at) return null;
  texts.push(decodeWords(pending));
  return { text: texts.join(""), end };
}

function decodeWords(words: readonly Word[]): string {
  const first = words[0];
  return first ? decodeBytes(Buffer.concat(words.map((word) => word.bytes)), first.charset).text : "";
}

function readWord(raw: string, at: number): Word | null {
  WORD_START.lastIndex = at;
  const start = WORD_START.exec(raw);
  if (!start) return null;
  const from = WORD_START.lastIndex;
  const close = raw.indexOf("?", from);
  if (close < 0 || raw[close + 1] !== "=") return null;
  const encoded = bytesOf(raw.slice(from, close));
  const bytes = (start[2] ?? "").toLowerCase() === "b" ? decodeBase64(encoded) : decodeQ(encoded);
  return { charset: (start[1] ?? "").toLowerCase(), bytes, end: close + 2 };
}

function skipBlanks(raw: string, from: number): number {
  let at = from;
  while (raw[at] === " " || raw[at] === "\t" || raw[at] === "\r" || raw[at] === "\n") at++;
  return at;
}
