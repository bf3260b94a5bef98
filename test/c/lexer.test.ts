import assert from "node:assert/strict";
import { test } from "node:test";
import { lex } from "../../src/c/text/lexer.ts";
import type { Lexed } from "../../src/c/text/lexer.ts";

function lexText(text: string): Lexed {
  return lex(text, { file: "a.c", start: 0, end: text.length, line: 1 });
}

/** "kind:text" of every token. */
function shown(text: string): string[] {
  return lexText(text).tokens.map((token) => `${token.kind}:${token.text}`);
}

const CASES: { name: string; text: string; tokens: string[] }[] = [
  { name: "nothing", text: "", tokens: [] },
  { name: "blanks and comments", text: " /* a */ // b\n\t", tokens: [] },
  {
    name: "a declaration",
    text: "static u32 x[2]={0x1,2};",
    tokens: [
      "identifier:static",
      "identifier:u32",
      "identifier:x",
      "punct:[",
      "number:2",
      "punct:]",
      "punct:=",
      "punct:{",
      "number:0x1",
      "punct:,",
      "number:2",
      "punct:}",
      "punct:;",
    ],
  },
  {
    name: "longest punctuator first",
    text: "a+++b>>=c->d...e##f",
    tokens: [
      "identifier:a",
      "punct:++",
      "punct:+",
      "identifier:b",
      "punct:>>=",
      "identifier:c",
      "punct:->",
      "identifier:d",
      "punct:...",
      "identifier:e",
      "punct:##",
      "identifier:f",
    ],
  },
  { name: "two dots", text: "..", tokens: ["punct:.", "punct:."] },
  {
    name: "preprocessing numbers",
    text: "0x1ULL 1e+5 .5 0x1p-3 1..2 0xe+1",
    tokens: ["number:0x1ULL", "number:1e+5", "number:.5", "number:0x1p-3", "number:1..2", "number:0xe+1"],
  },
  {
    name: "literals",
    text: `"a\\"b" '\\'' L"x" u8"y" u'z' "/* no comment */"`,
    tokens: [
      `string:"a\\"b"`,
      `char:'\\''`,
      `string:L"x"`,
      `string:u8"y"`,
      `char:u'z'`,
      `string:"/* no comment */"`,
    ],
  },
  { name: "a comment separates", text: "a/**/b", tokens: ["identifier:a", "identifier:b"] },
  { name: "a spliced identifier", text: "ab\\\ncd", tokens: ["identifier:abcd"] },
  { name: "a spliced comment", text: "// a \\\n b\nc", tokens: ["identifier:c"] },
  { name: "a spliced punctuator", text: "<\\\n<\\\n=", tokens: ["punct:<<="] },
  { name: "digraphs", text: "<:1:><%%>", tokens: ["punct:[", "number:1", "punct:]", "punct:{", "punct:}"] },
  { name: "bytes of UTF-8 letters", text: "\xc3\xa9x", tokens: ["identifier:\xc3\xa9x"] },
];

for (const { name, text, tokens } of CASES) {
  test(`lexes ${name}`, () => assert.deepEqual(shown(text), tokens));
  test(`lexes ${name}, lines ending CRLF`, () =>
    assert.deepEqual(shown(text.replaceAll("\n", "\r\n")), tokens));
}

for (const newline of ["\n", "\r\n"]) {
  test(`knows lines and blanks, newline ${JSON.stringify(newline)}`, () => {
    const text = ["a b", "/* one", "two */ c\\", "  d\\", "e", "f"].join(newline);
    const seen = lexText(text).tokens.map((token) => `${token.text}@${token.line}${token.space ? "_" : ""}`);
    assert.deepEqual(seen, ["a@1", "b@1_", "c@3_", "de@4_", "f@6_"]);
  });
}

test("lexes only its range", () => {
  const text = "aa bb cc";
  const { tokens } = lex(text, { file: "a.c", start: 3, end: 5, line: 7 });
  assert.deepEqual(
    tokens.map((token) => [token.text, token.line]),
    [["bb", 7]],
  );
});

const BROKEN: { name: string; text: string; code: string; tokens: string[] }[] = [
  { name: "an open comment", text: "a /* b", code: "unterminated-comment", tokens: ["identifier:a"] },
  {
    name: "an open string",
    text: `"ab\nc`,
    code: "unterminated-literal",
    tokens: [`punct:"`, "identifier:c"],
  },
  {
    name: "an open char with a prefix",
    text: "L'",
    code: "unterminated-literal",
    tokens: ["identifier:L", "punct:'"],
  },
  {
    name: "a string ending in a backslash",
    text: `"\\`,
    code: "unterminated-literal",
    tokens: [`punct:"`],
  },
  {
    name: "a stray byte",
    text: "a @ b",
    code: "bad-character",
    tokens: ["identifier:a", "punct:@", "identifier:b"],
  },
];

for (const { name, text, code, tokens } of BROKEN) {
  test(`survives ${name}`, () => {
    assert.deepEqual(shown(text), tokens);
    assert.equal(lexText(text).problems[0]?.code, code);
  });
}

test("takes any byte, NUL too", () => {
  const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
  assert.ok(lexText(bytes + bytes).problems.length > 0);
});
