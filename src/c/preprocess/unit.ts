/** Reads the directives of a file in order and outlines it: which text is active, what is defined, included. */
import { evaluateCondition } from "./condition.ts";
import { definedMacro } from "./definition.ts";
import { type Budget, Expander, fail, type NativeMacro } from "./expand.ts";
import { isIdentifierPart, isIdentifierStart } from "../text/lexer.ts";
import type { Macro } from "./macro.ts";
import { type BaseNames, baseMacro } from "./names.ts";
import { OutlineBuilder } from "./outline.ts";
import type { Outline } from "./outline.ts";
import { directiveTokens, lineAt } from "../text/scan.ts";
import type { Directive, SourceFile } from "../text/scan.ts";
import type { CLimits } from "../source.ts";
import { SourceError, makeToken, spell } from "../text/token.ts";
import type { ProblemCode, SourceProblem, Token } from "../text/token.ts";

/** What reading a file needs of the rest of the program. */
export interface UnitHost {
  readonly limits: CLimits;
  readonly names: BaseNames;
  /** The header's file; null if it is missing or out of scope; a problem if it lies outside the tree. */
  include(spelled: string, from: string, isNext: boolean): SourceFile | SourceProblem | null;
  /** The outline of a guarded header; null while it is being read already. */
  module(source: SourceFile, depth: number): Outline | null;
}

interface Condition {
  /** The text around it is active. */
  readonly isInside: boolean;
  readonly line: number;
  isTaken: boolean;
  isActive: boolean;
  hasElse: boolean;
}

interface Reading {
  readonly host: UnitHost;
  readonly builder: OutlineBuilder;
  readonly budget: Budget;
}

export interface OutlineOptions {
  /** Headers read before the first line. */
  readonly prelude: readonly Outline[];
  readonly budget: Budget;
  /** How many includes led here. */
  readonly depth: number;
}

/** Outlines a file. Never throws but what the tree throws. */
export function outlineFile(host: UnitHost, source: SourceFile, options: OutlineOptions): Outline {
  const { prelude, budget, depth } = options;
  const builder = new OutlineBuilder(source.path, prelude);
  try {
    new FileReading({ host, builder, budget }, source, depth).run();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    builder.problems.push(error.problem);
  }
  return builder.finish();
}

/** One file being read into an outline. */
class FileReading {
  readonly #reading: Reading;
  readonly #source: SourceFile;
  readonly #depth: number;
  readonly #conditions: Condition[] = [];

  constructor(reading: Reading, source: SourceFile, depth: number) {
    this.#reading = reading;
    this.#source = source;
    this.#depth = depth;
  }

  run(): void {
    const { builder } = this.#reading;
    const source = this.#source;
    let from = 0;
    for (const directive of source.directives) {
      if (this.#isActive()) builder.addText(source, from, directive.start);
      this.#charge(directive);
      this.#direct(directive);
      from = directive.end;
    }
    if (this.#isActive()) builder.addText(source, from, source.text.length);
    const open = this.#conditions.at(-1);
    if (open) this.#report("unbalanced-condition", open.line, "#if without #endif");
  }

  #isActive(): boolean {
    return this.#conditions.at(-1)?.isActive ?? true;
  }

  #charge(directive: Directive): void {
    const { budget } = this.#reading;
    budget.tokens--;
    budget.parent.tokens--;
    if (budget.tokens < 0 || budget.parent.tokens < 0) {
      fail("token-limit", this.#place(directive), "too many directives");
    }
  }

  #line(directive: Directive): number {
    return lineAt(this.#source, directive.start);
  }

  #place(directive: Directive): Token {
    return makeToken("end", "", this.#source.path, this.#line(directive), false);
  }

  #report(code: ProblemCode, line: number, text: string): void {
    this.#reading.builder.problems.push({ code, file: this.#source.path, line, text });
  }

  #direct(directive: Directive): void {
    switch (directive.name) {
      case "if":
      case "ifdef":
      case "ifndef":
        return this.#openCondition(directive);
      case "elif":
      case "elifdef":
      case "elifndef":
        return this.#nextCondition(directive);
      case "else":
        return this.#elseCondition(directive);
      case "endif":
        if (!this.#conditions.pop())
          this.#report("unbalanced-condition", this.#line(directive), "#endif without #if");
        return;
      default:
        if (this.#isActive()) this.#act(directive);
    }
  }

  #openCondition(directive: Directive): void {
    const isInside = this.#isActive();
    if (this.#conditions.length >= this.#reading.host.limits.conditionDepth) {
      fail("nesting-limit", this.#place(directive), "#if is nested too deep");
    }
    const isActive = isInside && this.#test(directive);
    const line = this.#line(directive);
    this.#conditions.push({ isInside, line, isTaken: isActive, isActive, hasElse: false });
  }

  #nextCondition(directive: Directive): void {
    const condition = this.#conditions.at(-1);
    if (!condition || condition.hasElse) {
      return this.#report("unbalanced-condition", this.#line(directive), `#${directive.name} without #if`);
    }
    condition.isActive = condition.isInside && !condition.isTaken && this.#test(directive);
    condition.isTaken ||= condition.isActive;
  }

