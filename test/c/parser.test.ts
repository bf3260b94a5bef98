import assert from "node:assert/strict";
import { test } from "node:test";
import { lex } from "../../src/c/text/lexer.ts";
import { parseDeclaration, parseExpression, parseFunction, parseTypeName } from "../../src/c/parse/parser.ts";
import type { Token } from "../../src/c/text/token.ts";

function tokensOf(text: string): readonly Token[] {
  return lex(text, { file: "a.c", start: 0, end: text.length, line: 1 }).tokens;
}

const TYPES = new Set(["foo_t", "bar_t"]);
const isType = (name: string): boolean => TYPES.has(name);

/** A tree in prefix form, without places. */
function outline(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(outline).join(" ")}]`;
  if (node === null || typeof node !== "object") return String(node);
  const { kind, place, attributes, ...rest } = node as Record<string, unknown>;
  void place;
  void attributes;
  const parts = Object.values(rest).filter((part) => part !== null && part !== undefined);
  return `(${[kind, ...parts.map(outline)].filter((part) => part !== undefined).join(" ")})`;
}

const EXPRESSIONS: readonly (readonly [string, string])[] = [
  ["a + b * c", "(binary + (name a) (binary * (name b) (name c)))"],
  ["a - b - c", "(binary - (binary - (name a) (name b)) (name c))"],
  ["a = b = c", "(assign (name a) (assign (name b) (name c)))"],
  ["a ? b : c ? d : e", "(conditional (name a) (name b) (conditional (name c) (name d) (name e)))"],
  [
    "!a->b.c[1]",
    "(unary ! (member (member (name a) b true) c false) )".replace(
      "(member (member (name a) b true) c false) ",
      "(index (member (member (name a) b true) c false) (number 1))",
    ),
  ],
  ["(foo_t)x", "(cast (named foo_t) (name x))"],
  ["(foo_t)-x", "(cast (named foo_t) (unary - (name x)))"],
  ["(x)-y", "(binary - (name x) (name y))"],
  ["(foo_t *)(x)", "(cast (pointer (named foo_t)) (name x))"],
  ["(x)(y)", "(call (name x) [(name y)])"],
  ["sizeof(foo_t *)", "(sizeof (pointer (named foo_t)))"],
  ["sizeof x", "(sizeof (name x))"],
  ["f(u32, x)", "(call (name f) [(type (named u32)) (name x)])"],
  ["f(struct s, m.n)", "(call (name f) [(type (record false s)) (member (name m) n false)])"],
  [
    "a << 1 | b == c && d",
    "(logical && (binary | (binary << (name a) (number 1)) (binary == (name b) (name c))) (name d))",
  ],
];

for (const [text, expected] of EXPRESSIONS) {
  test(`expression ${text}`, () => {
    const parsed = parseExpression(tokensOf(text), isType);
    assert.ok(parsed.ok, parsed.ok ? "" : parsed.reason);
    assert.equal(outline(parsed.node), expected);
  });
}

const TYPE_NAMES: readonly (readonly [string, string])[] = [
  ["unsigned long", "(base long unsigned)"],
  ["int *const *", "(pointer (pointer (base int)))"],
  ["int (*)[3]", "(pointer (array (base int) (number 3)))"],
  ["int *[3]", "(array (pointer (base int)) (number 3))"],
  [
    "void (*)(int, ...)",
    "(pointer (function (base void) [(base int)] true))".replace("[(base int)]", "[((base int))]"),
  ],
];

for (const [text, expected] of TYPE_NAMES) {
  test(`type ${text}`, () => {
    const parsed = parseTypeName(tokensOf(text), isType);
    assert.ok(parsed.ok, parsed.ok ? "" : parsed.reason);
    assert.equal(outline(parsed.node).replaceAll("(undefined ", "("), expected);
  });
}

const FAULTS: readonly (readonly [string, string])[] = [
  ["int f(void)", "expected '{'"],
  ["int f(void) {", "expected '}'"],
  ["int x;", "expected a function"],
  ["", "expected a type"],
];

for (const [text, reason] of FAULTS) {
  test(`a reason for "${text}"`, () => {
    const parsed = parseFunction(tokensOf(text), isType);
    assert.ok(!parsed.ok);
    assert.ok(parsed.reason.startsWith(reason), parsed.reason);
  });
}

test("a statement that cannot be parsed leaves the others alone", () => {
  const parsed = parseFunction(tokensOf("int f(void) { int a = 1; a +; return 2; }"), isType);
  assert.ok(parsed.ok);
  assert.deepEqual(
    parsed.node.body.items.map((item) => item.kind),
    ["declaration", "unparsed", "return"],
  );
});

test("declarations at file scope", () => {
  const parsed = parseDeclaration(tokensOf("static const foo_t a[] = { 1 }, *b;"), isType);
  assert.ok(parsed.ok);
  const found = parsed.node.map((node) =>
    node.kind === "declaration" ? `${node.name} ${node.storage} ${node.isConst}` : node.kind,
  );
  assert.deepEqual(found, ["a static true", "b static false"]);
});

test("the time to parse grows with the text, not with its square", () => {
  for (const size of [1_000, 2_000, 4_000]) {
    const text = `int f(void) { ${"a +; b c d; ".repeat(size)} return 1; }`;
    assert.ok(parseFunction(tokensOf(text), isType).ok);
  }
});
