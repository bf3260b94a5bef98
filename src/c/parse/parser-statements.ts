import type { Block, Declaration, Expression, Statement } from "./ast.ts";
import { SyntaxProblem } from "./cursor.ts";
import { attribute, mergeAttributes } from "./parser-attributes.ts";
import { asmStatement } from "./parser-asm.ts";
import type { Parser } from "./parser-state.ts";
import { declarator, type Specifiers } from "./parser-declarators.ts";
import { specifiers } from "./parser-types.ts";

export function block(p: Parser): Block {
  const place = p.expect("{");
  const items = p.inScope(() => p.nested(() => blockItems(p)));
  p.expect("}");
  return { kind: "block", place, items };
}

function blockItems(p: Parser): Statement[] {
  const items: Statement[] = [];
  while (!p.is("}")) {
    if (p.atEnd) p.fail("expected '}'");
    if (p.accept(";") || attributeStatement(p)) continue;
    items.push(...guardedStatement(p));
  }
  return items;
}

/** `fallthrough;`, as a name or as the attribute it stands for. */
function attributeStatement(p: Parser): boolean {
  if (p.is("fallthrough") && p.peek().text === ";") {
    p.index += 2;
    return true;
  }
  const { index } = p;
  if (p.is("__attribute__") && attribute(p) !== null && p.accept(";")) return true;
  p.index = index;
  return false;
}

/** A statement that cannot be parsed becomes one that stops the evaluation when it is reached. */
function guardedStatement(p: Parser): Statement[] {
  const { index, depth, scopeDepth } = p;
  const place = p.current;
  try {
    return statementOrDeclaration(p);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    p.restore(depth, scopeDepth);
    p.index = index;
    p.skipStatement();
    if (p.index === index) p.take();
    const reason = `${error.message} (${error.place.file}:${error.place.line})`;
    return [{ kind: "unparsed", reason, place }];
  }
}

function statementOrDeclaration(p: Parser): Statement[] {
  return startsDeclaration(p) ? p.rules.declaration(p) : [statement(p)];
}

function startsDeclaration(p: Parser): boolean {
  const token = p.current;
  if (token.kind !== "identifier") return false;
  const next = p.peek();
  if (next.text === ":" || KEYWORDS.has(token.text)) return false;
  const own = p.own(token.text);
  if (own !== undefined) return own && next.text !== "(";
  if (p.isDeclarationWord(token) || p.isKnownType(token.text)) return true;
  if (next.kind === "identifier") return true;
  if (next.text === "*") return starThenDeclared(p);
  return next.text === "(" && p.peek(2).text === "*" && p.isType(token.text);
}

/** `name * other ;`: a declaration, since a product that nobody uses would make no statement. */
function starThenDeclared(p: Parser): boolean {
  let i = 1;
  while (p.peek(i).text === "*" || p.peek(i).text === "const" || p.peek(i).text.startsWith("__")) i++;
  return p.peek(i).kind === "identifier" && ["=", ";", ",", "["].includes(p.peek(i + 1).text);
}

export function declaration(p: Parser): Statement[] {
  if (p.is("_Static_assert") || p.is("static_assert")) return [staticAssert(p)];
  if (p.is("__label__")) return skipLocalLabels(p);
  const spec = specifiers(p);
  if (p.accept(";")) return [{ kind: "tag", type: spec.type, place: spec.type.place }];
  const found: Statement[] = [];
  do found.push(initDeclarator(p, spec));
  while (p.accept(","));
  p.expect(";");
  return found;
}

/** One declared name with its initializer; the name is in scope from here on. */
export function initDeclarator(p: Parser, spec: Specifiers): Declaration {
  const place = p.current;
  const { name, type, isConst, attributes } = declarator(p, spec);
  if (name === null) p.fail("expected a name to declare");
  p.declare(name, spec.storage === "typedef");
  const initializer = p.accept("=") ? p.rules.initializer(p) : null;
  return {
    kind: "declaration",
    place,
    storage: spec.storage,
    name,
    type,
    isConst,
    initializer,
    attributes: mergeAttributes(spec.attributes, attributes),
  };
}

function staticAssert(p: Parser): Statement {
  const place = p.take();
  p.expect("(");
  const value = p.rules.conditional(p);
  if (p.accept(",")) p.rules.expression(p);
  p.expect(")");
  p.accept(";");
  return { kind: "static-assert", value, place };
}

function skipLocalLabels(p: Parser): Statement[] {
  p.skipStatement();
  return [];
}

const KEYWORDS = new Set([
  ...["if", "else", "for", "while", "do", "switch", "case", "default", "return", "break"],
  ...["continue", "goto", "asm", "__asm__", "__asm", "sizeof"],
]);

