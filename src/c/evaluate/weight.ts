/**
 * What running an expression costs, in steps. A step of a program is a statement, but one statement may hold
 * thousands of operators: without their weight a program of few statements takes minutes for its steps.
 */
import type { Expression } from "../parse/ast.ts";
import { children, initializers } from "./addressed.ts";

/** Operators and operands that a step may run without costing more than itself. */
const FREE = 8;

/** Steps that are to be paid beyond the one that runs these expressions, each of them at most once. */
export function weightOf(nodes: readonly (Expression | null)[]): number {
  return Math.floor(nodesIn(nodes) / FREE);
}

/** The statements of a statement expression are steps and pay for themselves. */
function nodesIn(nodes: readonly (Expression | null)[]): number {
  const rest = [...nodes];
  let count = 0;
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (node === null) continue;
    count++;
    for (const inner of runIn(node)) rest.push(inner);
  }
  return count;
}

function runIn(node: Expression): readonly (Expression | null)[] {
  if (node.kind === "compound") return initializers(node.value);
  if (node.kind !== "statements") return children(node);
  const last = node.body.items.at(-1);
  return last?.kind === "expression" ? [last.value] : [];
}
