/**
 * Macro replacement (C11 6.10.3) in the order in which gcc does it: contexts on a stack, a macro disabled while
 * its context is on the stack, a name met while disabled painted for good.
 */
import type { Macro } from "./macro.ts";
import { substitute } from "./substitute.ts";
import type { Argument } from "./substitute.ts";
import { SourceError, makeToken, paint } from "../text/token.ts";
import type { ProblemCode, Token } from "../text/token.ts";

/** Where tokens come from and what names mean there. */
export interface Reader {
  /** The next token of the text; an end token, again and again, when there is none. */
  next(): Token;
  /** A directive stands before the next token. */
  isAtDirective(): boolean;
  /** The macro of that name at the place reached so far. */
  lookup(name: string): Macro | NativeMacro | null;
}

/** A macro whose replacement is computed: `__LINE__`, `IS_ENABLED(…)`. */
export interface NativeMacro {
  readonly name: string;
  readonly native: true;
  readonly takesArgument: boolean;
  /** `argument`: its tokens before and after replacement. */
  replace(use: Token, invocation: NativeInvocation): readonly Token[];
}

export interface NativeInvocation {
  readonly argument: NativeArgument | null;
  /** Numbers from 0 on, anew for each text that is expanded: the order of lookups must not show. */
  count(): number;
}

export interface NativeArgument {
  readonly raw: readonly Token[];
  readonly expanded: readonly Token[];
}

/** What the work may still cost; shared by everything that is done for one definition. */
export interface Budget {
  tokens: number;
  /** Budget of the whole program, drawn on too. */
  readonly parent: { tokens: number };
  readonly argumentDepth: number;
}

interface Context {
  readonly tokens: readonly Token[];
  readonly name: string | null;
  at: number;
}

export class Expander {
  readonly #reader: Reader;
  readonly #budget: Budget;
  #contexts: Context[] = [];
  #disabled = new Set<string>();
  #pushedBack: Token[] = [];
  /** A blank owed to the next token, because what stood before it vanished. */
  #owedSpace = false;
  #depth = 0;
  #counter = 0;

  constructor(reader: Reader, budget: Budget) {
    this.#reader = reader;
    this.#budget = budget;
  }

  /** The next token with macros replaced. */
  next(): Token {
    for (;;) {
      const token = this.nextRaw();
      if (token.kind !== "identifier" || token.painted) return this.#pay(token);
      const macro = this.#reader.lookup(token.text);
      if (macro === null || !this.#enter(token, macro)) return this.#pay(token);
    }
  }

  /** The next token as it stands; the name of a macro that is being replaced comes painted. */
  nextRaw(): Token {
    const token = this.#pull();
    this.#charge(1, token);
    const isLoop = token.kind === "identifier" && !token.painted && this.#disabled.has(token.text);
    return isLoop ? paint(token) : token;
  }

  /** Replaces macros in a list of tokens on its own. */
  expandAll(tokens: readonly Token[], use: Token): Token[] {
    if (++this.#depth > this.#budget.argumentDepth)
      fail("nesting-limit", use, "macro arguments are nested too deep");
    const outer = { contexts: this.#contexts, pushedBack: this.#pushedBack, owed: this.#owedSpace };
    this.#contexts = [{ tokens, name: null, at: 0 }];
    this.#pushedBack = [];
    this.#owedSpace = false;
    this.#isolated++;
    const out: Token[] = [];
    for (let token = this.next(); token.kind !== "end"; token = this.next()) out.push(token);
    this.#isolated--;
    this.#contexts = outer.contexts;
    this.#pushedBack = outer.pushedBack;
    this.#owedSpace = outer.owed;
    this.#depth--;
    return out;
  }

  /** Above 0 while a list is expanded on its own: the text behind it is out of reach. */
  #isolated = 0;

  #pull(): Token {
    const back = this.#pushedBack.pop();
    if (back) return back;
    this.#popFinished();
    const context = this.#contexts.at(-1);
    const token = context?.tokens[context.at++];
    if (token) return token;
    return this.#isolated > 0 ? END : this.#reader.next();
  }

  #isAtDirective(): boolean {
    this.#popFinished();
    const isAtText = this.#pushedBack.length === 0 && this.#contexts.length === 0 && this.#isolated === 0;
    return isAtText && this.#reader.isAtDirective();
  }

  /** Leaves contexts that have no token left; their macros may be replaced again. */
  #popFinished(): void {
    for (let context = this.#contexts.at(-1); context; context = this.#contexts.at(-1)) {
      if (context.at < context.tokens.length) return;
      this.#contexts.pop();
      if (context.name !== null) this.#disabled.delete(context.name);
    }
  }

