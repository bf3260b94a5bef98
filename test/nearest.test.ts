import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../src/nearest.ts";

const cases: [string, string[], string | null][] = [
  ["sourcs", ["sources", "smtp"], "sources"],
  ["mdoe", ["mode", "mail"], "mode"],
  ["SMTP", ["smtp"], "smtp"],
  ["redis", ["redisUrl", "retention"], null],
  ["x", ["y"], null],
  ["kernel", ["sources", "smtp"], null],
  ["a".repeat(1000), ["a".repeat(1000)], null],
];
test("the nearest word, or none that is near", () => {
  for (const [word, words, expected] of cases)
    assert.equal(nearest(word, words), expected, word.slice(0, 20));
});