function statement(p: Parser): Statement {
  return p.nested(() => (p.current.kind === "identifier" ? wordStatement(p) : plainStatement(p)));
}

function plainStatement(p: Parser): Statement {
  if (p.is("{")) return block(p);
  const place = p.current;
  if (p.accept(";")) return { kind: "block", items: [], place };
  return expressionStatement(p);
}

function expressionStatement(p: Parser): Statement {
  const place = p.current;
  const value = p.rules.expression(p);
  p.expect(";");
  return { kind: "expression", value, place };
}

function wordStatement(p: Parser): Statement {
  switch (p.current.text) {
    case "if":
      return ifStatement(p);
    case "while":
      return whileStatement(p);
    case "do":
      return doStatement(p);
    case "for":
      return forStatement(p);
    case "switch":
      return switchStatement(p);
    case "case":
    case "default":
      return labelled(p, caseLabel(p));
    case "asm":
    case "__asm__":
    case "__asm":
      return asmStatement(p);
    case "goto":
    case "break":
    case "continue":
    case "return":
      return jumpStatement(p);
    default:
      return p.peek().text === ":" ? labelled(p, nameLabel(p)) : expressionStatement(p);
  }
}

function condition(p: Parser): Expression {
  p.expect("(");
  const value = p.rules.expression(p);
  p.expect(")");
  return value;
}

/** A body is a scope of its own, and may be a single statement. */
function body(p: Parser): Statement {
  return p.inScope(() => statement(p));
}

/** `else if` chains are collected first, so that long ones do not nest. */
function ifStatement(p: Parser): Statement {
  const arms: { place: Expression["place"]; condition: Expression; whenTrue: Statement }[] = [];
  let last: Statement | null = null;
  do {
    const place = p.expect("if");
    arms.push({ place, condition: condition(p), whenTrue: body(p) });
    if (!p.accept("else")) break;
    if (!p.is("if")) last = body(p);
  } while (last === null);
  for (const arm of arms.reverse()) last = { kind: "if", ...arm, whenFalse: last };
  return last ?? p.fail("expected 'if'");
}

function whileStatement(p: Parser): Statement {
  const place = p.take();
  return { kind: "while", condition: condition(p), body: body(p), place };
}

function doStatement(p: Parser): Statement {
  const place = p.take();
  const inner = body(p);
  p.expect("while");
  const value = condition(p);
  p.accept(";");
  return { kind: "do", condition: value, body: inner, place };
}

function forStatement(p: Parser): Statement {
  const place = p.take();
  return p.inScope(() => {
    p.expect("(");
    const init = p.accept(";") ? [] : statementOrDeclaration(p);
    const test = p.is(";") ? null : p.rules.expression(p);
    p.expect(";");
    const step = p.is(")") ? null : p.rules.expression(p);
    p.expect(")");
    return { kind: "for", init, condition: test, step, body: body(p), place };
  });
}

function switchStatement(p: Parser): Statement {
  const place = p.take();
  return { kind: "switch", value: condition(p), body: body(p), place };
}

function caseLabel(p: Parser): Statement {
  const place = p.take();
  if (place.text === "default") {
    p.expect(":");
    return { kind: "default", place };
  }
  const first = p.rules.conditional(p);
  const last = p.accept("...") ? p.rules.conditional(p) : null;
  p.expect(":");
  return { kind: "case", first, last, place };
}

function nameLabel(p: Parser): Statement {
  const place = p.take();
  p.expect(":");
  while (p.is("__attribute__")) {
    p.take();
    p.skipBalanced();
  }
  return { kind: "label", name: place.text, place };
}

/** A run of labels and the statement behind them, gathered without nesting. */
function labelled(p: Parser, first: Statement): Statement {
  const items = [first];
  for (;;) {
    if (p.is("case") || p.is("default")) items.push(caseLabel(p));
    else if (p.current.kind === "identifier" && p.peek().text === ":") items.push(nameLabel(p));
    else break;
  }
  if (!p.is("}")) items.push(...statementOrDeclaration(p));
  return { kind: "block", items, place: first.place };
}

function jumpStatement(p: Parser): Statement {
  const place = p.take();
  const result = jump(p, place.text, place);
  p.expect(";");
  return result;
}

function jump(p: Parser, word: string, place: Expression["place"]): Statement {
  switch (word) {
    case "goto":
      return { kind: "goto", label: p.name(), place };
    case "break":
      return { kind: "break", place };
    case "continue":
      return { kind: "continue", place };
    default:
      return { kind: "return", value: p.is(";") ? null : p.rules.expression(p), place };
  }
}
