import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { Ajv2020 } from "ajv/dist/2020.js";
import { sampleReview, undeterminedReview } from "./sample.ts";

const schema = JSON.parse(readFileSync(packagePath("src/review/review.schema.json"), "utf8")) as object;
const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);

const good = [
  ["changed", sampleReview()],
  ["undetermined", undeterminedReview()],
] as const;

for (const [name, review] of good) {
  test(`the published schema accepts the ${name} review`, () => {
    assert.equal(validate(review), true, JSON.stringify(validate.errors));
  });
}

const bad: [string, object][] = [
  ["an unknown key", { ...sampleReview(), extra: 1 }],
  ["a missing digest", { ...sampleReview(), digest: undefined }],
  [
    "an upper-case MSR",
    {
      ...sampleReview(),
      findings: [{ rule: "r", severity: "note", msr: "0x80A", access: "read", text: "t" }],
    },
  ],
  ["undetermined without a reason", { ...undeterminedReview(), reason: null }],
  ["undetermined with rows", { ...undeterminedReview(), rows: sampleReview().rows }],
  ["changed without sets", { ...sampleReview(), sets: null }],
];

for (const [name, review] of bad) {
  test(`the published schema refuses ${name}`, () => {
    assert.equal(validate(JSON.parse(JSON.stringify(review))), false);
  });
}
