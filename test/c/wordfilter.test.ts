import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { filterOf, mayHold, wordHash } from "../../src/c/text/wordfilter.ts";

const SEED = Number(process.env["AVICBOT_SEED"] ?? Date.now() % 1_000_000);
const word = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,30}$/);
const between = fc.stringMatching(/^[ \t\n(){};,*&.+-]{1,4}$/);

test("a filter never says no for a word of its text", () => {
  const pieces = fc.array(fc.tuple(between, word), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(pieces, (all) => {
      const filter = filterOf(all.flat().join(""));
      for (const [, name] of all) assert.ok(mayHold(filter, wordHash(name)), name);
    }),
    { seed: SEED },
  );
  console.log(`words made with AVICBOT_SEED=${SEED}`);
});

test("a filter says no for nearly all words that are not there", () => {
  const text = Array.from({ length: 5000 }, (_, i) => `static int name_${i}(void);`).join("\n");
  const filter = filterOf(text);
  const wrong = Array.from({ length: 5000 }, (_, i) => `other_${i}`).filter((name) =>
    mayHold(filter, wordHash(name)),
  );
  assert.ok(wrong.length < 1000, `${wrong.length} of 5000`);
});

test("a part of a word is no word", () => {
  const filter = filterOf("avic_activate_vmcb(svm)");
  assert.ok(mayHold(filter, wordHash("avic_activate_vmcb")));
  assert.ok(mayHold(filter, wordHash("svm")));
  assert.equal(mayHold(filter, wordHash("avic_activate")), false);
});
