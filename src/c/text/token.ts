/**
 * Tokens of C text, and the values by which the front end tells what is wrong with a text.
 * All text is a byte string: one char (0..255) a byte.
 */

export type TokenKind = "identifier" | "number" | "char" | "string" | "punct" | "end";

/** Where the text of a token from a macro's body stands; the token's own file and line tell where it is used. */
export interface MacroPlace {
  readonly macro: string;
  readonly file: string;
  readonly line: number;
}

export interface Token {
  readonly kind: TokenKind;
  /** The spelling; literals with prefix and quotes; "" for the end. */
  readonly text: string;
  /** The place of use: for tokens from macros that of the outermost invocation. Lines count from 1. */
  readonly file: string;
  readonly line: number;
  /** White space stands before it (what `#` makes of an argument depends on it). */
  readonly space: boolean;
  /** The name of a macro that met itself while it was replaced: never replaced again (C11 6.10.3.4). */
  readonly painted: boolean;
  /** Where the text stands, when it came out of a macro's body. */
  readonly from: MacroPlace | null;
}

export type ProblemCode =
  | "bad-character"
  | "unterminated-comment"
  | "unterminated-literal"
  | "bad-directive"
  | "bad-condition"
  | "bad-macro"
  | "bad-paste"
  | "bad-invocation"
  | "error-directive"
  | "unbalanced"
  | "unbalanced-condition"
  | "include-refused"
  | "include-depth"
  | "file-limit"
  | "token-limit"
  | "nesting-limit";

/** Why a text could not be taken as it stands. */
export interface SourceProblem {
  readonly code: ProblemCode;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Carries a problem out of nested work; never leaves the room: Program hands problems out as values. */
export class SourceError extends Error {
  readonly problem: SourceProblem;

  constructor(problem: SourceProblem) {
    super(`${problem.file}:${problem.line}: ${problem.text}`);
    this.name = "SourceError";
    this.problem = problem;
  }
}

export function makeToken(kind: TokenKind, text: string, file: string, line: number, space: boolean): Token {
  return { kind, text, file, line, space, painted: false, from: null };
}

/** The same token, painted: it is no candidate for replacement any more. */
export function paint(token: Token): Token {
  const { kind, text, file, line, space, from } = token;
  return { kind, text, file, line, space, painted: true, from };
}

export function withSpace(token: Token, space: boolean): Token {
  if (token.space === space) return token;
  const { kind, text, file, line, painted, from } = token;
  return { kind, text, file, line, space, painted, from };
}

/** The tokens as text that lexes to the same tokens again; for messages and tests. */
export function spell(tokens: readonly Token[]): string {
  return tokens.map((token, at) => (at > 0 && token.space ? " " : "") + token.text).join("");
}
