import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, reviewDigest, sealReview } from "../../src/review/digest.ts";
import { sampleReview } from "./sample.ts";

test("canonical JSON sorts the keys at every depth and keeps the order of arrays", () => {
  const value = { b: [{ y: 1, x: null }, "two"], a: { d: true, c: "\u00e9\n" } };
  assert.equal(canonicalJson(value), '{"a":{"c":"\u00e9\\n","d":true},"b":[{"x":null,"y":1},"two"]}');
});

test("the digest does not depend on the order of keys and covers everything above it", () => {
  const { digest, ...content } = sampleReview();
  const reordered = Object.fromEntries(Object.entries(content).reverse()) as unknown as typeof content;
  assert.equal(reviewDigest(reordered), digest);
  assert.notEqual(reviewDigest({ ...content, profile: "apm" }), digest);
});

test("a sealed review can be checked against its own digest", () => {
  const { digest, ...content } = sampleReview();
  const sealed = sealReview(content);
  assert.equal(sealed.digest, digest);
  assert.equal(reviewDigest(sealed), sealed.digest);
  assert.equal(Object.keys(sealed).at(-1), "digest");
});
