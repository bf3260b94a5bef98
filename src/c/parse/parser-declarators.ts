/** Declarators: what stands around a declared name, and what it adds to the type in front. */
import type { Attributes, Storage, TypeNode } from "./ast.ts";
import { attribute, attributesHere, mergeAttributes, NO_ATTRIBUTES } from "./parser-attributes.ts";
import { CONST } from "./parser-guess.ts";
import type { Parser } from "./parser-state.ts";

/** What stands in front of the declarators: storage, type, attributes. */
export interface Specifiers {
  readonly storage: Storage;
  readonly type: TypeNode;
  readonly isConst: boolean;
  readonly attributes: Attributes;
}

export interface Declarator {
  readonly name: string | null;
  readonly type: TypeNode;
  readonly isConst: boolean;
  readonly attributes: Attributes;
}

const IGNORED = new Set([
  ...["volatile", "__volatile__", "restrict", "__restrict", "__restrict__", "register", "auto"],
  ...["inline", "__inline", "__inline__", "__always_inline", "noinline", "_Noreturn", "asmlinkage"],
  ...["__extension__", "_Thread_local", "_Atomic", "notrace", "noinstr", "__flatten", "__visible"],
  ...["__maybe_unused", "__always_unused", "__init", "__exit", "__initdata", "__ro_after_init"],
  ...["__read_mostly", "__must_check", "__user", "__iomem", "__rcu", "__percpu", "__force", "__cold"],
  ...["__init_or_module", "__refdata", "__used", "__weak", "__pure", "__latent_entropy", "noinline"],
]);

/** Passes over a word that changes nothing here. */
export function ignored(p: Parser): boolean {
  if (!IGNORED.has(p.current.text)) return false;
  p.take();
  return true;
}

/** `*const (*name)[4](int)`: what a declarator adds to the type in front of it. */
export function declarator(p: Parser, spec: Specifiers): Declarator {
  return p.nested(() => {
    const pointed = pointers(p, spec.type, spec.isConst);
    const hole = nestedDeclarator(p);
    const name = hole === null && p.current.kind === "identifier" ? p.name() : null;
    const draft = { attributes: NO_ATTRIBUTES };
    while (attributesHere(p, draft));
    const outer = suffixes(p, pointed.type);
    while (attributesHere(p, draft));
    skipAsmName(p);
    while (attributesHere(p, draft) || trailingMacro(p));
    if (hole === null) return { name, type: outer, isConst: pointed.isConst, attributes: draft.attributes };
    return holeFilled(p, hole, { ...spec, type: outer, isConst: pointed.isConst }, draft.attributes);
  });
}

/** The inner part of `(*name)(…)` is parsed again once the outer type is known. */
function holeFilled(p: Parser, hole: number, spec: Specifiers, attributes: Attributes): Declarator {
  const end = p.index;
  p.index = hole;
  const inner = declarator(p, spec);
  p.expect(")");
  p.index = end;
  return { ...inner, attributes: mergeAttributes(inner.attributes, attributes) };
}

function pointers(p: Parser, base: TypeNode, isConst: boolean): { type: TypeNode; isConst: boolean } {
  let type = base;
  let constant = isConst;
  for (;;) {
    const place = p.current;
    if (p.accept("*")) {
      type = { kind: "pointer", to: type, place };
      constant = false;
    } else if (CONST.has(place.text)) {
      p.take();
      constant = true;
    } else if (!ignored(p) && attribute(p) === null && !decoratesPointer(p)) {
      return { type, isConst: constant };
    }
  }
}

/** `char __user *p`, `int *__percpu p`: a name in front of `*` or of the declared name. */
function decoratesPointer(p: Parser): boolean {
  const { kind, text } = p.current;
  if (kind !== "identifier" || !text.startsWith("__")) return false;
  const next = p.peek();
  if (next.text !== "*" && next.kind !== "identifier") return false;
  p.take();
  return true;
}

/** Remembers where the inner declarator of `(*name)` begins, and goes past it. */
function nestedDeclarator(p: Parser): number | null {
  if (!p.is("(")) return null;
  const next = p.peek();
  const inner =
    next.text === "*" ||
    next.text === "(" ||
    (next.kind === "identifier" && !p.isDeclarationWord(next) && !p.isType(next.text));
  if (!inner) return null;
  const start = p.index + 1;
  p.skipBalanced();
  return start;
}

/** Arrays and parameter lists behind a declarator's name, innermost last. */
function suffixes(p: Parser, base: TypeNode): TypeNode {
  const place = p.current;
  if (p.accept("[")) {
    while (p.accept("static") || p.accept("restrict") || p.accept("const"));
    const length = p.is("]") ? null : p.rules.assignment(p);
    p.expect("]");
    return { kind: "array", of: p.nested(() => suffixes(p, base)), length, place };
  }
  if (!p.is("(")) return base;
  const { parameters, variadic } = p.rules.parameterList(p);
  const returns = p.nested(() => suffixes(p, base));
  return { kind: "function", returns, parameters, variadic, place };
}

function skipAsmName(p: Parser): void {
  if (!["asm", "__asm__", "__asm"].includes(p.current.text)) return;
  p.take();
  p.skipBalanced();
}

/** A macro left as a name behind the declared one: `x __ro_after_init = 1`, `y __aligned(8)`. */
function trailingMacro(p: Parser): boolean {
  const { kind, text } = p.current;
  if (kind !== "identifier" || !text.startsWith("__")) return false;
  p.take();
  if (p.is("(")) p.skipBalanced();
  return true;
}
