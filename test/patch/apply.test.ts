import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { applyPatch, createTwoFilesPatch } from "diff";
import { applyFile } from "../../src/patch/apply.ts";
import { gitBlobId, hasBlobId, statedBlobId } from "../../src/patch/blob.ts";
import type { FileChange } from "../../src/patch/diff.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { randomEdit, randomText, runSeed, seededRandom } from "./random.ts";

function onlyFile(diff: string): FileChange {
  const { files, problems } = parseDiff(diff);
  assert.deepEqual(problems, []);
  assert.equal(files.length, 1);
  return files[0] as FileChange;
}

function plain(hunks: string): FileChange {
  return onlyFile(`--- a/f\n+++ b/f\n${hunks}`);
}

const BASE = "a\nb\nc\nd\ne\nf\ng\nh\n";

test("hunks apply at their line or at the nearest place", () => {
  const hunk = "@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n";
  const cases: [string, string, number[]][] = [
    [BASE, "a\nb\nC\nd\ne\nf\ng\nh\n", [0]],
    [`x\ny\n${BASE}`, "x\ny\na\nb\nC\nd\ne\nf\ng\nh\n", [2]],
    [BASE.slice(2), "b\nC\nd\ne\nf\ng\nh\n", [-1]],
    ["z\nz\nb\nc\nd\nb\nc\nd\n", "z\nz\nb\nC\nd\nb\nc\nd\n", [1]],
  ];
  for (const [text, expected, offsets] of cases) {
    assert.deepEqual(applyFile(text, plain(hunk)), { ok: true, text: expected, offsets });
  }
});

test("what git refuses is refused with the hunk and a reason", () => {
  const cases: [string, string, RegExp][] = [
    ["x\nb\nc\nE\n", "@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n", /not in the file/],
    [`x\n${BASE}`, "@@ -1,2 +1,2 @@\n-a\n+A\n b\n", /does not begin/],
    [`${BASE}x\n`, "@@ -7,2 +7,2 @@\n g\n-h\n+H\n", /does not end/],
    [BASE, "@@ -3,0 +4 @@\n+x\n", /no context/],
    [BASE, "@@ -0,0 +1 @@\n+x\n", /as a whole/],
    ["a\n", "@@ -2,3 +2,1 @@\n b\n-c\n-d\n", /shorter/],
    ["a\nb", "@@ -1,2 +1,2 @@\n-a\n+A\n b\n", /does not begin/],
    ["a\nb\n", "@@ -1,2 +1,2 @@\n-a\n+A\n b\n\\ No newline at end of file\n", /does not begin/],
  ];
  for (const [text, hunk, reason] of cases) {
    const result = applyFile(text, plain(hunk));
    assert.equal(result.ok, false, hunk);
    assert.equal(!result.ok && result.hunk, 1);
    assert.match(result.ok ? "" : result.reason, reason);
  }
});

test("the second hunk never matches what the first has written, nor stands before it", () => {
  const overlap = "@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n@@ -4,3 +4,3 @@\n d\n-e\n+E\n f\n";
  const result = applyFile(BASE, plain(overlap));
  assert.equal(!result.ok && result.hunk, 2);
  const swapped = "@@ -5,3 +5,3 @@\n e\n-f\n+F\n g\n@@ -2,3 +2,3 @@\n b\n-c\n+C\n d\n";
  const disordered = applyFile(BASE, plain(swapped));
  assert.match(disordered.ok ? "" : disordered.reason, /before those/);
});

test("files made and removed, with and without a last LF", () => {
  const added = "@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n";
  const removed = "@@ -1,2 +0,0 @@\n-a\n-b\n\\ No newline at end of file\n";
  assert.deepEqual(applyFile("", plain(added)), { ok: true, text: "a\nb", offsets: [0] });
  assert.deepEqual(applyFile("a\nb", plain(removed)), { ok: true, text: "", offsets: [0] });
  assert.equal(applyFile("a\nb\n", plain(removed)).ok, false);
});

test("ten thousand hunks far from their place end soon", () => {
  const text = "x\n".repeat(400_000);
  const hunks = Array.from({ length: 10_000 }, (_, at) => {
    const line = 2 + at * 8;
    return `@@ -${line},3 +${line},3 @@\n x\n-x\n+y\n z\n`;
  });
  const result = applyFile(text, plain(hunks.join("")));
  assert.equal(!result.ok && result.hunk, 1);
});

function gitApply(directory: string, text: string, diff: string): string | null {
  writeFileSync(join(directory, "f"), text, "latin1");
  const env = { ...process.env, GIT_DIR: join(directory, "none") };
  const { status } = spawnSync("git", ["apply", "--whitespace=nowarn"], {
    cwd: directory,
    env,
    input: Buffer.from(diff, "latin1"),
  });
  return status === 0 ? readFileSync(join(directory, "f"), "latin1") : null;
}

test("generated edits on shifted files: git apply and jsdiff agree", (context) => {
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  const directory = mkdtempSync(join(tmpdir(), "avicbot-apply-"));
  let applied = 0;
  for (let round = 0; round < 300; round++) {
    const random = seededRandom(seed * 1000 + round);
    const before = randomText(random, 60);
    const after = randomEdit(random, before);
    if (before === after || before === "" || after === "") continue;
    const target = random(2) === 0 ? before : randomEdit(random, before, 1);
    const diff = createTwoFilesPatch("a/f", "b/f", before, after, "", "", { context: random(5) });
    const place = `seed ${seed} round ${round}\n${diff}`;
    const change = onlyFile(diff);
    const result = applyFile(target, change);
    const git = gitApply(directory, target, diff);
    if (result.ok) {
      applied++;
      assert.equal(result.text, git, place);
      const byLibrary = applyPatch(target, diff, { fuzzFactor: 0, autoConvertLineEndings: false });
      // jsdiff takes another of several equal places
      if (target === before) assert.equal(result.text, byLibrary, place);
    } else if (git !== null) {
      // git takes a line without LF for the beginning of one with LF.
      const lax = target !== before && diff.includes("\\ No newline");
      if (!lax) assert.match(result.reason, /before those|no context/, place);
    }
  }
  rmSync(directory, { recursive: true });
  assert.ok(applied > 100, `${applied} of 300 applied`);
});

test("blob ids are git's, in both hashes, whole and abbreviated", () => {
  const id = "ce013625030ba8dba906f756967f9e9ca394464a";
  assert.equal(gitBlobId("hello\n"), id);
  assert.equal(
    gitBlobId("hello\n", "sha256"),
    "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4",
  );
  const cases: [string, boolean][] = [
    [id, true],
    [id.slice(0, 12), true],
    ["2cf8d83d9ee2", true],
    [id.slice(0, 6), false],
    [`${id.slice(0, 11)}0`, false],
    ["--upload-pack=x", false],
    ["", false],
  ];
  for (const [text, expected] of cases) assert.equal(hasBlobId("hello\n", text), expected, text);
  assert.equal(statedBlobId("0000000000"), null);
  assert.equal(statedBlobId("--output=x"), null);
  assert.equal(statedBlobId("CE013625030B"), "ce013625030b");
});
