import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openGit } from "../../src/kernel/git.ts";
import { gitBlobId } from "../../src/patch/blob.ts";
import { makeRepository, runGit, temporaryDirectory, type TestRepository } from "./repository.ts";
import { checkFiles, filled, open } from "./small-repository.ts";

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
