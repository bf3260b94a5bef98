/** Records and enumerations inside a parsed type. */
import type { TypeNode } from "../parse/ast.ts";

export type EnumNode = TypeNode & { kind: "enum" };

/** The definition of a struct, union or enum with that tag; null if the type holds none. */
export function findTagged(node: TypeNode, tag: string, word: string): TypeNode | null {
  return findNode(node, (each) => {
    if (each.kind === "enum") return word === "enum" && each.tag === tag && each.items !== null;
    if (each.kind !== "record" || each.fields === null) return false;
    return each.tag === tag && word === (each.union ? "union" : "struct");
  });
}

/** The enumeration that has the enumerator. */
export function findEnum(node: TypeNode, name: string): EnumNode | null {
  const found = findNode(
    node,
    (each) => each.kind === "enum" && (each.items?.some((item) => item.name === name) ?? false),
  );
  return found?.kind === "enum" ? found : null;
}

/** Searches a type and the fields of the records defined in it; nesting is bounded by the parser. */
function findNode(node: TypeNode, wanted: (node: TypeNode) => boolean): TypeNode | null {
  if (wanted(node)) return node;
  switch (node.kind) {
    case "pointer":
      return findNode(node.to, wanted);
    case "array":
      return findNode(node.of, wanted);
    case "function":
      return findNode(node.returns, wanted);
    case "record":
      return firstOf(node.fields ?? [], wanted);
    default:
      return null;
  }
}

function firstOf(
  fields: readonly { readonly type: TypeNode }[],
  wanted: (node: TypeNode) => boolean,
): TypeNode | null {
  for (const field of fields) {
    const found = findNode(field.type, wanted);
    if (found !== null) return found;
  }
  return null;
}
