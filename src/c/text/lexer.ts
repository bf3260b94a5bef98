/**
 * Characters to preprocessing tokens (C11 6.4). One pass over char codes; the pieces of a file are lexed when
 * somebody needs them, not before.
 */
import { joinLines, literalEnd } from "./splice.ts";
import { makeToken } from "./token.ts";
import type { ProblemCode, SourceProblem, Token, TokenKind } from "./token.ts";

export interface LexRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  /** The line at `start`. */
  readonly line: number;
}

export interface Lexed {
  readonly tokens: Token[];
  readonly problems: SourceProblem[];
}

const SPACE = 1;
const NEWLINE = 2;
const IDENTIFIER = 3;
const DIGIT = 4;
const QUOTE = 5;
const PUNCT = 6;
const OTHER = 0;

/** Class of every byte; bytes above 127 belong to identifiers, as UTF-8 letters do for gcc. */
const CLASS = new Uint8Array(256).fill(OTHER);
for (let code = 128; code < 256; code++) CLASS[code] = IDENTIFIER;
for (const char of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$")
  CLASS[char.charCodeAt(0)] = IDENTIFIER;
for (const char of "0123456789") CLASS[char.charCodeAt(0)] = DIGIT;
for (const char of " \t\v\f\r\0") CLASS[char.charCodeAt(0)] = SPACE;
for (const char of "[](){}.&*+-~!/%<>^|?:;=,#") CLASS[char.charCodeAt(0)] = PUNCT;
CLASS[10] = NEWLINE;
CLASS[34] = QUOTE;
CLASS[39] = QUOTE;

/** Punctuators of more than one char by their first; longest first. Digraphs read as what they stand for. */
const LONGER = new Map<number, readonly string[]>(
  [
    ["->", "--", "-="],
    ["++", "+="],
    ["&&", "&="],
    ["||", "|="],
    ["<<=", "<<", "<=", "<:", "<%"],
    [">>=", ">>", ">="],
    ["=="],
    ["!="],
    ["*="],
    ["/="],
    ["%:%:", "%=", "%>", "%:"],
    ["^="],
    ["##"],
    ["..."],
    [":>"],
  ].map((list) => [(list[0] ?? "").charCodeAt(0), list]),
);
const DIGRAPHS: Readonly<Record<string, string>> = {
  "<:": "[",
  ":>": "]",
  "<%": "{",
  "%>": "}",
  "%:": "#",
  "%:%:": "##",
};
const SINGLE = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

export function isIdentifierStart(code: number): boolean {
  return CLASS[code] === IDENTIFIER;
}

export function isIdentifierPart(code: number): boolean {
  const kind = CLASS[code];
  return kind === IDENTIFIER || kind === DIGIT;
}

/** One lexing of one range. */
interface Scan {
  readonly text: string;
  readonly end: number;
  readonly file: string;
  readonly breaks: readonly number[];
  readonly out: Lexed;
  nextBreak: number;
  at: number;
  line: number;
}

/** Tokens of a part of a text, without an end token. Never fails: what is odd is told in `problems`. */
export function lex(text: string, range: LexRange): Lexed {
  const joined = joinLines(text, range.start, range.end);
  const scan: Scan = {
    text: joined ? joined.text : text,
    end: joined ? joined.text.length : range.end,
    file: range.file,
    breaks: joined ? joined.breaks : [],
    out: { tokens: [], problems: [] },
    nextBreak: 0,
    at: joined ? 0 : range.start,
    line: range.line,
  };
  scanAll(scan);
  return scan.out;
}

function scanAll(scan: Scan): void {
  const { text, end } = scan;
  let space = false;
  while (scan.at < end) {
    const code = text.charCodeAt(scan.at);
    const kind = CLASS[code];
    if (kind === SPACE || kind === NEWLINE) {
      if (kind === NEWLINE) scan.line++;
      scan.at++;
      space = true;
    } else if (code === 47 && skipComment(scan)) {
      space = true;
    } else {
      passBreaks(scan);
      scanToken(scan, code, kind ?? OTHER, space);
      space = false;
    }
  }
}

/** Counts the joined line ends before the current place. */
function passBreaks(scan: Scan): void {
  while (scan.nextBreak < scan.breaks.length && (scan.breaks[scan.nextBreak] ?? 0) <= scan.at) {
    scan.nextBreak++;
    scan.line++;
  }
}

function scanToken(scan: Scan, code: number, kind: number, space: boolean): void {
  const { text, at } = scan;
  if (kind === IDENTIFIER) return scanIdentifier(scan, space);
  if (kind === DIGIT || (code === 46 && CLASS[text.charCodeAt(at + 1)] === DIGIT)) {
    return emit(scan, "number", numberEnd(text, at, scan.end), space);
  }
  if (kind === QUOTE) return scanLiteral(scan, at, space);
  if (kind === OTHER) complain(scan, "bad-character", `stray byte 0x${code.toString(16)}`);
  emitPunct(scan, code, space);
}

function scanIdentifier(scan: Scan, space: boolean): void {
  const { text, at } = scan;
  let stop = at + 1;
  while (stop < scan.end && isIdentifierPart(text.charCodeAt(stop))) stop++;
  const next = text.charCodeAt(stop);
  if ((next === 34 || next === 39) && stop < scan.end && isPrefix(text, at, stop)) {
    return scanLiteral(scan, stop, space);
  }
  emit(scan, "identifier", stop, space);
}

/** L, u, U and u8 before a quote belong to the literal. */
function isPrefix(text: string, start: number, stop: number): boolean {
  const prefix = stop - start > 2 ? "" : text.slice(start, stop);
  return prefix === "L" || prefix === "u" || prefix === "U" || prefix === "u8";
}

/** A preprocessing number (C11 6.4.8) takes more than a number is: letters, digits, dots, signed exponents. */
function numberEnd(text: string, start: number, end: number): number {
  let at = start + 1;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 43 || code === 45) {
      const exponent = text.charCodeAt(at - 1) | 32;
      if (exponent !== 101 && exponent !== 112) break;
    } else if (code !== 46 && !isIdentifierPart(code)) break;
    at++;
  }
  return at;
}

