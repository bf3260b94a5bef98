/** Initialisers: an expression, or a list in braces with designators. */
import type { Designator, Initializer, InitializerItem, InitializerList } from "./ast.ts";
import type { Parser } from "./parser-state.ts";

export function initializer(p: Parser): Initializer {
  return p.is("{") ? p.nested(() => initializerList(p)) : p.rules.assignment(p);
}

export function initializerList(p: Parser): InitializerList {
  const place = p.expect("{");
  const items: InitializerItem[] = [];
  while (!p.accept("}")) {
    items.push(initializerItem(p));
    if (!p.accept(",") && !p.is("}")) p.fail("expected ',' or '}'");
  }
  return { kind: "list", place, items };
}

function initializerItem(p: Parser): InitializerItem {
  const designators: Designator[] = [];
  if (p.current.kind === "identifier" && p.peek().text === ":") {
    const name = p.name();
    p.take();
    return { designators: [{ kind: "field", name }], value: initializer(p) };
  }
  while (p.is(".") || p.is("[")) designators.push(designator(p));
  if (designators.length > 0) p.accept("=");
  return { designators, value: initializer(p) };
}

function designator(p: Parser): Designator {
  if (p.accept(".")) return { kind: "field", name: p.name() };
  p.expect("[");
  const first = p.rules.conditional(p);
  const last = p.accept("...") ? p.rules.conditional(p) : null;
  p.expect("]");
  return { kind: "index", first, last };
}
