/** The controlling expression of `#if` and `#elif` (C11 6.10.1), exact in 64 bits. */
import { fail } from "./expand.ts";
import { parseCharacter, parseInteger } from "./integer.ts";
import type { WideInteger } from "./integer.ts";
import { makeToken } from "../text/token.ts";
import type { Token } from "../text/token.ts";

/** Gives the tokens of the line; an Expander does. */
export interface TokenSource {
  next(): Token;
  nextRaw(): Token;
}

export interface ConditionContext {
  /** Place for problems. */
  readonly file: string;
  readonly line: number;
  /** How deep parentheses, unary operators and ?: may nest. */
  readonly depth: number;
  isDefined(name: string): boolean;
  /** Whether `#include` would find the header, spelled with its quotes or angle brackets. */
  hasInclude(header: string): boolean;
}

/** Binary operators by how tightly they bind; the comma and ?: are handled apart. */
const BINDING: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
};

/** Value of the expression; throws a SourceError if it is none. */
export function evaluateCondition(source: TokenSource, context: ConditionContext): boolean {
  const evaluation = new Evaluation(source, context);
  return evaluation.whole();
}

class Evaluation {
  readonly #source: TokenSource;
  readonly #context: ConditionContext;
  readonly #place: Token;
  #token: Token;
  #depth = 0;
  /** Above 0 in an operand whose value does not count: there division by zero is no error. */
  #skipped = 0;

  constructor(source: TokenSource, context: ConditionContext) {
    this.#source = source;
    this.#context = context;
    this.#place = makeToken("end", "", context.file, context.line, false);
    this.#token = source.next();
  }

  whole(): boolean {
    const { value } = this.#comma();
    if (this.#token.kind !== "end") this.#bad(`unexpected ${this.#token.text.slice(0, 40)} in a condition`);
    return value !== 0n;
  }

  #bad(text: string): never {
    return fail("bad-condition", this.#place, text);
  }

  #take(): Token {
    const token = this.#token;
    this.#token = takesRawOperand(token) ? this.#source.nextRaw() : this.#source.next();
    return token;
  }

