import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openGit, type GitOptions } from "../../src/kernel/git.ts";
import type { KernelSource } from "../../src/kernel/source.ts";
import { gitBlobId } from "../../src/patch/blob.ts";
import { makeRepository, runGit, temporaryDirectory, type TestRepository } from "./repository.ts";

const FILES = {
  "arch/x86/kvm/svm/avic.c": "int avic;\n",
  "arch/x86/kvm/svm/svm.c": "int svm;\r\n\xc3\xa4\xff",
  "arch/x86/kvm/two words.h": "w\n",
  Makefile: "",
};

async function open(context: TestContext, path: string, options?: GitOptions): Promise<KernelSource> {
  const source = await openGit(path, options);
  context.after(() => source.close());
  return source;
}

function filled(...initArgs: string[]): TestRepository {
  const repository = makeRepository(...initArgs);
  repository.commit(FILES);
  return repository;
}

async function checkFiles(source: KernelSource, revision: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    assert.equal(await source.read(revision, path), text, path);
    assert.equal(await source.blobId(revision, path), gitBlobId(text, source.hash ?? "sha1"), path);
  }
}

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

/** A `git` that is a shell script; `$real` is the real one. */
function fakeGit(script: string): string {
  const path = join(temporaryDirectory(), "git");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(path, `#!/bin/sh\nreal=${real}\nhere=${path}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test("git that dies is started once more", async (context) => {
  const repository = filled();
  // The first process answers the greeting alone.
  const git = fakeGit('[ -e "$here.ran" ] && exec $real "$@"\n: > "$here.ran"; head -n 1 | $real "$@"');
  const source = await open(context, repository.path, { git });
  const head = (await source.resolve("HEAD")) ?? "";
  await checkFiles(source, head);
});

test("git that is killed while answers are due", async (context) => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, at) => [`f${at}`, `${at} `.repeat(20_000)]),
  );
  const repository = makeRepository();
  const head = repository.commit(files);
  const pids = join(temporaryDirectory(), "pids");
  const git = fakeGit(`echo $$ >> ${pids}; exec $real "$@"`);
  const source = await open(context, repository.path, { git });
  const texts = Object.keys(files).map((path) => source.read(head, path));
  await texts[0];
  process.kill(Number(readFileSync(pids, "utf8")), "SIGKILL");
  assert.deepEqual(await Promise.all(texts), Object.values(files));
  assert.equal(readFileSync(pids, "utf8").trim().split("\n").length, 2);
});

test("git that dies again on the same request is an error for this request", async (context) => {
  const repository = filled();
  const git = fakeGit('head -n 1 | $real "$@"; echo "fatal: gone" >&2; exit 9');
  const source = await open(context, repository.path, { git });
  const first = await source.resolve("HEAD");
  assert.notEqual(first, null);
  // Each process answers one request: the next restart answers the one that was asked.
  assert.equal(await source.resolve("main"), first);
  const dead = fakeGit('echo "fatal: gone" >&2; exit 9');
  await assert.rejects(openGit(repository.path, { git: dead }), {
    code: "git-failed",
    message: /exit 9: fatal: gone\): check it with git .*fsck$/,
  });
});

test("git that is silent is given up", async () => {
  const repository = filled();
  const git = fakeGit("exec sleep 60");
  await assert.rejects(openGit(repository.path, { git, timeout: 300 }), {
    code: "git-timeout",
    message: /silent for 300 ms/,
  });
});

test("git that prints nonsense is an error", async () => {
  const repository = filled();
  const git = fakeGit('echo "hello"; exec sleep 60');
  await assert.rejects(openGit(repository.path, { git }), { code: "git-failed" });
});

test("no git, no repository", async () => {
  const repository = filled();
  await assert.rejects(openGit(repository.path, { git: "/nonexistent/git" }), {
    code: "no-git",
    message: /install git/,
  });
  const top = temporaryDirectory();
  mkdirSync(join(top, "odd/objects"), { recursive: true });
  mkdirSync(join(top, "file"));
  writeFileSync(join(top, "file/.git"), "gitdir: nowhere\n");
  for (const path of [top, join(top, "none"), join(top, "odd"), join(top, "file"), "a\0b"]) {
    await assert.rejects(openGit(path), { code: "not-a-repository", message: /name the directory/ });
  }
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

function objectFile(repository: TestRepository, id: string): string {
  return join(repository.path, ".git/objects", id.slice(0, 2), id.slice(2));
}

test("a blob that is missing or corrupt is an error, not a missing file", async (context) => {
  const repository = filled();
  const head = repository.git("rev-parse", "HEAD").trim();
  const missing = objectFile(repository, gitBlobId("int avic;\n"));
  rmSync(missing);
  const corrupt = objectFile(repository, gitBlobId("w\n"));
  chmodSync(corrupt, 0o644);
  truncateSync(corrupt, 10);
  const source = await open(context, repository.path);
  await assert.rejects(source.read(head, "arch/x86/kvm/svm/avic.c"), {
    code: "missing-object",
    message: /lacks the blob .* fsck/,
  });
  await assert.rejects(source.read(head, "arch/x86/kvm/two words.h"), /fsck/);
  assert.equal(await source.read(head, "Makefile"), "");
});

test("a truncated pack is an error", async (context) => {
  const repository = filled();
  const head = repository.git("rev-parse", "HEAD").trim();
  repository.git("gc", "-q", "--prune=now");
  const packs = join(repository.path, ".git/objects/pack");
  const pack = readdirSync(packs).find((name) => name.endsWith(".pack")) ?? "";
  chmodSync(join(packs, pack), 0o644);
  truncateSync(join(packs, pack), 40);
  const source = await open(context, repository.path);
  await assert.rejects(source.read(head, "Makefile"), { name: "KernelError" });
});

test("a partial clone is read without fetching", async (context) => {
  const repository = filled();
  repository.git("config", "uploadpack.allowFilter", "true");
  const path = join(temporaryDirectory(), "partial");
  runGit(repository.path, "clone", "-q", "--bare", "--filter=blob:none", `file://${repository.path}`, path);
  const source = await open(context, path);
  const head = (await source.resolve("HEAD")) ?? "";
  assert.deepEqual(await source.list(head, "arch/x86/kvm/svm"), ["avic.c", "svm.c"]);
  await assert.rejects(source.read(head, "Makefile"), { code: "missing-object" });
});

test("after closing nothing is answered and no process is left", async () => {
  const repository = filled();
  const source = await openGit(repository.path);
  const late = assert.rejects(source.resolve("HEAD"), { code: "closed" });
  await source.close();
  await late;
  await assert.rejects(source.resolve("HEAD"), { code: "closed", message: /closed/ });
  await source.close();
});

test("a source that nobody closes does not keep the process alive", () => {
  const repository = filled();
  const script = `import { openGit } from ${JSON.stringify(new URL("../../src/kernel/git.ts", import.meta.url).href)};
    const source = await openGit(${JSON.stringify(repository.path)});
    console.log(await source.resolve("HEAD"));`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script];
  const output = execFileSync(process.execPath, args, { encoding: "utf8", timeout: 20_000 });
  assert.match(output, /^[0-9a-f]{40}\n$/);
});
