/**
 * Recursive-descent parser of C11 with the GNU extensions kernel code uses, over expanded tokens.
 * Entry points give a tree or a reason with its place; they never throw and never run deep.
 */
import type { Token } from "../text/token.ts";
import type { Declaration, Expression, FunctionNode, Place, Statement, TypeNode } from "./ast.ts";
import { SyntaxProblem } from "./cursor.ts";
import { declarator } from "./parser-declarators.ts";
import { assignment, conditional, expression } from "./parser-expressions.ts";
import { initializer, initializerList } from "./parser-initializers.ts";
import { type IsTypedef, Parser, type Rules } from "./parser-state.ts";
import { block, declaration, initDeclarator } from "./parser-statements.ts";
import { parameterList, specifiers, typeName } from "./parser-types.ts";

export type { IsTypedef } from "./parser-state.ts";

export type Parsed<T> =
  | { readonly ok: true; readonly node: T }
  | { readonly ok: false; readonly reason: string; readonly place: Place };

const RULES: Rules = {
  expression,
  assignment,
  conditional,
  typeName,
  parameterList,
  initializer,
  initializerList,
  block,
  declaration,
};

/** A function definition: specifiers, declarator, body. */
export function parseFunction(tokens: readonly Token[], isTypedef: IsTypedef): Parsed<FunctionNode> {
  return parse(tokens, isTypedef, (p) => {
    const found = declarator(p, specifiers(p));
    const { type } = found;
    if (found.name === null || type.kind !== "function") return p.fail("expected a function");
    while (!p.is("{") && !p.atEnd) p.take();
    const parameters = type.parameters.map((parameter) => parameter.name);
    for (const name of parameters) if (name !== null) p.declare(name, false);
    const place = tokens[0] ?? found.type.place;
    return { name: found.name, place, type, body: block(p) };
  });
}

/** A declaration at file scope, as a list of what it declares (or the bare tag). */
export function parseDeclaration(
  tokens: readonly Token[],
  isTypedef: IsTypedef,
): Parsed<readonly Statement[]> {
  return parse(tokens, isTypedef, (p) => {
    const closed = tokens[tokens.length - 1]?.text === ";";
    return closed ? declaration(p) : unclosedDeclaration(p);
  });
}

function unclosedDeclaration(p: Parser): Statement[] {
  const spec = specifiers(p);
  if (p.atEnd) return [{ kind: "tag", type: spec.type, place: spec.type.place }];
  const found: Declaration[] = [];
  do found.push(initDeclarator(p, spec));
  while (p.accept(","));
  return found;
}

export function parseExpression(tokens: readonly Token[], isTypedef: IsTypedef): Parsed<Expression> {
  return parse(tokens, isTypedef, (p) => {
    const found = expression(p);
    return p.atEnd ? found : p.fail("expected the end of the expression");
  });
}

export function parseTypeName(tokens: readonly Token[], isTypedef: IsTypedef): Parsed<TypeNode> {
  return parse(tokens, isTypedef, typeName);
}

function parse<T>(tokens: readonly Token[], isTypedef: IsTypedef, rule: (p: Parser) => T): Parsed<T> {
  try {
    return { ok: true, node: rule(new Parser(tokens, RULES, isTypedef)) };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { ok: false, reason: error.message, place: error.place };
  }
}
