/** Builds a macro's replacement: parameters, `#`, `##`, `__VA_OPT__` (C11 6.10.3.1 to 6.10.3.3, GNU commas). */
import { lex } from "../text/lexer.ts";
import type { BodyToken, Macro } from "./macro.ts";
import { SourceError, withSpace } from "../text/token.ts";
import type { Token } from "../text/token.ts";

/** One argument of an invocation; its expansion is made once, when somebody needs it. */
export interface Argument {
  readonly raw: readonly Token[];
  expanded: readonly Token[] | null;
  /** Variable arguments that are not given at all, which is more than being empty: GNU's `, ##` looks at it. */
  readonly isOmitted: boolean;
}

/** What substitution asks of the one who expands: the replacement of an argument, and a charge for made text. */
export interface ArgumentExpander {
  expandAll(tokens: readonly Token[], use: Token): Token[];
  chargeText(length: number, place: Token): void;
}

export interface Invocation {
  readonly use: Token;
  readonly expander: ArgumentExpander;
}

interface Work extends Invocation {
  readonly macro: Macro;
  readonly given: readonly Argument[];
}

/** What one operand of the body becomes. */
interface Operand {
  readonly tokens: readonly Token[];
  /** Index behind it in the body. */
  readonly next: number;
  /** The variable arguments: a comma pasted before them is GNU's comma, not a paste. */
  readonly isVariable: boolean;
  readonly isOmitted?: boolean;
}

const NO_ARGUMENT: Argument = { raw: [], expanded: [], isOmitted: false };

export function substitute(macro: Macro, given: readonly Argument[], invocation: Invocation): Token[] {
  const { use, expander } = invocation;
  return substitutePart({ use, expander, macro, given }, 0, macro.body.length);
}

function substitutePart(work: Work, start: number, end: number): Token[] {
  const { body } = work.macro;
  const out: Token[] = [];
  let owesSpace = false;
  let leftIsEmpty = true;
  for (let at = start; at < end;) {
    const isPaste = at > start && isPasteAt(work.macro, at);
    const begin = isPaste ? at + 1 : at;
    const operand = readOperand(work, begin, end);
    const isEmpty = operand.tokens.length === 0;
    const space: boolean = owesSpace || (!isPaste && (body[begin]?.token.space ?? false));
    if (isPaste && !leftIsEmpty) pasteOperand(work, out, operand);
    else append(out, operand.tokens, space);
    leftIsEmpty = isEmpty && (!isPaste || leftIsEmpty);
    owesSpace = leftIsEmpty && space;
    at = operand.next;
  }
  return out;
}

function append(out: Token[], tokens: readonly Token[], space: boolean): void {
  const [first] = tokens;
  if (first === undefined) return;
  out.push(withSpace(first, space));
  for (let at = 1; at < tokens.length; at++) out.push(tokens[at] ?? first);
}

/** Joins the operand to the token left of its `##`. */
function pasteOperand(work: Work, out: Token[], operand: Operand): void {
  const [first, ...rest] = operand.tokens;
  const left = out.at(-1);
  if (operand.isVariable && left?.text === ",") {
    if (operand.isOmitted) out.pop();
    else append(out, operand.tokens, first?.space ?? false);
    return;
  }
  if (first && left) out[out.length - 1] = paste(work, left, first);
  append(out, rest, rest[0]?.space ?? false);
}

function readOperand(work: Work, at: number, end: number): Operand {
  const { macro } = work;
  const part = macro.body[at];
  if (!part) return { tokens: [], next: at + 1, isVariable: false };
  if (part.token.text === "__VA_OPT__" && macro.isVariadic) return readOptional(work, at, end);
  if (part.token.text === "#" && macro.parameters !== null) return readStringified(work, at, end);
  if (part.parameter < 0) return { tokens: [place(work, part)], next: at + 1, isVariable: false };
  const argument = work.given[part.parameter] ?? NO_ARGUMENT;
  const isPasted = isPasteAt(macro, at - 1) || isPasteAt(macro, at + 1);
  const tokens = isPasted ? argument.raw : expandArgument(work, argument);
  const isVariable = macro.isVariadic && part.parameter === (macro.parameters?.length ?? 0) - 1;
  return { tokens, next: at + 1, isVariable, isOmitted: argument.isOmitted };
}

function isPasteAt(macro: Macro, at: number): boolean {
  return macro.body[at]?.token.text === "##";
}

function expandArgument(work: Work, argument: Argument): readonly Token[] {
  return (argument.expanded ??= work.expander.expandAll(argument.raw, work.use));
}

function place({ use }: Work, { token, place }: BodyToken): Token {
  const { kind, text, space } = token;
  return { kind, text, file: use.file, line: use.line, space, painted: false, from: place };
}

/** `__VA_OPT__(…)`: its content if the variable arguments expand to anything. */
function readOptional(work: Work, at: number, end: number): Operand {
  const { body, parameters } = work.macro;
  let close = at + 1;
  for (let depth = 0; close < end; close++) {
    const text = body[close]?.token.text;
    if (text === "(") depth++;
    if (text === ")" && --depth === 0) break;
  }
  if (body[at + 1]?.token.text !== "(" || close >= end)
    throw flaw(work, "bad-macro", "__VA_OPT__ does not end");
  const variable = work.given[(parameters?.length ?? 0) - 1];
  const isGiven = variable !== undefined && expandArgument(work, variable).length > 0;
  const tokens = isGiven ? substitutePart(work, at + 2, close) : [];
  return { tokens, next: close + 1, isVariable: false };
}

function readStringified(work: Work, at: number, end: number): Operand {
  const part = work.macro.body[at + 1];
  const hash = work.macro.body[at];
  const operand =
    part?.token.text === "__VA_OPT__"
      ? readOptional(work, at + 1, end)
      : { tokens: work.given[part?.parameter ?? -1]?.raw ?? [], next: at + 2 };
  if (!hash) return { tokens: [], next: operand.next, isVariable: false };
  const text = stringify(work, operand.tokens);
  const token: Token = { ...place(work, hash), kind: "string", text };
  return { tokens: [token], next: operand.next, isVariable: false };
}

/** The spelling of the tokens as a string literal (C11 6.10.3.2). */
function stringify(work: Work, tokens: readonly Token[]): string {
  const parts: string[] = [];
  for (const [index, { kind, text, space }] of tokens.entries()) {
    work.expander.chargeText(text.length, work.use);
    if (index > 0 && space) parts.push(" ");
    parts.push(kind === "string" || kind === "char" ? text.replaceAll(/["\\]/g, "\\$&") : text);
  }
  return `"${parts.join("")}"`;
}

/** One token of two (C11 6.10.3.3). */
function paste(work: Work, left: Token, right: Token): Token {
  const text = left.text + right.text;
  work.expander.chargeText(text.length, work.use);
  const { tokens, problems } = lex(text, { file: left.file, start: 0, end: text.length, line: left.line });
  const [made] = tokens;
  if (!made || tokens.length !== 1 || made.text.length !== text.length || problems.length > 0) {
    throw flaw(work, "bad-paste", `${left.text.slice(0, 60)} ## ${right.text.slice(0, 60)} makes no token`);
  }
  return { ...made, space: left.space, from: left.from };
}

function flaw({ use }: Work, code: "bad-macro" | "bad-paste", text: string): SourceError {
  return new SourceError({ code, file: use.file, line: use.line, text: `${use.text}: ${text}` });
}
