import assert from "node:assert/strict";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gitBlobId } from "../../src/patch/blob.ts";
import { makeRepository, runGit, temporaryDirectory } from "./repository.ts";
import { checkFiles, filled, open } from "./small-repository.ts";

test("files, lists and ids of a revision", async (context) => {
  const repository = filled();
  repository.git("tag", "-a", "-m", "release", "v6.12");
  const source = await open(context, repository.path);
  const head = repository.git("rev-parse", "HEAD").trim();
  for (const name of ["HEAD", "main", "refs/heads/main", "v6.12", head, head.slice(0, 9), "HEAD~0"]) {
    assert.equal(await source.resolve(name), head, name);
  }
  await checkFiles(source, head);
  assert.deepEqual(await source.list(head, ""), ["Makefile", "arch"]);
  assert.deepEqual(await source.list(head, "arch/x86/kvm"), ["svm", "two words.h"]);
  for (const path of ["none", "arch", "Makefile/x", "arch/x86/none/x.c"]) {
    assert.equal(await source.read(head, path), null, path);
    assert.deepEqual(await source.list(head, path === "arch" ? "none" : path), [], path);
  }
});

test("ways a repository can be kept", async (context) => {
  const repository = filled();
  const top = temporaryDirectory();
  const ways: [string, (to: string) => void][] = [
    ["bare", (to) => runGit(top, "clone", "-q", "--bare", repository.path, to)],
    ["alternates", (to) => runGit(top, "clone", "-q", "--shared", repository.path, to)],
    ["worktree", (to) => repository.git("worktree", "add", "-q", "--detach", to)],
    [
      "packed",
      (to) => {
        runGit(top, "clone", "-q", repository.path, to);
        runGit(to, "pack-refs", "--all");
        runGit(to, "repack", "-adq");
      },
    ],
    ["shallow", (to) => runGit(top, "clone", "-q", "--depth=1", `file://${repository.path}`, to)],
  ];
  for (const [name, make] of ways) {
    const path = join(top, name);
    make(path);
    const source = await open(context, path);
    const head = await source.resolve("HEAD");
    assert.notEqual(head, null, name);
    await checkFiles(source, head ?? "");
  }
});

test("a sha256 repository", async (context) => {
  const repository = filled("--object-format=sha256");
  const source = await open(context, repository.path);
  const head = (await source.resolve("main")) ?? "";
  assert.equal(head.length, 64);
  assert.equal(source.hash, "sha256");
  await checkFiles(source, head);
  const id = gitBlobId("w\n", "sha256");
  assert.deepEqual(await source.readBlob(id.slice(0, 10)), { ok: true, id, text: "w\n" });
});

test("blobs by their id", async (context) => {
  const repository = filled();
  const source = await open(context, repository.path);
  const id = gitBlobId("w\n");
  for (const name of [id, id.slice(0, 7)]) {
    assert.deepEqual(await source.readBlob(name), { ok: true, id, text: "w\n" });
  }
  const head = (await source.resolve("HEAD")) ?? "";
  const wrong: [string, RegExp][] = [
    ["0123456789", /no object/],
    [head, /is a commit/],
    [id.slice(0, 6), /no blob id/],
    ["HEAD:Makefile", /no blob id/],
    [`${id}\n${id}`, /no blob id/],
    ["--batch-all-objects", /no blob id/],
  ];
  for (const [name, reason] of wrong) {
    const answer = await source.readBlob(name);
    assert.match(answer.ok ? "" : answer.reason, reason, name);
  }
});

/** Two texts whose ids begin with the same seven digits: found by trying. */
function collision(): { prefix: string; texts: [string, string] } {
  const seen = new Map<string, string>();
  for (let count = 0; ; count++) {
    const text = `${count}\n`;
    const prefix = gitBlobId(text).slice(0, 7);
    const other = seen.get(prefix);
    if (other !== undefined) return { prefix, texts: [other, text] };
    seen.set(prefix, text);
  }
}

