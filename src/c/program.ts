/** One source tree under one configuration: what is defined at file scope, from the point of view of a unit. */
import { Files, createSourceCache } from "./text/files.ts";
import type { SourceCache } from "./text/files.ts";
import { nameKey } from "./declarations/itemindex.ts";
import { lex } from "./text/lexer.ts";
import { Lookup } from "./declarations/lookup.ts";
import { DEFAULT_LIMITS } from "./source.ts";
import type { CConfig, CLimits, Definition, Expansion, SourceTree, TagKind } from "./source.ts";
import type { SourceProblem } from "./text/token.ts";
import { Units } from "./preprocess/units.ts";

export interface ProgramOptions {
  /** Directories whose .c files may define what a unit does not; after the unit's own directory, in this order. */
  readonly searchDirs?: readonly string[];
  readonly limits?: CLimits;
  /** Scans of files that several programs share. */
  readonly cache?: SourceCache;
}

/**
 * Everything is found when it is asked for and remembered. Nothing throws but what the tree throws: what is wrong
 * with the source comes as a value. A name looked up is never a local one; that is the caller's to know.
 */
export class Program {
  readonly config: CConfig;
  readonly #files: Files;
  readonly #units: Units;
  readonly #lookup: Lookup;

  constructor(tree: SourceTree, config: CConfig, options: ProgramOptions = {}) {
    const { searchDirs = [], limits = DEFAULT_LIMITS, cache = createSourceCache() } = options;
    this.config = config;
    this.#files = new Files(tree, config, limits, cache);
    this.#units = new Units(this.#files, config, limits);
    this.#lookup = new Lookup(searchDirs, this.#files, this.#units);
  }

  /** The function's definition; its declaration if no definition is found in the tree; null if it has none. */
  findFunction(name: string, unit: string): Definition | null {
    return this.#lookup.find({ kind: "function", name, key: nameKey("function", name) }, unit);
  }

  /** Whether the unit's own text defines the function; asks no other file. */
  definesFunction(name: string, unit: string): boolean {
    return this.#lookup.hasOwn({ kind: "function", name, key: nameKey("function", name) }, unit);
  }

  /** The file-scope variable or table: its definition with initialiser if there is one, else a declaration. */
  findObject(name: string, unit: string): Definition | null {
    return this.#lookup.find({ kind: "object", name, key: nameKey("object", name) }, unit);
  }

  /** The definition of a struct, union or enum, also one nested in another's members. */
  findTag(kind: TagKind, name: string, unit: string): Definition | null {
    return this.#lookup.find({ kind: "tag", name, key: `${kind} ${name}` }, unit);
  }

  findTypedef(name: string, unit: string): Definition | null {
    return this.#lookup.find({ kind: "typedef", name, key: nameKey("typedef", name) }, unit);
  }

  /** The typedefs of the unit's own text, as one word: the same word, the same names. */
  ownTypedefs(unit: string): string {
    return this.#lookup.ownTypedefs(unit);
  }

  /** The declaration of the enum that has the enumerator. */
  findEnumerator(name: string, unit: string): Definition | null {
    return this.#lookup.find({ kind: "enumerator", name, key: nameKey("enumerator", name) }, unit);
  }

  /** The text's tokens with macros replaced as at the end of the unit. */
  expandExpression(text: string, unit: string): Expansion {
    const { tokens, problems } = lex(text, { file: unit, start: 0, end: text.length, line: 1 });
    const problem = problems[0];
    if (problem) return { tokens: [], problem };
    const view = this.#lookup.view(unit);
    return view ? view.expandTokens(tokens, this.#units.budget()) : { tokens, problem: null };
  }

  /** All active text of the unit with macros replaced; that of guarded headers is not in it. */
  expandUnit(unit: string): Expansion {
    const view = this.#lookup.view(unit);
    return view ? view.expandWhole(this.#units.budget()) : { tokens: [], problem: null };
  }

  /** Whether the name is a macro at the end of the unit. */
  isMacro(name: string, unit: string): boolean {
    const view = this.#lookup.view(unit);
    return view !== null && view.isMacro(name, view.end());
  }

  /** What is wrong with the unit and the headers opened for it; each in its file's order. */
  problems(unit: string): readonly SourceProblem[] {
    const outlines = this.#lookup.view(unit)?.outlines() ?? [];
    return [...this.#files.problems, ...outlines.flatMap((outline) => outline.problems)];
  }

  /** Paths of the files whose text was used so far, sorted. */
  filesRead(): readonly string[] {
    return this.#files.opened();
  }
}
