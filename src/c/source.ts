/** What the front end is given (files, a configuration, limits) and what it hands out (definitions as tokens). */
import type { SourceProblem, Token } from "./text/token.ts";

/**
 * The files of one source tree; paths are relative to its root, with "/", without ".." and without a slash in
 * front. Text is a byte string. Both may throw (a file that is not loaded yet): it passes through untouched.
 */
export interface SourceTree {
  read(path: string): string | undefined;
  /** Names in a directory, without order; empty if there is none. */
  list(dir: string): readonly string[];
  /**
   * The same as `read`, for a tree that tells the two apart: the text is only asked whether it may define names, and
   * `ruledOut` says of which ones it cannot. When more is needed of it, `read` follows.
   */
  peek?(path: string): string | undefined;
  ruledOut?(path: string, name: string): void;
}

/** How the tree is compiled: everything the preprocessor takes from a build. */
export interface CConfig {
  /**
   * Macros that hold before the first line: `__KERNEL__: "1"`. Of names that begin with CONFIG_ the values `y`
   * and `m` are meant as in a kernel configuration; what is not named is off.
   */
  readonly defines: Readonly<Record<string, string>>;
  /** Directories in which `#include <…>` looks, in this order; `#include "…"` begins beside the file. */
  readonly includeRoots: readonly string[];
  /**
   * Path prefixes of the headers that are opened at all; an include beyond them counts as missing. Without it
   * every header of the tree is opened. It bounds what "is this name a macro?" costs in a tree of a thousand
   * headers, and makes the answer the same in a tree that holds only some of them.
   */
  readonly headerScope?: readonly string[];
  /** Headers taken as included before the first line of every unit, in this order; absent ones are skipped. */
  readonly commonHeaders?: readonly string[];
  /** Names never replaced, whatever the tree defines: the evaluator knows them by name (container_of, …). */
  readonly keptNames?: readonly string[];
  /** Definitions used where the tree has none, as they follow `#define `: `min(a, b) __builtin_min(a, b)`. */
  readonly fallbackMacros?: readonly string[];
}

/** Bounds that turn hostile input into a problem instead of a long wait. */
export interface CLimits {
  /** Longest text of one file, in bytes. */
  readonly fileBytes: number;
  /** Files opened by one Program. */
  readonly files: number;
  /** Nesting of `#include`, of `#if`, of parentheses in an `#if`, of macro arguments. */
  readonly includeDepth: number;
  readonly conditionDepth: number;
  readonly argumentDepth: number;
  /** Tokens read and made while one definition is expanded. */
  readonly tokens: number;
  /** Tokens read and made by one Program. */
  readonly totalTokens: number;
}

/**
 * What is evaluated of a Linux of 6.1 to 6.12 takes 1,800 tokens for its largest definition and 24,000 in all; the
 * largest function of its SVM code (of nested minimums) 200,000, and all of these together 1,500,000.
 */
export const DEFAULT_LIMITS: CLimits = {
  fileBytes: 1_000_000,
  files: 4_000,
  includeDepth: 60,
  conditionDepth: 60,
  argumentDepth: 100,
  tokens: 400_000,
  totalTokens: 4_000_000,
};

export type TagKind = "struct" | "union" | "enum";
export type DefinitionKind = "function" | "object" | "typedef" | "tag" | "enumerator";

/** A definition or declaration at file scope. */
export interface Definition {
  readonly kind: DefinitionKind;
  readonly name: string;
  /** The unit from whose point of view the names in it are looked up: a .c file, or the file asked for. */
  readonly unit: string;
  /** Where its first token stands, perhaps in a header. */
  readonly file: string;
  readonly line: number;
  readonly isStatic: boolean;
  /** A body, an initialiser or a member list is there; else it only declares (`extern`, a prototype, `struct x;`). */
  readonly isComplete: boolean;
  /**
   * The whole external declaration with its macros replaced, up to and with `}` or `;`, without an end token:
   * `static struct a { int b; } c = {1}, d;` is handed out for a, c and d.
   */
  readonly tokens: readonly Token[];
  /** Why the tokens are not to be trusted (a limit, a malformed macro); null if all is well. */
  readonly problem: SourceProblem | null;
}

/** Tokens after macro replacement. */
export interface Expansion {
  readonly tokens: readonly Token[];
  /** Why there are no tokens; null if all is well. */
  readonly problem: SourceProblem | null;
}
