import assert from "node:assert/strict";
import { test } from "node:test";
import { createTwoFilesPatch } from "diff";
import { applyFile } from "../../src/patch/apply.ts";
import type { FileChange } from "../../src/patch/diff.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { randomEdit, randomText, runSeed, seededRandom, type Random } from "./random.ts";

function randomDiff(random: Random): string {
  const before = randomText(random, 40);
  const after = randomEdit(random, before);
  const head = "diff --git a/x.c b/x.c\nindex 1234567..89abcde 100644\n";
  return `${random(2) === 0 ? head : ""}${createTwoFilesPatch("a/x.c", "b/x.c", before, after)}`;
}

/** What a diff may have in it at the wrong place. */
const PIECES = [
  "diff --git a/y.c b/y.c\n",
  "rename from x.c\n",
  "--- a/x.c\n",
  "+++ /dev/null\n",
  "@@ -1,3 +1,3 @@\n",
  "@@ -0,0 +1 @@\n",
  "\\ No newline at end of file\n",
  "-- \n",
  "\r\n",
  "\0",
  "\xff",
  '"',
  "+",
  "-",
  " ",
];

function mutate(random: Random, text: string): string {
  const at = random(text.length + 1);
  const cut = random(3) === 0 ? random(200) : random(2);
  const piece = random(2) === 0 ? (PIECES[random(PIECES.length)] ?? "") : "";
  return text.slice(0, at) + piece + text.slice(at + cut);
}

function checkCounts(file: FileChange, place: string): void {
  for (const hunk of file.hunks) {
    const count = (kind: string): number => hunk.lines.filter((line) => line[0] !== kind).length;
    assert.deepEqual([count("+"), count("-")], [hunk.oldLines, hunk.newLines], place);
    assert.ok(
      hunk.lines.every((line) => /^[ +-]/.test(line)),
      place,
    );
  }
}

test("whatever is done to a diff, it is read without an exception and counted right", (context) => {
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  for (let round = 0; round < 3000; round++) {
    const random = seededRandom(seed * 10_000 + round);
    let text = randomDiff(random);
    for (let edits = random(4); edits >= 0; edits--) text = mutate(random, text);
    const place = `seed ${seed} round ${round}\n${text}`;
    const { files, problems } = parseDiff(text);
    for (const file of files) {
      if (problems.length === 0) checkCounts(file, place);
      const result = applyFile(randomText(random, 40), file);
      assert.equal(typeof result.ok, "boolean", place);
    }
  }
});
