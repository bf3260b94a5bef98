import type { Expression, Statement } from "./ast.ts";
import type { Parser } from "./parser-state.ts";

/** Inline assembly keeps only the operands it may write or reach memory through. */
export function asmStatement(p: Parser): Statement {
  const place = p.take();
  while (["volatile", "__volatile__", "goto", "inline", "__inline"].includes(p.current.text)) p.take();
  p.expect("(");
  while (p.current.kind === "string") p.take();
  const outputs = asmOperands(p);
  const inputs = asmOperands(p);
  while (!p.is(")")) {
    if (p.atEnd) p.fail("expected ')'");
    if (p.is("(") || p.is("[")) p.skipBalanced();
    else p.take();
  }
  p.expect(")");
  p.accept(";");
  return { kind: "asm", outputs, inputs, place };
}

function asmOperands(p: Parser): Expression[] {
  const operands: Expression[] = [];
  if (!p.accept(":")) return operands;
  while (!p.is(":") && !p.is(")")) {
    if (p.is("[")) p.skipBalanced();
    while (p.current.kind === "string") p.take();
    p.expect("(");
    operands.push(p.rules.expression(p));
    p.expect(")");
    if (!p.accept(",")) break;
  }
  return operands;
}
