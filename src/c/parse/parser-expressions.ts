import type { BinaryOperator, Expression, ExpressionOf, TypeNode, UnaryOperator } from "./ast.ts";
import { MAX_CHAIN } from "./cursor.ts";
import { startsTypeName } from "./parser-guess.ts";
import type { Parser } from "./parser-state.ts";

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ...level(1, "||"),
  ...level(2, "&&"),
  ...level(3, "|"),
  ...level(4, "^"),
  ...level(5, "&"),
  ...level(6, "== !="),
  ...level(7, "< > <= >="),
  ...level(8, "<< >>"),
  ...level(9, "+ -"),
  ...level(10, "* / %"),
]);

function level(precedence: number, operators: string): [string, number][] {
  return operators.split(" ").map((operator) => [operator, precedence]);
}

const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="]);
const UNARY = new Set(["+", "-", "~", "!", "*", "&"]);

export function expression(p: Parser): Expression {
  let left = assignment(p);
  for (let links = 0; p.is(","); links++) {
    limitChain(p, links);
    const place = p.take();
    left = { kind: "comma", left, right: assignment(p), place };
  }
  return left;
}

export function assignment(p: Parser): Expression {
  const target = conditional(p);
  const { kind, text } = p.current;
  if (kind !== "punct" || !ASSIGNMENTS.has(text)) return target;
  const place = p.take();
  const value = p.nested(() => assignment(p));
  const operator = text === "=" ? null : (text.slice(0, -1) as BinaryOperator);
  return { kind: "assign", operator, target, value, place };
}

export function conditional(p: Parser): Expression {
  const condition = binary(p, 1);
  const place = p.current;
  if (!p.accept("?")) return condition;
  return p.nested(() => {
    const whenTrue = p.is(":") ? null : expression(p);
    p.expect(":");
    const whenFalse = conditional(p);
    return { kind: "conditional", condition, whenTrue, whenFalse, place };
  });
}

/** Precedence climbing; chains of one precedence lean to the left. */
function binary(p: Parser, least: number): Expression {
  let left = cast(p);
  for (let links = 0; ; links++) {
    const token = p.current;
    const precedence = token.kind === "punct" ? PRECEDENCE.get(token.text) : undefined;
    if (precedence === undefined || precedence < least) return left;
    limitChain(p, links);
    p.take();
    const right = binary(p, precedence + 1);
    left = combine(token.text, left, right, token);
  }
}

function combine(
  operator: string,
  left: Expression,
  right: Expression,
  place: Expression["place"],
): Expression {
  if (operator === "&&" || operator === "||") return { kind: "logical", operator, left, right, place };
  return { kind: "binary", operator: operator as BinaryOperator, left, right, place };
}

function limitChain(p: Parser, links: number): void {
  if (links >= MAX_CHAIN) p.fail(`an expression of more than ${MAX_CHAIN} operands`);
}

function cast(p: Parser): Expression {
  if (!p.is("(")) return unary(p);
  const place = p.take();
  if (!startsTypeName(p)) {
    p.index--;
    return unary(p);
  }
  return p.nested(() => {
    const type = p.rules.typeName(p);
    p.expect(")");
    if (!p.is("{")) return { kind: "cast", type, operand: cast(p), place };
    const value = p.rules.initializerList(p);
    return postfix(p, { kind: "compound", type, value, place });
  });
}

function unary(p: Parser): Expression {
  const token = p.current;
  if (token.kind === "punct" && UNARY.has(token.text)) {
    p.take();
    const operand = p.nested(() => cast(p));
    return { kind: "unary", operator: token.text as UnaryOperator, operand, place: token };
  }
  switch (token.text) {
    case "++":
    case "--":
      p.take();
      return step(
        p.nested(() => unary(p)),
        token.text,
        true,
        token,
      );
    case "sizeof":
      return sizeOrAlign(p, "sizeof");
    case "_Alignof":
    case "__alignof__":
    case "__alignof":
      return sizeOrAlign(p, "alignof");
    case "__extension__":
      p.take();
      return cast(p);
    default:
      return postfix(p, primary(p));
  }
}

function step(
  operand: Expression,
  operator: string,
  prefix: boolean,
  place: Expression["place"],
): Expression {
  return { kind: "step", operator: operator === "++" ? "+" : "-", prefix, operand, place };
}