test("an ambiguous id is no answer", async (context) => {
  const { prefix, texts } = collision();
  const repository = makeRepository();
  repository.commit({ one: texts[0], two: texts[1] });
  const source = await open(context, repository.path);
  const answer = await source.readBlob(prefix);
  assert.match(answer.ok ? "" : answer.reason, /several/);
  assert.equal((await source.readBlob(gitBlobId(texts[0]).slice(0, 12))).ok, true);
});

test("names that are options, paths or two lines never reach git", async (context) => {
  const repository = filled();
  const pwned = join(temporaryDirectory(), "pwn");
  const source = await open(context, repository.path);
  const names = [
    `--upload-pack=touch ${pwned}`,
    "--output=x",
    "-x",
    "",
    " main",
    "main\nHEAD",
    "main\0",
    "HEAD:Makefile",
    "main..HEAD",
    ":/Change",
    "HEAD@{upstream}",
    "$(touch x)",
    "main^{/x}",
    `${"a".repeat(5000)}`,
  ];
  for (const name of names) assert.equal(await source.resolve(name), null, name);
  assert.equal(existsSync(pwned), false);
  const head = (await source.resolve("HEAD")) ?? "";
  for (const path of ["../x", "/etc/passwd", "arch/../Makefile", "Makefile\nx", ".git/config", ""]) {
    assert.equal(await source.read(head, path), null, path);
    if (path !== "") assert.deepEqual(await source.list(head, path), [], path);
  }
  await assert.rejects(source.read("none", "Makefile"), { code: "no-revision", message: /fetch it/ });
});

test("symlinks and submodules are no files", async (context) => {
  const repository = filled();
  symlinkSync("Makefile", join(repository.path, "link"));
  symlinkSync("arch", join(repository.path, "dir"));
  const id = gitBlobId("").slice(0, 40);
  repository.git("update-index", "--add", "--cacheinfo", `160000,${id},sub`);
  repository.commit({});
  const source = await open(context, repository.path);
  const head = (await source.resolve("HEAD")) ?? "";
  for (const path of ["link", "dir/x86/kvm/svm/avic.c", "sub", "sub/x"]) {
    assert.equal(await source.read(head, path), null, path);
  }
});

test("the same blob is the same text in every revision", async (context) => {
  const repository = filled();
  const first = repository.git("rev-parse", "HEAD").trim();
  const second = repository.commit({ Makefile: "new\n" });
  const source = await open(context, repository.path);
  const path = "arch/x86/kvm/svm/avic.c";
  repository.git("gc", "-q", "--prune=now");
  assert.equal(await source.read(first, path), await source.read(second, path));
  assert.equal(await source.read(first, "Makefile"), "");
  assert.equal(await source.read(second, "Makefile"), "new\n");
});

test("a repository that is repacked while it is open", async (context) => {
  const repository = filled();
  const source = await open(context, repository.path);
  await checkFiles(source, (await source.resolve("HEAD")) ?? "");
  for (let round = 0; round < 3; round++) {
    const head = repository.commit({ Makefile: `round ${round}\n` });
    repository.git("gc", "-q", "--prune=now");
    assert.equal(await source.resolve("main"), head);
    assert.equal(await source.read(head, "Makefile"), `round ${round}\n`);
  }
});

test("many requests at once come back in their order", async (context) => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`d${at % 7}/f${at}`, `${at}\n`.repeat(at * 20)]),
  );
  const repository = makeRepository();
  const head = repository.commit(files);
  const source = await open(context, repository.path);
  const texts = await Promise.all(Object.keys(files).map((path) => source.read(head, path)));
  assert.deepEqual(texts, Object.values(files));
});

test("settings of the machine and of the caller do not matter", async (context) => {
  const repository = filled();
  process.env["GIT_OBJECT_DIRECTORY"] = "/nonexistent";
  process.env["GIT_DIR"] = "/nonexistent";
  context.after(() => {
    delete process.env["GIT_OBJECT_DIRECTORY"];
    delete process.env["GIT_DIR"];
  });
  const source = await open(context, repository.path);
  await checkFiles(source, (await source.resolve("HEAD")) ?? "");
});
