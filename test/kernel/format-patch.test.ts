import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findBase } from "../../src/kernel/base.ts";
import { openGit } from "../../src/kernel/git.ts";
import { applySeries } from "../../src/kernel/series.ts";
import { readTree } from "../../src/kernel/tree.ts";
import { touchedPaths } from "../../src/patch/diff.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { randomEdit, randomText, runSeed, seededRandom, type Random } from "../patch/random.ts";
import { makeRepository, type TestRepository } from "./repository.ts";

/** Finds the base of the commits after `from`, applies their mails and compares every file with git's. */
async function roundTrip(
  repository: TestRepository,
  from: string,
  args: string[],
  place: string,
): Promise<void> {
  const mails = repository.formatPatch(...args, `${from}..HEAD`);
  const patches = mails.map((mail, at) => ({ index: at + 1, ...parseDiff(mail) }));
  const commits = repository.git("rev-list", "--reverse", `${from}..HEAD`).trim().split("\n");
  const source = await openGit(repository.path);
  const result = await findBase(patches, source, { branches: ["HEAD"], base: from });
  assert.ok(result.ok, `${place}: ${result.ok ? "" : result.undetermined.reason}\n${mails.join("")}`);
  for (const [at, patch] of result.patches.entries()) {
    const commit = commits[at] ?? "";
    for (const path of touchedPaths(patches[at]?.files ?? [])) {
      const expected = await source.read(commit, path);
      assert.equal(await readTree(patch.tree, path), expected, `${place}: ${path} in ${commit}`);
    }
    assert.notEqual(patch.postImage, "differs", place);
  }
  await source.close();
}

/** One random change of a tree: edit, add, remove, rename with an edit, copy. */
function randomChange(random: Random, files: Map<string, string>): Record<string, string | null> {
  const names = [...files.keys()];
  const name = names[random(names.length)] ?? "f";
  const text = files.get(name) ?? "";
  const fresh = `d${random(3)}/\xc3\xa4 new${random(1000)}.c`;
  const changes: Record<string, string | null>[] = [
    { [name]: randomEdit(random, text) },
    { [name]: randomEdit(random, text, 1).replaceAll("\n", "\r\n") },
    { [fresh]: randomText(random, 30) },
    { [name]: null },
    { [name]: null, [fresh]: randomEdit(random, text, 1) },
    { [fresh]: text },
    { [name]: "" },
  ];
  return changes[random(changes.length)] ?? {};
}

test("format-patch of generated commits gives git's own trees", async (context) => {
  const seed = runSeed();
  context.diagnostic(`seed ${seed}`);
  for (let round = 0; round < 6; round++) {
    const random = seededRandom(seed * 1000 + round);
    const repository = makeRepository();
    const files = new Map<string, string>();
    for (let at = 0; at < 6; at++) files.set(`d${at % 2}/f${at}.c`, randomText(random, 80));
    const from = repository.commit(Object.fromEntries(files));
    for (let count = 0; count < 4; count++) {
      const change = randomChange(random, files);
      repository.commit(change, `Change ${count}`);
      for (const [path, text] of Object.entries(change)) {
        if (text === null) files.delete(path);
        else files.set(path, text);
      }
    }
    const options = [
      ["-M"],
      ["--full-index"],
      ["-M", "-C", "--find-copies-harder"],
      ["--no-renames"],
      ["-U5"],
    ];
    const args = options[random(options.length)] ?? [];
    await roundTrip(repository, from, args, `seed ${seed} round ${round} ${args.join(" ")}`);
  }
});

