/** Finds the preprocessing directives of a file: the part of the work that depends on nothing but its text. */
import { isIdentifierPart, lex } from "./lexer.ts";
import { commentEnd, literalEnd, spliceLength } from "./splice.ts";
import type { Macro } from "../preprocess/macro.ts";
import type { SourceProblem, Token } from "./token.ts";
import { filterOf, mayHold } from "./wordfilter.ts";
import type { WordFilter } from "./wordfilter.ts";

export interface Directive {
  /** `define`, `if`, …; "" for a lone `#`. */
  readonly name: string;
  /** Offset of the `#`. */
  readonly start: number;
  /** Offset behind the name. */
  readonly body: number;
  /** Offset of the newline that ends it, or of the end of the text. */
  readonly end: number;
  /** What `#define` defines, once somebody asked: a macro, or why it is none. */
  macro: Macro | SourceProblem | null;
  /** The tokens behind the name, once somebody asked. */
  tokens: readonly Token[] | null;
}

/**
 * A text and what was found out about it once somebody asked; shared by every tree that holds the same text at
 * the same path.
 */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  #directives: readonly Directive[] | null = null;
  #guard: string | null | undefined;
  #lineStarts: readonly number[] | null = null;
  #words: WordFilter | null = null;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  get directives(): readonly Directive[] {
    return (this.#directives ??= findDirectives(this.path, this.text));
  }

  /** The macro that keeps the file from being read twice, "#pragma once", or null for a textual file. */
  get guard(): string | null {
    if (this.#guard === undefined) this.#guard = findGuard(this.text, this.directives);
    return this.#guard;
  }

  /** Offsets at which lines begin. */
  get lineStarts(): readonly number[] {
    return (this.#lineStarts ??= findLineStarts(this.text));
  }

  /** Whether the word with this hash (wordHash) may stand in the text; false is certain. */
  mayHold(hash: number): boolean {
    return mayHold((this.#words ??= filterOf(this.text)), hash);
  }
}

/** Bytes at which the scan of ordinary text has to look up: newline " # ' / \ */
const NOTABLE = new Uint8Array(256);
for (const code of [10, 34, 35, 39, 47, 92]) NOTABLE[code] = 1;

function findDirectives(path: string, text: string): Directive[] {
  const found: Directive[] = [];
  const end = text.length;
  let fresh = true;
  let at = 0;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (NOTABLE[code] !== 1) {
      if (code !== 32 && code !== 9 && code !== 13) fresh = false;
      at++;
    } else if (code === 10) {
      fresh = true;
      at++;
    } else if (code === 35 && fresh) {
      const directive = readDirective(path, text, at);
      found.push(directive);
      at = directive.end;
    } else {
      const next = passNotable(text, at, code, end);
      if (code !== 92 && (code !== 47 || next === at + 1)) fresh = false;
      at = next;
    }
  }
  return found;
}

/** The offset behind the comment, literal, splice or plain char at `at`. */
function passNotable(text: string, at: number, code: number, end: number): number {
  if (code === 47) return Math.max(commentEnd(text, at, end), at + 1);
  if (code === 92) return at + Math.max(spliceLength(text, at), 1);
  if (code === 35) return at + 1;
  return literalEnd(text, at, end) || lineEnd(text, at, end);
}

/** An open literal takes the rest of its line, as it does in the lexer. */
function lineEnd(text: string, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 10) return i;
    if (code === 92) i += Math.max(spliceLength(text, i) - 1, 0);
  }
  return end;
}

function readDirective(path: string, text: string, start: number): Directive {
  const end = directiveEnd(text, start);
  let at = start + 1;
  for (let next = passBlank(text, at, end); next > at; next = passBlank(text, at, end)) at = next;
  let body = at;
  while (body < end && isIdentifierPart(text.charCodeAt(body))) body++;
  if (text.charCodeAt(body) === 92 && body < end) return readSplicedDirective(path, text, start, end);
  return { name: text.slice(at, body), start, body, end, macro: null, tokens: null };
}

/** A name that a line splice cuts in two: for the hostile and the playful. */
function readSplicedDirective(path: string, text: string, start: number, end: number): Directive {
  const [, name, ...rest] = lex(text, { file: path, start, end, line: 1 }).tokens;
  return { name: name?.text ?? "", start, body: end, end, macro: null, tokens: rest };
}

function passBlank(text: string, at: number, end: number): number {
  const code = at < end ? text.charCodeAt(at) : 0;
  if (code === 32 || code === 9) return at + 1;
  if (code === 92) return at + spliceLength(text, at);
  return code === 47 ? commentEnd(text, at, end) : at;
}

function directiveEnd(text: string, start: number): number {
  const end = text.length;
  let at = start;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === 10) return at;
    at = NOTABLE[code] === 1 ? passNotable(text, at, code, end) : at + 1;
  }
  return end;
}

/**
 * `#pragma once`, or `#ifndef X` + `#define X` around all text. Directives may follow behind it: headers that
 * declare trace events end in an include that does nothing for the compiler proper.
 */
function findGuard(text: string, directives: readonly Directive[]): string | null {
  const pragma = directives.some(
    (directive) =>
      directive.name === "pragma" && /^[ \t]+once\b/.test(text.slice(directive.body, directive.body + 20)),
  );
  if (pragma) return "#pragma once";
  const first = directives[0];
  const last = closesFirst(directives);
  if (!first || last < 0) return null;
  const name = guardName(text, first);
  if (name === null || !directives.some((other) => defines(text, other, name))) return null;
  if (!isBlank(text, 0, first.start)) return null;
  for (let at = last; at < directives.length; at++) {
    if (!isBlank(text, directives[at]?.end ?? 0, directives[at + 1]?.start ?? text.length)) return null;
  }
  return name;
}

/** X of `#ifndef X` or of `#if !defined(X)`, whatever else that condition says. */
function guardName(text: string, directive: Directive): string | null {
  const body = text.slice(directive.body, Math.min(directive.end, directive.body + 200));
  if (directive.name === "ifndef") return /^[ \t]+(\w+)/.exec(body)?.[1] ?? null;
  if (directive.name !== "if") return null;
  return /^[ \t]*![ \t]*defined[ \t]*\(?[ \t]*(\w+)/.exec(body)?.[1] ?? null;
}

function defines(text: string, directive: Directive, name: string): boolean {
  if (directive.name !== "define") return false;
  return text.slice(directive.body, directive.end).trimStart().startsWith(name);
}

/** Index of the `#endif` that ends the first `#if`; -1 if there is none or an `#else` stands between. */
function closesFirst(directives: readonly Directive[]): number {
  let depth = 0;
  for (const [index, { name }] of directives.entries()) {
    if (name === "if" || name === "ifdef" || name === "ifndef") depth++;
    if (name === "endif" && --depth === 0) return index;
    if (depth <= 1 && (depth === 0 || name === "else" || name === "elif")) return -1;
  }
  return -1;
}

function isBlank(text: string, start: number, end: number): boolean {
  return lex(text, { file: "", start, end, line: 1 }).tokens.length === 0;
}

/** The line, counted from 1, of an offset. */
export function lineAt(file: SourceFile, offset: number): number {
  const starts = file.lineStarts;
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The tokens behind a directive's name. */
export function directiveTokens(file: SourceFile, directive: Directive): readonly Token[] {
  return (directive.tokens ??= lexPart(file, directive.body, directive.end));
}

export function lexPart(file: SourceFile, start: number, end: number): Token[] {
  return lex(file.text, { file: file.path, start, end, line: lineAt(file, start) }).tokens;
}
