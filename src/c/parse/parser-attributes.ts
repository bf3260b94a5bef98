/** `__attribute__((…))`, `_Alignas(…)` and the attribute macros that bear on layout. */
import type { Attributes, Expression } from "./ast.ts";
import { startsTypeName } from "./parser-guess.ts";
import type { Parser } from "./parser-state.ts";

export const NO_ATTRIBUTES: Attributes = { packed: false, aligned: [], alignedMost: false };

export function attributesHere(p: Parser, draft: { attributes: Attributes }): boolean {
  const found = attribute(p);
  if (found === null) return false;
  draft.attributes = mergeAttributes(draft.attributes, found);
  return true;
}

/** One `__attribute__((…))`, `_Alignas(…)` or a well-known attribute macro; null where none stands. */
export function attribute(p: Parser): Attributes | null {
  switch (p.current.text) {
    case "__attribute__":
    case "__attribute":
      return gnuAttribute(p);
    case "_Alignas":
    case "__aligned":
      p.take();
      p.expect("(");
      return closed(p, { ...NO_ATTRIBUTES, aligned: [alignment(p)] });
    case "__packed":
      p.take();
      return { ...NO_ATTRIBUTES, packed: true };
    default:
      return null;
  }
}

function closed(p: Parser, attributes: Attributes): Attributes {
  p.expect(")");
  return attributes;
}

function alignment(p: Parser): Expression {
  const place = p.current;
  if (!startsTypeName(p)) return p.rules.conditional(p);
  return { kind: "alignof", of: null, type: p.rules.typeName(p), place };
}

function gnuAttribute(p: Parser): Attributes {
  let found = NO_ATTRIBUTES;
  p.take();
  p.expect("(");
  p.expect("(");
  while (!p.is(")")) {
    found = mergeAttributes(found, attributeItem(p));
    if (!p.accept(",")) break;
  }
  p.expect(")");
  p.expect(")");
  return found;
}

function attributeItem(p: Parser): Attributes {
  if (p.is(",")) return NO_ATTRIBUTES;
  const word = p.take().text.replaceAll("__", "");
  if (word === "packed") return { ...NO_ATTRIBUTES, packed: true };
  if (word === "aligned" && p.accept("(")) {
    return closed(p, { ...NO_ATTRIBUTES, aligned: [alignment(p)] });
  }
  if (word === "aligned") return { ...NO_ATTRIBUTES, alignedMost: true };
  if (p.is("(")) p.skipBalanced();
  return NO_ATTRIBUTES;
}

export function mergeAttributes(a: Attributes, b: Attributes): Attributes {
  if (b === NO_ATTRIBUTES) return a;
  return {
    packed: a.packed || b.packed,
    aligned: [...a.aligned, ...b.aligned],
    alignedMost: a.alignedMost || b.alignedMost,
  };
}