test("modes, symlinks, binary files, swapped names", async () => {
  const repository = makeRepository();
  const long = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join("");
  const from = repository.commit({
    "a.c": long,
    "b.c": `${long}b\n`.repeat(2),
    "run.sh": "x\n",
    blob: "\0\x01\x02",
  });
  chmodSync(join(repository.path, "run.sh"), 0o755);
  repository.commit({});
  repository.commit({ blob: "\0\x02\x03", "a.c": `${long}a\n` });
  symlinkSync("a.c", join(repository.path, "link.c"));
  repository.commit({});
  unlinkSync(join(repository.path, "link.c"));
  repository.commit({ "link.c": "no link any more\n" });
  repository.git("mv", "a.c", "t");
  repository.git("mv", "b.c", "a.c");
  repository.git("mv", "t", "b.c");
  repository.commit({});
  const mails = repository.formatPatch("-M", "--binary", "-B", `${from}..HEAD`);
  const patches = mails.map((mail, at) => ({ index: at + 1, ...parseDiff(mail) }));
  const source = await openGit(repository.path);
  const result = await applySeries({ source, revision: from, changes: new Map() }, patches);
  assert.ok(result.ok, JSON.stringify(result));
  const last = result.patches.at(-1)?.tree;
  assert.ok(last);
  for (const path of ["a.c", "b.c", "link.c", "run.sh"]) {
    assert.equal(await readTree(last, path), await source.read("HEAD", path), path);
  }
  await source.close();
});

test("a binary patch of a source file, a new file that is there, lines left behind", async () => {
  const repository = makeRepository();
  const from = repository.commit({ "x.c": "a\nb\n", "y.c": "y\n" });
  const source = await openGit(repository.path);
  const cases: [string, RegExp][] = [
    [
      "diff --git a/x.c b/x.c\nindex 1234567..89abcde 100644\nGIT binary patch\nliteral 3\nKcmZ\n",
      /binary change/,
    ],
    ["--- /dev/null\n+++ b/x.c\n@@ -0,0 +1 @@\n+a\n", /x\.c is already there/],
    ["diff --git a/y.c b/x.c\nsimilarity index 100%\nrename from y.c\nrename to x.c\n", /already there/],
    ["--- a/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", /does not|as a whole/],
    ["--- a/none.c\n+++ b/none.c\n@@ -1 +1 @@\n-a\n+b\n", /not there/],
    [
      "diff --git a/x.c b/x.c\ndeleted file mode 100644\n--- a/x.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n",
      /not there/,
    ],
  ];
  for (const [diff, reason] of cases) {
    const patches = [{ index: 1, ...parseDiff(diff) }];
    const result = await applySeries({ source, revision: from, changes: new Map() }, patches);
    assert.match(result.ok ? "applied" : result.failure.reason, reason, diff);
  }
  await source.close();
});

test("the same file twice in one mail: the second change sees the first", async () => {
  const repository = makeRepository();
  const from = repository.commit({ "x.c": "a\nb\nc\n" });
  const source = await openGit(repository.path);
  const diff =
    "--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n-a\n+A\n b\n c\n--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n A\n-b\n+B\n c\n";
  const patches = [{ index: 1, ...parseDiff(diff) }];
  const result = await applySeries({ source, revision: from, changes: new Map() }, patches);
  assert.ok(result.ok);
  const tree = result.patches[0]?.tree;
  assert.equal(tree && (await readTree(tree, "x.c")), "A\nB\nc\n");
  await source.close();
});

const KERNEL = ".cache/linux-6.12";

test(
  "edits of real kernel files",
  { skip: !existsSync(KERNEL) && `${KERNEL} is not there` },
  async (context) => {
    const seed = runSeed();
    context.diagnostic(`seed ${seed}`);
    const paths = ["svm/avic.c", "svm/svm.c", "svm/svm.h", "lapic.c", "x86.c"].map(
      (name) => `arch/x86/kvm/${name}`,
    );
    const texts = new Map(paths.map((path) => [path, readFileSync(join(KERNEL, path), "latin1")]));
    const repository = makeRepository();
    const from = repository.commit(Object.fromEntries(texts));
    for (let round = 0; round < 8; round++) {
      const random = seededRandom(seed * 77 + round);
      const path = paths[random(paths.length)] ?? "";
      const text = randomEdit(random, texts.get(path) ?? "", 1 + random(12));
      texts.set(path, text);
      repository.commit({ [path]: text });
    }
    await roundTrip(repository, from, [], `seed ${seed}`);
  },
);
