/** Tells types from expressions by the tokens that follow; asks the tree only where it must. */
import type { Parser } from "./parser-state.ts";

export const CONST = new Set(["const", "__const", "__const__"]);

/** Is the name after a bracket the beginning of a type? Looks into the tree only where it must. */
export function startsTypeName(p: Parser): boolean {
  const token = p.current;
  if (token.kind !== "identifier") return false;
  const own = p.own(token.text);
  if (own !== undefined) return own;
  if (p.isDeclarationWord(token) || p.isKnownType(token.text)) return true;
  const next = p.peek();
  if (next.kind === "identifier") return true;
  if (next.text === "*") return starsThenClose(p) || (starsThenMore(p) && p.isType(token.text));
  if (next.text === ")") return closeThenOperand(p);
  if (next.text === "[") return p.isType(token.text);
  return next.text === "(" && p.peek(2).text === "*" && p.isType(token.text);
}

function starsThenClose(p: Parser): boolean {
  let i = 1;
  while (p.peek(i).text === "*" || CONST.has(p.peek(i).text) || p.peek(i).text === "__user") i++;
  return p.peek(i).text === ")" || p.peek(i).text === ",";
}

/** `t *(*)(…)`: rare, worth a look-up. */
function starsThenMore(p: Parser): boolean {
  let i = 1;
  while (p.peek(i).text === "*") i++;
  return p.peek(i).text === "(" && p.peek(i + 1).text === "*" && p.peek(i + 2).text === ")";
}

/** `(name)` is a cast if an operand follows; where it may be an operator too, the tree decides. */
function closeThenOperand(p: Parser): boolean {
  const after = p.peek(2);
  if (after.kind === "identifier" || after.kind === "number" || after.kind === "char") return true;
  if (after.kind === "string" || ["{", "~", "!"].includes(after.text)) return true;
  if (["(", "*", "&", "+", "-", "++", "--"].includes(after.text)) return p.isType(p.current.text);
  return false;
}