  #isPunct(text: string): boolean {
    return this.#token.kind === "punct" && this.#token.text === text;
  }

  #enter(): void {
    if (++this.#depth > this.#context.depth)
      fail("nesting-limit", this.#place, "a condition is nested too deep");
  }

  #comma(): WideInteger {
    let value = this.#ternary();
    while (this.#isPunct(",")) {
      this.#take();
      value = this.#ternary();
    }
    return value;
  }

  #ternary(): WideInteger {
    this.#enter();
    const test = this.#binary(1);
    const value = this.#isPunct("?") ? this.#branches(test.value !== 0n) : test;
    this.#depth--;
    return value;
  }

  #branches(isTrue: boolean): WideInteger {
    this.#take();
    const yes = this.#perhaps(isTrue, () => this.#comma());
    if (!this.#isPunct(":")) this.#bad("? without : in a condition");
    this.#take();
    const no = this.#perhaps(!isTrue, () => this.#ternary());
    return { value: (isTrue ? yes : no).value, isUnsigned: yes.isUnsigned || no.isUnsigned };
  }

  #perhaps(counts: boolean, work: () => WideInteger): WideInteger {
    if (!counts) this.#skipped++;
    const value = work();
    if (!counts) this.#skipped--;
    return value;
  }

  #binary(least: number): WideInteger {
    let left = this.#unary();
    for (;;) {
      const binding = this.#token.kind === "punct" ? (BINDING[this.#token.text] ?? 0) : 0;
      if (binding < least || binding === 0) return left;
      const operator = this.#take().text;
      const counts = operator === "&&" ? left.value !== 0n : operator === "||" ? left.value === 0n : true;
      const right = this.#perhaps(counts, () => this.#binary(binding + 1));
      left = this.#combine(operator, left, right);
    }
  }

  #unary(): WideInteger {
    this.#enter();
    const value = this.#operand(this.#take());
    this.#depth--;
    return value;
  }

  #operand(token: Token): WideInteger {
    if (token.kind === "number")
      return parseInteger(token.text) ?? this.#bad(`${token.text.slice(0, 80)} is no integer`);
    if (token.kind === "char")
      return signed(parseCharacter(token.text) ?? this.#bad("a malformed character constant"));
    if (token.kind === "identifier") return this.#name(token.text);
    if (token.kind !== "punct")
      return this.#bad(token.kind === "end" ? "a condition ends too early" : "a string in a condition");
    return this.#prefixed(token.text);
  }

  #prefixed(operator: string): WideInteger {
    if (operator === "(") {
      const value = this.#comma();
      if (!this.#isPunct(")")) this.#bad("( without ) in a condition");
      this.#take();
      return value;
    }
    if (!["!", "~", "-", "+"].includes(operator)) this.#bad(`unexpected ${operator} in a condition`);
    const { value, isUnsigned } = this.#unary();
    if (operator === "!") return truth(value === 0n);
    if (operator === "+") return { value, isUnsigned };
    return wrap(operator === "-" ? -value : ~value, isUnsigned);
  }

  /** A name that is no macro is 0, but for the operators that look like names. */
  #name(name: string): WideInteger {
    if (name === "defined") return truth(this.#context.isDefined(this.#definedName()));
    if (name === "__has_include") return truth(this.#context.hasInclude(this.#headerName()));
    if (/^__has_\w+$/.test(name) && this.#isPunct("(")) return this.#hasFeature(name);
    return signed(0n);
  }

  /** The operand of `defined` is not replaced. */
  #definedName(): string {
    const isCall = this.#isPunct("(");
    const token = isCall ? this.#source.nextRaw() : this.#token;
    if (token.kind !== "identifier") this.#bad("`defined` needs a name");
    if (isCall) this.#token = this.#source.nextRaw();
    if (isCall && !this.#isPunct(")")) this.#bad("`defined(` without )");
    this.#take();
    return token.text;
  }

  #headerName(): string {
    let text = "";
    if (!this.#isPunct("(")) this.#bad("__has_include needs a header");
    for (this.#token = this.#source.nextRaw(); !this.#isPunct(")"); this.#token = this.#source.nextRaw()) {
      if (this.#token.kind === "end") this.#bad("__has_include( without )");
      text += this.#token.text;
    }
    this.#take();
    return text;
  }

  /** Attributes and built-ins: said to be there, as a current gcc has them. */
  #hasFeature(name: string): WideInteger {
    for (let depth = 0; ; this.#token = this.#source.nextRaw()) {
      if (this.#token.kind === "end") this.#bad(`${name}( without )`);
      if (this.#isPunct("(")) depth++;
      if (this.#isPunct(")") && --depth === 0) break;
    }
    this.#take();
    return truth(name === "__has_attribute" || name === "__has_builtin");
  }

  #combine(operator: string, left: WideInteger, right: WideInteger): WideInteger {
    if (operator === "&&") return truth(left.value !== 0n && right.value !== 0n);
    if (operator === "||") return truth(left.value !== 0n || right.value !== 0n);
    if (operator === "<<" || operator === ">>") {
      const by = wrap(right.value, right.isUnsigned).value;
      return shift(left, operator === "<<" ? by : -by);
    }
    const isUnsigned = left.isUnsigned || right.isUnsigned;
    const a = wrap(left.value, isUnsigned).value;
    const b = wrap(right.value, isUnsigned).value;
    if ((operator === "/" || operator === "%") && b === 0n) {
      if (this.#skipped === 0) this.#bad("division by zero in a condition");
      return { value: 0n, isUnsigned };
    }
    return arithmetic(operator, a, b, isUnsigned);
  }
}

function takesRawOperand({ kind, text }: Token): boolean {
  return kind === "identifier" && (text === "defined" || text.startsWith("__has_"));
}

function arithmetic(operator: string, a: bigint, b: bigint, isUnsigned: boolean): WideInteger {
  switch (operator) {
    case "|":
      return wrap(a | b, isUnsigned);
    case "^":
      return wrap(a ^ b, isUnsigned);
    case "&":
      return wrap(a & b, isUnsigned);
    case "+":
      return wrap(a + b, isUnsigned);
    case "-":
      return wrap(a - b, isUnsigned);
    case "*":
      return wrap(a * b, isUnsigned);
    case "/":
      return wrap(a / b, isUnsigned);
    case "%":
      return wrap(a % b, isUnsigned);
    default:
      return truth(compare(operator, a, b));
  }
}

function compare(operator: string, a: bigint, b: bigint): boolean {
  if (operator === "==") return a === b;
  if (operator === "!=") return a !== b;
  if (operator === "<") return a < b;
  if (operator === ">") return a > b;
  return operator === "<=" ? a <= b : a >= b;
}

/** Shifts left by `by`, right where it is negative; by 64 and more everything is gone, as gcc has it. */
function shift(left: WideInteger, by: bigint): WideInteger {
  const { isUnsigned } = left;
  const value = wrap(left.value, isUnsigned).value;
  if (by >= 64n) return { value: 0n, isUnsigned };
  if (by <= -64n) return { value: value < 0n ? -1n : 0n, isUnsigned };
  return wrap(by < 0n ? value >> -by : value << by, isUnsigned);
}

function wrap(value: bigint, isUnsigned: boolean): WideInteger {
  return { value: isUnsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value), isUnsigned };
}

function signed(value: bigint): WideInteger {
  return { value, isUnsigned: false };
}

function truth(value: boolean): WideInteger {
  return signed(value ? 1n : 0n);
}
