import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanAddress, cleanCode, cleanLine, isUsableId } from "../../src/reply/clean.ts";

const lines: [string, string, string][] = [
  ["CR and LF", "a\r\nBcc: v@example.com", "a Bcc: v@example.com"],
  ["a bare CR", "a\rX-Evil: 1", "a X-Evil: 1"],
  ["NUL and escape", "a\0b\x1b[31mc", "a b [31mc"],
  ["C1 controls and line separators", "a\x85b\u2028c", "a b c"],
  ["bidi marks", "a\u202eb\u2066c\u200bd", "abcd"],
  ["lone surrogates", "a\ud800b", "a b"],
  ["text of other scripts", "J\u00fcrgen \u738b", "J\u00fcrgen \u738b"],
  ["blanks", "  a \t b  ", "a b"],
];
for (const [name, text, expected] of lines) {
  test(`cleanLine: ${name}`, () => assert.equal(cleanLine(text), expected));
}

test("cleanLine cuts by characters and says so", () => {
  assert.equal(cleanLine("x".repeat(100_000), 10), "xxxxxxx...");
  assert.equal(cleanLine("\u{1f600}".repeat(9), 10), "\u{1f600}".repeat(9));
});

test("cleanCode keeps tabs, drops trailing blanks, shows what it hides", () => {
  assert.equal(cleanCode("+\tfoo(bar);  \r"), "+\tfoo(bar);");
  assert.equal(cleanCode("+\tfoo\r(bar\x1b);"), "+\tfoo?(bar?);");
  assert.equal(cleanCode("+\tint a;\t "), "+\tint a;");
  assert.equal(cleanCode("+/* \u202e */ x"), "+/* ? */ x");
});

const addresses: [string, string | null][] = [
  ["jane@example.com", "jane@example.com"],
  ["first.last+tag@sub.example.com", "first.last+tag@sub.example.com"],
  ["a@x\r\nBcc: v@y", null],
  ["<jane@example.com>", null],
  ["jane@example.com, eve@example.com", null],
  ["group: eve@example.com;", null],
  ['"quoted local"@example.com', null],
  ["jane@[127.0.0.1]", null],
  ["jane", null],
  ["@example.com", null],
  ["j\u00e4ne@example.com", null],
  [`${"x".repeat(65)}@example.com`, null],
  [`x@${"y".repeat(300)}`, null],
];
for (const [address, expected] of addresses) {
  test(`cleanAddress: ${address.slice(0, 40)}`, () => assert.equal(cleanAddress(address), expected));
}

test("ids with blanks, brackets, controls or over-long are not used", () => {
  assert.equal(isUsableId("20260504.1-2-jane@example.com"), true);
  for (const id of ["", "a b", "a>b", "<a", "a\r\nb", "a\0b", "\u00e4@b", "x".repeat(991)]) {
    assert.equal(isUsableId(id), false, id.slice(0, 20));
  }
});
