import type { Token } from "../text/token.ts";
import type { Attributes, EnumItem, Expression, FieldNode, ParameterNode, Storage, TypeNode } from "./ast.ts";
import { attribute, attributesHere, mergeAttributes, NO_ATTRIBUTES } from "./parser-attributes.ts";
import { CONST, startsTypeName } from "./parser-guess.ts";
import { declarator, ignored, type Specifiers } from "./parser-declarators.ts";
import type { Parser } from "./parser-state.ts";

interface Draft {
  storage: Storage;
  type: TypeNode | null;
  words: string[];
  isConst: boolean;
  attributes: Attributes;
}

const STORAGE = new Set(["static", "extern", "typedef"]);

const BASE = new Set([
  ...["void", "char", "short", "int", "long", "signed", "unsigned", "_Bool", "float", "double"],
  ...["__int128", "__signed__", "__signed", "_Complex"],
]);

/** Storage class, qualifiers and the type in front of declarators. */
export function specifiers(p: Parser): Specifiers {
  const start = p.current;
  const draft: Draft = {
    storage: "auto",
    type: null,
    words: [],
    isConst: false,
    attributes: NO_ATTRIBUTES,
  };
  while (specifier(p, draft));
  const type = draft.type ?? baseType(p, draft.words, start);
  const { storage, isConst, attributes } = draft;
  return { storage, type, isConst, attributes };
}

function baseType(p: Parser, words: string[], place: Token): TypeNode {
  if (words.length === 0) p.fail("expected a type");
  return { kind: "base", words: words.sort().join(" "), place };
}

/** Takes one specifier; false where none stands. */
function specifier(p: Parser, draft: Draft): boolean {
  const token = p.current;
  if (token.kind !== "identifier") return false;
  const { text } = token;
  if (BASE.has(text)) return draft.type === null && pushWord(p, draft, text);
  if (STORAGE.has(text)) {
    draft.storage = text as Storage;
    p.take();
    return true;
  }
  if (CONST.has(text)) {
    draft.isConst = true;
    p.take();
    return true;
  }
  if (attributesHere(p, draft) || ignored(p)) return true;
  if (draft.type !== null || draft.words.length > 0) return attributeMacro(p);
  draft.type = typeSpecifier(p);
  return true;
}

function pushWord(p: Parser, draft: Draft, text: string): boolean {
  draft.words.push(text.replaceAll("_", "") === "signed" ? "signed" : text);
  p.take();
  return true;
}

/** After the type: a name followed by another name or `*` is a macro that decorates (`noinline_for_x`). */
function attributeMacro(p: Parser): boolean {
  const next = p.peek();
  const decorates = followsAnotherName(p) || next.text === "*";
  if (!decorates) return false;
  p.take();
  return true;
}

function typeSpecifier(p: Parser): TypeNode {
  const token = p.current;
  switch (token.text) {
    case "struct":
    case "union":
      return record(p);
    case "enum":
      return enumeration(p);
    case "typeof":
    case "__typeof__":
    case "__typeof":
    case "typeof_unqual":
      return typeOf(p);
    case "__auto_type":
      p.take();
      return { kind: "auto", place: token };
    default:
      return namedType(p);
  }
}

function namedType(p: Parser): TypeNode {
  const token = p.take();
  const next = p.current;
  const decorates =
    !p.isKnownType(token.text) &&
    next.kind === "identifier" &&
    (token.text.startsWith("__") || p.isTypeWord(next) || p.isKnownType(next.text) || followsAnotherName(p));
  if (decorates && !p.isType(token.text)) return baseOrNamed(p);
  return { kind: "named", name: token.text, place: token };
}

/** `macro type name`, where `type name __attribute__` would be an ordinary declaration. */
function followsAnotherName(p: Parser): boolean {
  const { kind, text } = p.peek();
  return kind === "identifier" && !text.startsWith("__");
}

/** The type behind a macro that decorates: `__latent_entropy int`. */
function baseOrNamed(p: Parser): TypeNode {
  const { type } = p.nested(() => specifiers(p));
  return type;
}

