import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import type { PatchToApply } from "../../src/kernel/apply-patch.ts";
import {
  findBase,
  type Base,
  type BaseOptions,
  type BaseResult,
  type Undetermined,
} from "../../src/kernel/base.ts";
import { openDirectory } from "../../src/kernel/directory.ts";
import { openGit } from "../../src/kernel/git.ts";
import { readTree } from "../../src/kernel/tree.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { makeRepository, temporaryDirectory, type TestRepository } from "./repository.ts";

const AVIC = "arch/x86/kvm/svm/avic.c";
const SVM = "arch/x86/kvm/svm/svm.c";

/** Twenty numbered lines, some replaced. */
function lines(replaced: Record<number, string> = {}): string {
  return Array.from({ length: 20 }, (_, at) => `${replaced[at + 1] ?? `line ${at + 1}`}\n`).join("");
}

function asPatches(mails: readonly string[]): PatchToApply[] {
  return mails.map((mail, at) => ({ index: at + 1, ...parseDiff(mail) }));
}

interface History {
  readonly repository: TestRepository;
  readonly base: string;
  /** Two patches on avic.c, on top of `base`, on the branch topic; main stands on `base`. */
  readonly mails: string[];
}

function history(...formatArgs: string[]): History {
  const repository = makeRepository();
  const base = repository.commit({ [AVIC]: lines(), [SVM]: lines(), Makefile: "all:\n" });
  repository.git("checkout", "-q", "-b", "topic");
  repository.commit({ [AVIC]: lines({ 10: "ten" }) }, "First");
  repository.commit({ [AVIC]: lines({ 10: "ten", 12: "twelve" }) }, "Second");
  const mails = repository.formatPatch(...formatArgs, "main..topic");
  repository.git("checkout", "-q", "main");
  return { repository, base, mails };
}

async function find(
  context: TestContext,
  repository: TestRepository,
  patches: readonly PatchToApply[],
  options: BaseOptions = {},
): Promise<BaseResult> {
  const source = await openGit(repository.path);
  context.after(() => source.close());
  return findBase(patches, source, options);
}

function found(result: BaseResult): Base {
  assert.ok(result.ok, JSON.stringify(!result.ok && result.undetermined));
  return result.base;
}

function notFound(result: BaseResult): Undetermined {
  assert.ok(!result.ok, "a base was found");
  return result.undetermined;
}

/** What the review shows of a base. */
function outline({ how, revision, verified }: Base): [string, string, boolean] {
  return [how, revision, verified];
}

test("blob ids prove the base, in order of base-commit, branches, HEAD", async (context) => {
  for (const args of [[], ["--full-index"], ["--base=main"]]) {
    const { repository, base, mails } = history(...args);
    const patches = asPatches(mails);
    repository.git("branch", "other");
    for (const options of [{}, { baseCommit: base }, { branches: ["other"] }, { branches: ["main"] }]) {
      const result = await find(context, repository, patches, options);
      assert.deepEqual(outline(found(result)), ["blob", base, true]);
      assert.ok(result.ok);
      assert.deepEqual(
        result.patches.map((patch) => patch.postImage),
        ["matched", "matched"],
      );
      const last = result.patches[1]?.tree;
      assert.equal(last && (await readTree(last, AVIC)), lines({ 10: "ten", 12: "twelve" }));
      const first = result.patches[0]?.tree;
      assert.equal(first && (await readTree(first, AVIC)), lines({ 10: "ten" }));
      assert.equal(await readTree(found(result).tree, AVIC), lines());
    }
  }
});

test("a branch that moved on: the ancestor with those blobs is the base", async (context) => {
  const { repository, base, mails } = history();
  repository.git("merge", "-q", "topic");
  repository.commit({ [AVIC]: lines({ 1: "changed" }) });
  const result = found(await find(context, repository, asPatches(mails), { branches: ["main"] }));
  assert.deepEqual(outline(result), ["blob", base, true]);
  assert.match(result.note, /main~3 \([0-9a-f]{12}\), whose files have the blob ids/);
});