  #pay(token: Token): Token {
    if (!this.#owedSpace) return token;
    this.#owedSpace = false;
    return token.space ? token : { ...token, space: true };
  }

  /** Puts the macro's replacement before what comes next; false if the name is no invocation here. */
  #enter(use: Token, macro: Macro | NativeMacro): boolean {
    if ("native" in macro) return this.#enterNative(use, macro);
    if (macro.parameters === null) {
      this.#push(use, macro, substitute(macro, [], { use, expander: this }));
      return true;
    }
    if (!this.#opens()) return false;
    const given = this.#collect(use, macro.parameters.length, macro.isVariadic);
    this.#push(use, macro, substitute(macro, given, { use, expander: this }));
    return true;
  }

  #enterNative(use: Token, macro: NativeMacro): boolean {
    if (macro.takesArgument && !this.#opens()) return false;
    const argument = macro.takesArgument ? this.#collect(use, 1, false)[0] : null;
    const raw = argument?.raw ?? [];
    const given = argument ? { raw, expanded: this.expandAll(raw, use) } : null;
    const tokens = macro.replace(use, { argument: given, count: () => this.#counter++ });
    this.#contexts.push({ tokens, name: null, at: 0 });
    return true;
  }

  #push(use: Token, macro: Macro, tokens: Token[]): void {
    this.#charge(tokens.length, use);
    const first = tokens[0];
    if (!first) this.#owedSpace ||= use.space;
    else if (first.space !== use.space) tokens[0] = { ...first, space: use.space };
    this.#disabled.add(macro.name);
    this.#contexts.push({ tokens, name: macro.name, at: 0 });
  }

  /** Whether an opening parenthesis comes next; it is taken if so. As for gcc, one behind a directive is none. */
  #opens(): boolean {
    if (this.#isAtDirective()) return false;
    const token = this.nextRaw();
    if (token.text === "(" && token.kind === "punct") return true;
    if (token.kind !== "end") this.#pushedBack.push(token);
    return false;
  }

  /** Reads the arguments behind the opening parenthesis. */
  #collect(use: Token, wanted: number, isVariadic: boolean): Argument[] {
    const lists: Token[][] = [[]];
    for (let depth = 1; ;) {
      const token = this.nextRaw();
      if (token.kind === "end") fail("bad-invocation", use, `the arguments of ${use.text} do not end`);
      if (token.kind === "punct") {
        if (token.text === "(") depth++;
        else if (token.text === ")" && --depth === 0) break;
        else if (token.text === "," && depth === 1 && !(isVariadic && lists.length >= wanted)) {
          lists.push([]);
          continue;
        }
      }
      lists.at(-1)?.push(token);
    }
    const checked = checkCount(use, lists, wanted, isVariadic);
    const isOmitted = isVariadic && (lists.length < wanted || (wanted === 1 && checked[0]?.length === 0));
    return checked.map((raw, at) => ({ raw, expanded: null, isOmitted: isOmitted && at === wanted - 1 }));
  }

  /** Draws on the budget. Long texts made by # and ## cost more: they could double with every step. */
  #charge(tokens: number, place: Token): void {
    this.#budget.tokens -= tokens;
    this.#budget.parent.tokens -= tokens;
    if (this.#budget.tokens < 0 || this.#budget.parent.tokens < 0) {
      fail("token-limit", place, "macros make too many tokens");
    }
  }

  chargeText(length: number, place: Token): void {
    this.#charge(length >> 4, place);
  }
}

const END: Token = makeToken("end", "", "", 0, false);

function checkCount(use: Token, lists: Token[][], wanted: number, isVariadic: boolean): Token[][] {
  const given = lists.length;
  if (given === wanted) return lists;
  if (isVariadic && given === wanted - 1) return [...lists, []];
  if (wanted === 0 && given === 1 && lists[0]?.length === 0) return [];
  fail("bad-invocation", use, `${use.text} takes ${wanted} arguments, ${given} are given`);
}

export function fail(code: ProblemCode, place: Token, text: string): never {
  throw new SourceError({ code, file: place.file, line: place.line, text });
}