function typeOf(p: Parser): TypeNode {
  const place = p.take();
  p.expect("(");
  const inner = p.nested(() =>
    startsTypeName(p) ? { of: null, type: p.rules.typeName(p) } : { of: p.rules.expression(p), type: null },
  );
  p.expect(")");
  return { kind: "typeof", ...inner, place };
}

/** `struct a { … }` with its fields, or `struct a` alone. */
function record(p: Parser): TypeNode {
  const place = p.take();
  const draft = { attributes: NO_ATTRIBUTES };
  while (attributesHere(p, draft));
  const tag = p.current.kind === "identifier" ? p.name() : null;
  const fields = p.is("{") ? p.nested(() => fieldList(p)) : null;
  if (fields !== null) while (attributesHere(p, draft));
  if (tag === null && fields === null) p.fail("expected a tag or '{'");
  const { attributes } = draft;
  return { kind: "record", union: place.text === "union", tag, fields, attributes, place };
}

function fieldList(p: Parser): FieldNode[] {
  const fields: FieldNode[] = [];
  p.expect("{");
  while (!p.accept("}")) {
    if (p.accept(";")) continue;
    if (staticAssert(p)) continue;
    fields.push(...fieldGroup(p));
  }
  return fields;
}

function staticAssert(p: Parser): boolean {
  if (!p.is("_Static_assert") && !p.is("static_assert")) return false;
  p.skipStatement();
  return true;
}

function fieldGroup(p: Parser): FieldNode[] {
  const spec = specifiers(p);
  if (p.accept(";")) return [field(p, spec, { name: null, type: spec.type }, null)];
  const fields: FieldNode[] = [];
  do {
    const named = p.is(":") ? { name: null, type: spec.type } : declarator(p, spec);
    const bits = p.accept(":") ? p.rules.conditional(p) : null;
    fields.push(field(p, spec, named, bits));
  } while (p.accept(","));
  p.expect(";");
  return fields;
}

function field(
  p: Parser,
  spec: Specifiers,
  named: { name: string | null; type: TypeNode; attributes?: Attributes },
  bits: Expression | null,
): FieldNode {
  const draft = { attributes: mergeAttributes(spec.attributes, named.attributes ?? NO_ATTRIBUTES) };
  while (attributesHere(p, draft));
  return { name: named.name, type: named.type, bits, attributes: draft.attributes, place: spec.type.place };
}

function enumeration(p: Parser): TypeNode {
  const place = p.take();
  const draft = { attributes: NO_ATTRIBUTES };
  while (attributesHere(p, draft));
  const tag = p.current.kind === "identifier" ? p.name() : null;
  const items = p.is("{") ? enumItems(p) : null;
  while (attributesHere(p, draft));
  return { kind: "enum", tag, items, attributes: draft.attributes, place };
}

function enumItems(p: Parser): EnumItem[] {
  const items: EnumItem[] = [];
  p.expect("{");
  while (!p.accept("}")) {
    const place = p.current;
    const name = p.name();
    while (attribute(p) !== null);
    const value = p.accept("=") ? p.rules.conditional(p) : null;
    p.declare(name, false);
    items.push({ name, value, place });
    if (!p.accept(",") && !p.is("}")) p.fail("expected ',' or '}'");
  }
  return items;
}

export function parameterList(p: Parser): { parameters: ParameterNode[]; variadic: boolean } {
  const parameters: ParameterNode[] = [];
  p.expect("(");
  if (p.accept(")")) return { parameters, variadic: false };
  if (p.is("void") && p.peek().text === ")") {
    p.index += 2;
    return { parameters, variadic: false };
  }
  do {
    if (p.accept("...")) {
      p.expect(")");
      return { parameters, variadic: true };
    }
    const { name, type } = declarator(p, specifiers(p));
    parameters.push({ name, type });
  } while (p.accept(","));
  p.expect(")");
  return { parameters, variadic: false };
}

/** `int *` where no name is declared: casts, sizeof, typeof. */
export function typeName(p: Parser): TypeNode {
  const found = declarator(p, specifiers(p));
  if (found.name !== null) p.fail(`'${found.name}' does not belong in a type name`);
  return found.type;
}