  #elseCondition(directive: Directive): void {
    const condition = this.#conditions.at(-1);
    if (!condition || condition.hasElse) {
      return this.#report("unbalanced-condition", this.#line(directive), "#else without #if");
    }
    condition.hasElse = true;
    condition.isActive = condition.isInside && !condition.isTaken;
    condition.isTaken = true;
  }

  /** Whether the condition holds; one that cannot be evaluated is told and does not hold. */
  #test(directive: Directive): boolean {
    if (directive.name.endsWith("def")) {
      const name = this.#name(directive);
      if (name === null) return false;
      return this.#isDefined(name) !== directive.name.endsWith("ndef");
    }
    try {
      return this.#evaluate(directive);
    } catch (error) {
      if (!(error instanceof SourceError) || error.problem.code === "token-limit") throw error;
      this.#reading.builder.problems.push(error.problem);
      return false;
    }
  }

  #evaluate(directive: Directive): boolean {
    const { file, line } = this.#place(directive);
    const { limits } = this.#reading.host;
    return evaluateCondition(this.#expander(directive), {
      file,
      line,
      depth: limits.conditionDepth,
      isDefined: (name) => this.#isDefined(name) || name.startsWith("__has_"),
      hasInclude: (header) => {
        const found = this.#reading.host.include(header, file, false);
        return found !== null && !("code" in found);
      },
    });
  }

  #isDefined(name: string): boolean {
    const found = this.#reading.builder.lookup(name);
    return found === undefined ? baseMacro(this.#reading.host.names, name, true) !== null : found !== null;
  }

  #expander(directive: Directive): Expander {
    const { host, builder, budget } = this.#reading;
    const tokens = directiveTokens(this.#source, directive);
    const end = this.#place(directive);
    let at = 0;
    const lookup = (name: string): Macro | NativeMacro | null => {
      const found = builder.lookup(name);
      if (found === undefined) return baseMacro(host.names, name, false);
      return found && definedMacro(found);
    };
    return new Expander({ next: () => tokens[at++] ?? end, isAtDirective: () => false, lookup }, budget);
  }

  /** The name behind `#define`, `#undef`, `#ifdef`; told if there is none. */
  #name(directive: Directive): string | null {
    const { text } = this.#source;
    let at = directive.body;
    while (at < directive.end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
    const start = at;
    while (at < directive.end && isIdentifierPart(text.charCodeAt(at))) at++;
    const isWhole = at > start && isIdentifierStart(text.charCodeAt(start)) && text.charCodeAt(at) !== 92;
    if (isWhole) return text.slice(start, at);
    const token = directiveTokens(this.#source, directive)[0];
    if (token?.kind === "identifier") return token.text;
    this.#report("bad-directive", this.#line(directive), `#${directive.name} needs a name`);
    return null;
  }

  #act(directive: Directive): void {
    switch (directive.name) {
      case "define":
      case "undef":
        return this.#define(directive);
      case "include":
      case "include_next":
      case "import":
        return this.#include(directive);
      case "error":
        return this.#report("error-directive", this.#line(directive), this.#message(directive));
      case "":
      case "warning":
      case "pragma":
      case "line":
      case "ident":
        return;
      default:
        return this.#report(
          "bad-directive",
          this.#line(directive),
          `#${directive.name.slice(0, 40)} is no directive`,
        );
    }
  }

  #message(directive: Directive): string {
    return `#error${this.#source.text.slice(directive.body, Math.min(directive.end, directive.body + 200))}`;
  }

  #define(directive: Directive): void {
    const name = this.#name(directive);
    if (name === null) return;
    this.#reading.builder.addMacro(
      name,
      directive.name === "undef" ? null : { source: this.#source, directive },
    );
  }

  #include(directive: Directive): void {
    const { host, builder } = this.#reading;
    const header = this.#header(directive);
    if (header === null)
      return this.#report("bad-directive", this.#line(directive), "#include needs a header");
    const found = host.include(header, this.#source.path, directive.name === "include_next");
    if (found === null) return;
    if ("code" in found) {
      builder.problems.push({ ...found, file: this.#source.path, line: this.#line(directive) });
      return;
    }
    if (this.#depth >= host.limits.includeDepth) {
      fail("include-depth", this.#place(directive), "#include is nested too deep");
    }
    if (found.guard === null) return new FileReading(this.#reading, found, this.#depth + 1).run();
    const outline = host.module(found, this.#depth + 1);
    if (outline) builder.addModule(outline);
  }

  /** `<a.h>` or `"a.h"`, also when a macro spells it; null if neither. */
  #header(directive: Directive): string | null {
    const text = this.#source.text.slice(directive.body, Math.min(directive.end, directive.body + 1000));
    const plain = /^[ \t]*(?<header><[^>\n]*>|"[^"\n]*")/.exec(text)?.groups?.["header"];
    if (plain !== undefined) return plain;
    const expander = this.#expander(directive);
    const tokens: Token[] = [];
    for (let token = expander.next(); token.kind !== "end"; token = expander.next()) tokens.push(token);
    if (tokens.length === 1 && tokens[0]?.kind === "string") return tokens[0].text;
    const spelled = spell(tokens);
    return /^<[^>]+>$/.test(spelled) ? spelled : null;
  }
}