function sizeOrAlign(p: Parser, kind: "sizeof" | "alignof"): Expression {
  const place = p.take();
  if (p.accept("(")) {
    if (startsTypeName(p)) {
      const type = p.nested(() => p.rules.typeName(p));
      p.expect(")");
      if (!p.is("{")) return { kind, of: null, type, place };
      const value = p.rules.initializerList(p);
      return { kind, of: postfix(p, { kind: "compound", type, value, place }), type: null, place };
    }
    p.index--;
  }
  return { kind, of: p.nested(() => unary(p)), type: null, place };
}

function postfix(p: Parser, first: Expression): Expression {
  let result = first;
  for (let links = 0; ; links++) {
    limitChain(p, links);
    const place = p.current;
    if (place.kind !== "punct") return result;
    if (p.accept("[")) {
      const index = p.nested(() => expression(p));
      p.expect("]");
      result = { kind: "index", base: result, index, place };
    } else if (p.is("(")) {
      result = call(p, result);
    } else if (p.is(".") || p.is("->")) {
      const arrow = p.take().text === "->";
      result = { kind: "member", base: result, name: p.name(), arrow, place };
    } else if (p.is("++") || p.is("--")) {
      result = step(result, p.take().text, false, place);
    } else {
      return result;
    }
  }
}

function call(p: Parser, callee: Expression): Expression {
  const args: Expression[] = [];
  p.expect("(");
  if (!p.is(")")) {
    do args.push(p.nested(() => argument(p)));
    while (p.accept(","));
  }
  p.expect(")");
  return { kind: "call", callee, args, place: callee.place };
}

/** An argument; a type name where a macro that stayed an identifier takes one. */
function argument(p: Parser): Expression {
  const place = p.current;
  if (!startsTypeArgument(p)) return assignment(p);
  const type = p.rules.typeName(p);
  return { kind: "type", type, place };
}

function startsTypeArgument(p: Parser): boolean {
  const token = p.current;
  if (token.kind !== "identifier" || p.own(token.text) === false) return false;
  if (p.isTypeWord(token) || token.text === "const") return true;
  const next = p.peek();
  if (p.isKnownType(token.text)) return [",", ")", "*"].includes(next.text);
  return next.text === "*" && (p.peek(2).text === ")" || p.peek(2).text === ",");
}

function primary(p: Parser): Expression {
  const token = p.current;
  switch (token.kind) {
    case "number":
      p.take();
      return { kind: "number", text: token.text, place: token };
    case "char":
      p.take();
      return { kind: "character", text: token.text, place: token };
    case "string":
      return strings(p);
    case "identifier":
      return p.is("_Generic") ? generic(p) : plainName(p);
    default:
      return p.is("(") ? parenthesised(p) : p.fail("expected an expression");
  }
}

const NOT_A_NAME = new Set([
  ...["if", "else", "for", "while", "do", "switch", "case", "default", "return", "break"],
  ...["continue", "goto", "struct", "union", "enum", "static", "typedef", "const"],
]);

function plainName(p: Parser): Expression {
  const place = p.current;
  if (NOT_A_NAME.has(place.text)) p.fail("expected an expression");
  p.take();
  return { kind: "name", name: place.text, place };
}

function strings(p: Parser): Expression {
  const place = p.current;
  const parts: string[] = [];
  while (p.current.kind === "string") parts.push(p.take().text);
  return { kind: "string", parts, place };
}

function parenthesised(p: Parser): Expression {
  const place = p.take();
  return p.nested(() => {
    if (p.is("{")) {
      const body = p.rules.block(p);
      p.expect(")");
      return { kind: "statements", body, place };
    }
    const inner = expression(p);
    p.expect(")");
    return inner;
  });
}

function generic(p: Parser): Expression {
  const place = p.take();
  const cases: { type: TypeNode | null; value: Expression }[] = [];
  p.expect("(");
  const control = p.nested(() => assignment(p));
  while (p.accept(",")) {
    const type = p.accept("default") ? null : p.rules.typeName(p);
    p.expect(":");
    cases.push({ type, value: p.nested(() => assignment(p)) });
  }
  p.expect(")");
  return { kind: "generic", control, cases, place } satisfies ExpressionOf<"generic">;
}
