import type { Place } from "./ast.ts";
import type { Token } from "../text/token.ts";

/** What is wrong with a piece of source text. Caught inside src/c, never seen outside. */
export class SyntaxProblem extends Error {
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/**
 * How deep expressions and statements may nest. C asks for 63 levels of parentheses; the cap keeps the
 * recursive parser and compiler far away from the end of the JavaScript stack.
 */
export const MAX_NESTING = 200;

/** Operands in one chain such as `a | b | c …`: the tree leans to one side and is walked recursively. */
export const MAX_CHAIN = 1000;

/** A position in a list of tokens, with the nesting depth reached. */
export class Cursor {
  readonly tokens: readonly Token[];
  index = 0;
  depth = 0;
  private readonly end: Token;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
    const last = tokens[tokens.length - 1];
    this.end = {
      ...(last ?? ({ file: "", line: 0 } as Token)),
      kind: "end",
      text: "",
    };
  }

  get current(): Token {
    return this.tokens[this.index] ?? this.end;
  }

  peek(distance = 1): Token {
    return this.tokens[this.index + distance] ?? this.end;
  }

  get atEnd(): boolean {
    return this.current.kind === "end";
  }

  is(text: string): boolean {
    const token = this.current;
    return token.text === text && token.kind !== "string" && token.kind !== "char";
  }

  /** Takes the token if it is `text`. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.index++;
    return true;
  }

  take(): Token {
    const token = this.current;
    this.index++;
    return token;
  }

  expect(text: string): Token {
    if (!this.is(text)) this.fail(`expected '${text}'`);
    return this.take();
  }

  name(): string {
    if (this.current.kind !== "identifier") this.fail("expected a name");
    return this.take().text;
  }

  fail(what: string): never {
    const token = this.current;
    const found = token.kind === "end" ? "the end" : `'${token.text.slice(0, 40)}'`;
    throw new SyntaxProblem(`${what}, found ${found}`, token);
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (this.depth >= MAX_NESTING) {
      throw new SyntaxProblem(`nested deeper than ${MAX_NESTING} levels`, this.current);
    }
    this.depth++;
    const result = parse();
    this.depth--;
    return result;
  }

  /** Past a balanced bracket; the current token is the opening one. */
  skipBalanced(): void {
    let open = 0;
    do {
      const token = this.take();
      if (token.kind === "end") this.fail("unbalanced brackets");
      if (token.kind !== "punct") continue;
      if (token.text === "(" || token.text === "[" || token.text === "{") open++;
      if (token.text === ")" || token.text === "]" || token.text === "}") open--;
    } while (open > 0);
  }

  /** Past the statement that starts here: to its `;` or the end of its braces. */
  skipStatement(): void {
    while (!this.atEnd && !this.is("}")) {
      if (this.accept(";")) return;
      const brace = this.is("{");
      if (brace || this.is("(") || this.is("[")) this.skipBalanced();
      else this.index++;
      if (brace && !this.is(";") && !this.is(",") && !this.is(")")) return;
    }
  }
}