test("blobs without a revision replace the files of the closest branch", async (context) => {
  const { repository, mails } = history();
  repository.git("checkout", "-q", "--orphan", "unrelated");
  const head = repository.commit({ [AVIC]: lines({ 9: "nine", 10: "other" }), [SVM]: "kept\n" });
  const result = await find(context, repository, asPatches(mails), { branches: ["unrelated"] });
  const base = found(result);
  assert.deepEqual(outline(base), ["blob", head, false]);
  assert.match(base.note, /blobs that the diff names; the rest of the tree is unrelated/);
  assert.equal(await readTree(base.tree, AVIC), lines());
  assert.equal(await readTree(base.tree, SVM), "kept\n");
});

test("base-commit, then branches, best first, when no blob proves it", async (context) => {
  const { repository, base, mails } = history();
  const quilt = mails.map((mail) => mail.replace(/^index .*\n/gm, "").replace(/^diff --git .*\n/gm, ""));
  const patches = asPatches(quilt);
  repository.git("checkout", "-q", "-b", "shifted");
  const shifted = repository.commit({ [AVIC]: `new\n${lines()}` });
  repository.git("checkout", "-q", "-b", "broken");
  repository.commit({ [AVIC]: lines({ 9: "nine" }) });
  const cases: [BaseOptions, [string, string, boolean]][] = [
    [{ baseCommit: base, branches: ["shifted"] }, ["base-commit", base, false]],
    [{ branches: ["broken", "shifted", "main"] }, ["branch", shifted, false]],
    [{ branches: ["broken", "main", "shifted"] }, ["branch", base, false]],
    [{ branches: ["none", "main"], baseCommit: "0123456789ab" }, ["branch", base, false]],
    [{ base: "shifted", baseCommit: base }, ["given", shifted, false]],
    [{ base: base.slice(0, 12) }, ["given", base, false]],
  ];
  for (const [options, expected] of cases) {
    const result = await find(context, repository, patches, options);
    assert.deepEqual(outline(found(result)), expected, JSON.stringify(options));
    assert.ok(result.ok);
    assert.deepEqual(
      result.patches.map((patch) => patch.postImage),
      ["not-stated", "not-stated"],
    );
  }
  const remarks = found(await find(context, repository, patches, cases[3]?.[0])).note;
  assert.match(remarks, /base-commit 0123456789ab is not in the repository/);
  assert.match(remarks, /"none" is no revision/);
  assert.match(
    found(await find(context, repository, patches, cases[1]?.[0])).note,
    /2 hunk\(s\) apply at another/,
  );
});

test("hunks that apply beside wrong ids are not verified, and the post-image differs", async (context) => {
  const { repository, mails } = history();
  const head = repository.commit({ [AVIC]: `new\n${lines()}` });
  const lying = mails.map((mail) => mail.replace(/^index [0-9a-f]+/gm, "index 0123456789ab"));
  const result = await find(context, repository, asPatches(lying));
  assert.deepEqual(outline(found(result)), ["branch", head, false]);
  assert.ok(result.ok);
  assert.deepEqual(
    result.patches.map((patch) => patch.postImage),
    ["differs", "differs"],
  );
});

test("nothing applies: the best try is named with file and hunk", async (context) => {
  const { repository, mails } = history();
  const unknown = mails.map((mail) => mail.replace(/^index [0-9a-f]+/gm, "index 0123456789ab"));
  repository.git("checkout", "-q", "-b", "far");
  repository.commit({ [AVIC]: lines({ 9: "nine" }) });
  repository.git("checkout", "-q", "-b", "near", "main");
  repository.commit({ [AVIC]: lines({ 15: "fifteen" }) });
  const result = notFound(await find(context, repository, asPatches(unknown), { branches: ["far", "near"] }));
  assert.equal(result.patch, 2);
  assert.equal(result.file, AVIC);
  assert.equal(result.hunk, 1);
  assert.match(
    result.reason,
    /^patch 2, arch\/x86\/kvm\/svm\/avic\.c, hunk 1: its lines are not in the file \(line 9 of the old file\); tried near \([0-9a-f]{12}\), far \([0-9a-f]{12}\)\.$/,
  );
  assert.equal(result.tried.length, 2);
});

