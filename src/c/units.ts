/** All outlines of one program: each guarded header once, each unit with the headers it reads. */
import type { Budget, NativeMacro } from "./expand.ts";
import type { Files } from "./files.ts";
import { lex } from "./lexer.ts";
import { parseMacro } from "./macro.ts";
import type { Macro } from "./macro.ts";
import { makeBaseNames } from "./names.ts";
import type { BaseNames } from "./names.ts";
import type { MacroSource, Outline } from "./outline.ts";
import { lineAt } from "./scan.ts";
import type { SourceFile } from "./scan.ts";
import type { CConfig, CLimits } from "./source.ts";
import { SourceError } from "./token.ts";
import type { SourceProblem } from "./token.ts";
import { outlineFile } from "./unit.ts";
import type { UnitHost } from "./unit.ts";

export class Units implements UnitHost {
  readonly limits: CLimits;
  readonly #files: Files;
  readonly #config: CConfig;
  readonly #names: BaseNames;
  readonly #total: { tokens: number };
  readonly #modules = new Map<SourceFile, Outline | null>();
  readonly #units = new Map<string, Outline | null>();
  readonly #naming = new Map<string, Outline[]>();
  #prelude: Outline[] | null = null;

  constructor(files: Files, config: CConfig, limits: CLimits) {
    this.#files = files;
    this.#config = config;
    this.limits = limits;
    this.#names = makeBaseNames(config);
    this.#total = { tokens: limits.totalTokens };
  }

  /** What one definition may cost. */
  budget(): Budget {
    const { tokens, argumentDepth } = this.limits;
    return { tokens, parent: this.#total, argumentDepth };
  }

  /** The outline of a file from its own point of view; null if the file is missing. */
  unit(path: string): Outline | null {
    const known = this.#units.get(path);
    if (known !== undefined) return known;
    const source = this.#files.open(path);
    const outline = source && this.#outline(source, 0);
    this.#units.set(path, outline);
    return outline;
  }

  module(source: SourceFile, depth: number): Outline | null {
    const known = this.#modules.get(source);
    if (known !== undefined) return known;
    this.#modules.set(source, null);
    try {
      const outline = this.#outline(source, depth);
      this.#modules.set(source, outline);
      return outline;
    } catch (error) {
      // the tree had to load something: begin anew when asked again
      this.#modules.delete(source);
      throw error;
    }
  }

  include(spelled: string, from: string, isNext: boolean): SourceFile | SourceProblem | null {
    return this.#files.include(spelled, from, isNext);
  }

  /** The outlines in which the name is defined or undefined somewhere. */
  naming(name: string): readonly Outline[] | undefined {
    return this.#naming.get(name);
  }

  isKept(name: string): boolean {
    return this.#names.kept.has(name);
  }

  baseMacro(name: string, isTest: boolean): Macro | NativeMacro | null {
    return this.#names.given.get(name) ?? (isTest ? null : (this.#names.fallback.get(name) ?? null));
  }

  parse({ source, directive }: MacroSource): Macro {
    if (directive.macro === null) {
      const line = lineAt(source, directive.start);
      const range = { file: source.path, start: directive.body, end: directive.end, line };
      const tokens = directive.tokens ?? lex(source.text, range).tokens;
      directive.macro = parseMacro(tokens, source.path, line);
    }
    if ("code" in directive.macro) throw new SourceError(directive.macro);
    return directive.macro;
  }

  #outline(source: SourceFile, depth: number): Outline {
    const outline = outlineFile(this, source, this.#preludeOutlines(), this.budget(), depth);
    for (const name of outline.events.keys()) {
      const outlines = this.#naming.get(name);
      if (outlines) outlines.push(outline);
      else this.#naming.set(name, [outline]);
    }
    return outline;
  }

  /** The common headers; what they include themselves is read without them. */
  #preludeOutlines(): readonly Outline[] {
    if (this.#prelude !== null) return this.#prelude;
    const prelude: Outline[] = [];
    this.#prelude = [];
    try {
      for (const path of this.#config.commonHeaders ?? []) {
        const source = this.#files.open(path);
        const outline = source && this.module(source, 1);
        if (outline) prelude.push(outline);
      }
    } catch (error) {
      this.#prelude = null;
      throw error;
    }
    return (this.#prelude = prelude);
  }
}