/** A literal whose quote stands at `quoteAt`; without an end on its line the rest of the line is one stray quote. */
function scanLiteral(scan: Scan, quoteAt: number, space: boolean): void {
  const stop = literalEnd(scan.text, quoteAt, scan.end);
  if (stop > 0) return emit(scan, scan.text.charCodeAt(quoteAt) === 34 ? "string" : "char", stop, space);
  complain(scan, "unterminated-literal", "a literal does not end on its line");
  if (quoteAt > scan.at) emit(scan, "identifier", quoteAt, space);
  emit(scan, "punct", quoteAt + 1, space);
  const newline = scan.text.indexOf("\n", quoteAt);
  scan.at = newline < 0 || newline > scan.end ? scan.end : newline;
}

function emitPunct(scan: Scan, code: number, space: boolean): void {
  const longer = LONGER.get(code)?.find((spelling) => fits(scan, spelling));
  const spelling = longer ?? SINGLE[code] ?? "?";
  scan.out.tokens.push(makeToken("punct", DIGRAPHS[spelling] ?? spelling, scan.file, scan.line, space));
  scan.at += spelling.length;
}

function fits(scan: Scan, spelling: string): boolean {
  return scan.at + spelling.length <= scan.end && scan.text.startsWith(spelling, scan.at);
}

function emit(scan: Scan, kind: TokenKind, stop: number, space: boolean): void {
  scan.out.tokens.push(makeToken(kind, scan.text.slice(scan.at, stop), scan.file, scan.line, space));
  scan.at = stop;
}

/** Passes the comment that starts here, if one does. */
function skipComment(scan: Scan): boolean {
  const { text, at, end } = scan;
  const next = at + 1 < end ? text.charCodeAt(at + 1) : 0;
  if (next === 47) {
    const stop = text.indexOf("\n", at);
    scan.at = stop < 0 || stop > end ? end : stop;
    return true;
  }
  if (next !== 42) return false;
  const stop = text.indexOf("*/", at + 2);
  const closed = stop >= 0 && stop + 2 <= end;
  if (!closed) complain(scan, "unterminated-comment", "a comment does not end");
  scan.at = closed ? stop + 2 : end;
  // not by indexOf: it would look for the newline through the whole text, for every comment
  for (let i = at; i < scan.at; i++) if (text.charCodeAt(i) === 10) scan.line++;
  return true;
}

function complain(scan: Scan, code: ProblemCode, text: string): void {
  scan.out.problems.push({ code, file: scan.file, line: scan.line, text });
}