test("no revision, an unusable diff, a given revision that is none", async (context) => {
  const { repository, mails } = history();
  const patches = asPatches(mails);
  const cut = asPatches(mails.map((mail) => mail.slice(0, mail.indexOf("-line 12"))));
  assert.match(
    notFound(await find(context, repository, cut)).reason,
    /^patch 2: its diff cannot be used: hunk/,
  );
  const given = notFound(await find(context, repository, patches, { base: "--output=x" }));
  assert.match(given.reason, /no revision to apply the series to. "--output=x" is no revision/);
  const empty = makeRepository();
  assert.match(notFound(await find(context, empty, patches)).reason, /"HEAD" is no revision/);
});

test("what a mail claims to be its base never becomes an option", async (context) => {
  const { repository, base, mails } = history();
  const pwned = join(temporaryDirectory(), "pwn");
  const claims = [
    `--upload-pack=touch ${pwned}`,
    "topic",
    "HEAD~1",
    "main\nmain",
    "../x",
    "",
    base.toUpperCase(),
  ];
  for (const baseCommit of claims) {
    const result = await find(context, repository, asPatches(mails), { baseCommit });
    assert.deepEqual(outline(found(result)), ["blob", base, true], baseCommit);
  }
  assert.equal(existsSync(pwned), false);
});

test("prerequisites are named", async (context) => {
  const { repository, mails } = history();
  const prerequisites = ["0123456789abcdef0123456789abcdef01234567"];
  const base = found(await find(context, repository, asPatches(mails), { prerequisites }));
  assert.match(base.note, /names 1 prerequisite patch\(es\), which were not applied/);
});

test("a sha256 repository", async (context) => {
  const repository = makeRepository("--object-format=sha256");
  const base = repository.commit({ [AVIC]: lines() });
  repository.git("checkout", "-q", "-b", "topic");
  repository.commit({ [AVIC]: lines({ 10: "ten" }) });
  for (const args of [[], ["--full-index"]]) {
    const patches = asPatches(repository.formatPatch(...args, "-1"));
    const result = await find(context, repository, patches, { branches: ["main"] });
    assert.deepEqual(outline(found(result)), ["blob", base, true]);
    assert.equal(result.ok && result.patches[0]?.postImage, "matched");
  }
});

function directoryOf(files: Record<string, string>): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, "latin1");
  }
  return root;
}

test("a directory is the base it is; its files are compared with the blob ids too", async () => {
  const { mails } = history();
  const patches = asPatches(mails);
  const cases: [string, boolean, string[]][] = [
    [lines(), true, ["matched", "matched"]],
    [`new\n${lines()}`, false, ["differs", "differs"]],
  ];
  for (const [text, verified, images] of cases) {
    const source = await openDirectory(directoryOf({ [AVIC]: text }));
    const result = await findBase(patches, source, { branches: ["main"], baseCommit: "0123456789ab" });
    assert.deepEqual(outline(found(result)), ["tree", "tree", verified]);
    assert.ok(result.ok);
    assert.deepEqual(
      result.patches.map((patch) => patch.postImage),
      images,
    );
  }
});

test("a partial tree may lack files that decide nothing, no others", async () => {
  const repository = makeRepository();
  const selftest = "tools/testing/selftests/kvm/x.c";
  repository.commit({ [AVIC]: lines(), [SVM]: lines(), [selftest]: lines() });
  repository.commit({ [AVIC]: lines({ 10: "ten" }), [selftest]: lines({ 10: "ten" }) });
  const leaves = asPatches(repository.formatPatch("-1"));
  repository.commit({ [SVM]: lines({ 10: "ten" }) });
  const needs = asPatches(repository.formatPatch("-1"));
  const source = await openDirectory(directoryOf({ [AVIC]: lines() }));
  const result = found(await findBase(leaves, source));
  assert.deepEqual(outline(result), ["tree", "tree", true]);
  assert.match(result.note, /Not in the tree and left out: tools\/testing/);
  const reason = notFound(await findBase(needs, source)).reason;
  assert.match(
    reason,
    /^patch 1, arch\/x86\/kvm\/svm\/svm\.c: the file is not there; tried the given tree\.$/,
  );
});
