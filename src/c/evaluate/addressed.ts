import type { Expression, Initializer, Statement } from "../parse/ast.ts";

/**
 * The names whose address is taken anywhere in a function (or that inline assembly may write): such
 * locals need memory, all other scalars live in slots.
 */
export function addressedNames(body: Statement): ReadonlySet<string> {
  const names = new Set<string>();
  visitStatement(body, names);
  return names;
}

function visitStatement(node: Statement, names: Set<string>): void {
  switch (node.kind) {
    case "block":
      for (const item of node.items) visitStatement(item, names);
      return;
    case "declaration":
      if (node.initializer !== null) visitInitializer(node.initializer, names);
      return;
    case "if":
      visit(node.condition, names);
      visitStatement(node.whenTrue, names);
      if (node.whenFalse !== null) visitStatement(node.whenFalse, names);
      return;
    case "for":
      for (const init of node.init) visitStatement(init, names);
      visitAll([node.condition, node.step], names);
      visitStatement(node.body, names);
      return;
    case "while":
    case "do":
      visit(node.condition, names);
      visitStatement(node.body, names);
      return;
    case "switch":
      visit(node.value, names);
      visitStatement(node.body, names);
      return;
    case "asm":
      for (const output of node.outputs) markBase(output, names);
      visitAll([...node.outputs, ...node.inputs], names);
      return;
    case "expression":
    case "return":
      if (node.value !== null) visit(node.value, names);
      return;
    default:
  }
}

function visitInitializer(node: Initializer, names: Set<string>): void {
  visitAll(initializers(node), names);
}

/** The values in all braces. */
export function initializers(node: Initializer): readonly Expression[] {
  return node.kind === "list" ? node.items.flatMap(({ value }) => initializers(value)) : [node];
}

function visitAll(nodes: readonly (Expression | null)[], names: Set<string>): void {
  for (const node of nodes) if (node !== null) visit(node, names);
}

function visit(node: Expression, names: Set<string>): void {
  if (node.kind === "unary" && node.operator === "&") markBase(node.operand, names);
  if (node.kind === "statements") visitStatement(node.body, names);
  else if (node.kind === "compound") visitInitializer(node.value, names);
  else visitAll(children(node), names);
}

/** Expressions that stand directly in another, without those in statements and initialisers. */
export function children(node: Expression): readonly (Expression | null)[] {
  switch (node.kind) {
    case "unary":
    case "step":
    case "cast":
      return [node.operand];
    case "binary":
    case "logical":
    case "comma":
      return [node.left, node.right];
    case "conditional":
      return [node.condition, node.whenTrue, node.whenFalse];
    case "assign":
      return [node.target, node.value];
    case "call":
      return [node.callee, ...node.args];
    case "index":
      return [node.base, node.index];
    case "member":
      return [node.base];
    case "generic":
      return node.cases.map((each) => each.value);
    default:
      return [];
  }
}

/** `&a`, `&a.b`, `&a[1]`: the variable at the bottom. */
function markBase(node: Expression, names: Set<string>): void {
  let at = node;
  for (;;) {
    if (at.kind === "name") names.add(at.name);
    if (at.kind === "member" && !at.arrow) at = at.base;
    else if (at.kind === "index") at = at.base;
    else return;
  }
}
