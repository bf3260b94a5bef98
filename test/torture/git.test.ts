/** Names and repositories made to let git do something else than to read: what reaches git is ids alone. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openGit } from "../../src/kernel/git.ts";
import { KernelError } from "../../src/kernel/source.ts";
import { gitBlobId } from "../../src/patch/blob.ts";
import { temporaryDirectory } from "../kernel/repository.ts";
import { checkFiles, filled, open } from "../kernel/small-repository.ts";

const pwned = join(temporaryDirectory(), "pwn");

const REVISIONS: readonly string[] = [
  ...[
    "",
    " ",
    "--",
    "-",
    "-p",
    "--all",
    "--batch-all-objects",
    "--output=/tmp/pwn",
    "--git-dir=/",
    "--exec-path=/",
  ],
  ...[`--upload-pack=touch ${pwned}`, `-c core.pager=touch ${pwned}`, `ext::sh -c touch% ${pwned}`],
  ...[
    `$(touch ${pwned})`,
    `\`touch ${pwned}\``,
    `|touch ${pwned}`,
    `HEAD; touch ${pwned}`,
    `HEAD&&touch ${pwned}`,
  ],
  ...["@", "@{-1}", "@{u}", "@{0}", "main@{1}", "main@{yesterday}", "HEAD@{upstream}", "main@{push}"],
  ...[
    ":/Change",
    ":/!-x",
    ":Makefile",
    ":0:Makefile",
    "HEAD:Makefile",
    "HEAD:",
    "HEAD^{tree}",
    "HEAD^{/Change}",
  ],
  ...[
    "^HEAD",
    "HEAD^@",
    "HEAD^!",
    "HEAD^-",
    "main..HEAD",
    "main...HEAD",
    "..",
    "...",
    "../..",
    "HEAD~9999999999",
  ],
  ...[
    "main\n",
    "main\nHEAD",
    "\nmain",
    "main\r",
    "main\r\nHEAD",
    "main\0",
    "main\0HEAD",
    "main HEAD",
    " main",
    "main ",
  ],
  ...["*", "ma?n", "[m]ain", "refs/heads/*", "~", "^", "HEAD~^~^~^~^~^", "main.lock", "refs//heads/main"],
  ...["/etc/passwd", "file:///etc/passwd", ".git/HEAD", "refs/heads/../../config", "objects/info/alternates"],
  ...["\uff28\uff25\uff21\uff24", "m\u0430in", "\u202eniam", "ma\u200bin", "main\u2028", "\xe4"],
  ...[
    "main".repeat(25_000),
    "~".repeat(100_000),
    `main${"~1".repeat(50_000)}`,
    "0".repeat(64),
    "f".repeat(40),
  ],
  ...["__proto__", "constructor", "none", "0000000", "refs/heads/-option^{/x}"],
];

const PATHS: readonly string[] = [
  ...[
    "",
    ".",
    "..",
    "../Makefile",
    "arch/../Makefile",
    "./Makefile",
    "/etc/passwd",
    "/Makefile",
    "Makefile/",
    "arch",
  ],
  ...[
    "--",
    "-x",
    "--output=/tmp/pwn",
    ":/Makefile",
    ":(glob)*",
    ":(top)Makefile",
    "*",
    "Make*",
    "HEAD:Makefile",
  ],
  ...["Makefile\n", "Makefile\nHEAD:Makefile", "Makefile\0", "Makefile\r", " Makefile", "Makefile "],
  ...[
    ".git/config",
    ".GIT/config",
    ".git",
    "arch\\x86",
    "C:Makefile",
    "link",
    "out/passwd",
    "sub",
    "sub/Makefile",
  ],
  ...["m\u0430kefile", "\uff2dakefile", "x/".repeat(50_000), "__proto__", "CON"],
];

/** A git that notes what it is started with and what it reads. */
function watchedGit(): { path: string; seen: () => string } {
  const dir = temporaryDirectory();
  const path = join(dir, "git");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" >> ${dir}/seen\ntee -a ${dir}/seen | ${real} "$@"\n`);
  chmodSync(path, 0o755);
  return { path, seen: () => readFileSync(join(dir, "seen"), "latin1") };
}

/** What a name leads to: nothing, or an error that is meant for people. */
async function nothing<T>(asked: Promise<T | null>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    assert.ok(error instanceof KernelError, String(error));
    return null;
  }
}

test("names of revisions that are options, searches, ranges, paths or commands are no revisions", async (context) => {
  const repository = filled();
  const git = watchedGit();
  const source = await open(context, repository.path, { git: git.path });
  for (const name of REVISIONS) {
    assert.equal(await nothing(source.resolve(name)), null, JSON.stringify(name.slice(0, 60)));
    assert.equal(await nothing(source.read(name, "Makefile")), null, JSON.stringify(name.slice(0, 60)));
    const blob = await source.readBlob(name);
    assert.equal(blob.ok, false, JSON.stringify(name.slice(0, 60)));
  }
  await checkFiles(source, (await source.resolve("main")) ?? "");
  assert.doesNotMatch(git.seen(), /touch|upload-pack|\.\.|@\{|:\/|\/etc|[^\n -~]|\^\{\/|output=/);
  assert.equal(existsSync(pwned), false);
  assert.equal(repository.git("status", "--porcelain"), "");
});

test("paths that leave the tree, name patterns or something that is no file are no files", async (context) => {
  const repository = filled();
  symlinkSync("Makefile", join(repository.path, "link"));
  symlinkSync("/etc", join(repository.path, "out"));
  repository.git("update-index", "--add", "--cacheinfo", `160000,${gitBlobId("").slice(0, 40)},sub`);
  repository.commit({});
  const source = await open(context, repository.path);
  const head = (await source.resolve("HEAD")) ?? "";
  for (const path of PATHS) {
    assert.equal(await nothing(source.read(head, path)), null, JSON.stringify(path.slice(0, 60)));
    assert.equal(await nothing(source.blobId(head, path)), null, JSON.stringify(path.slice(0, 60)));
  }
  await checkFiles(source, head);
});

/** What somebody may have written into a repository; it is read all the same, and nothing of it happens. */
const DRESSES: readonly (readonly [string, (repository: ReturnType<typeof filled>) => void])[] = [
  [
    "refs named like options and revisions",
    ({ path, git }) => {
      const head = git("rev-parse", "HEAD");
      for (const name of ["-option", "HEAD", "@x", "a_b", "0".repeat(40), "main.x"]) {
        mkdirSync(join(path, ".git", "refs", "heads"), { recursive: true });
        writeFileSync(join(path, ".git", "refs", "heads", name), head);
      }
      writeFileSync(join(path, ".git", "refs", "tags", "with space"), head);
    },
  ],
  [
    "settings that start programs",
    ({ git }) => {
      for (const name of ["core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external"])
        git("config", name, `touch ${pwned}`);
      git("config", "core.hooksPath", "/tmp");
      git("config", "include.path", "/etc/passwd-that-is-not-there");
      git("config", "alias.cat-file", `!touch ${pwned}`);
      git("config", "filter.x.smudge", `touch ${pwned}`);
      git("config", "core.alternateRefsCommand", `touch ${pwned}`);
    },
  ],
  [
    "hooks",
    ({ path }) => {
      mkdirSync(join(path, ".git", "hooks"), { recursive: true });
      for (const name of [
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "fsmonitor-watchman",
      ]) {
        writeFileSync(join(path, ".git", "hooks", name), `#!/bin/sh\ntouch ${pwned}\n`);
        chmodSync(join(path, ".git", "hooks", name), 0o755);
      }
    },
  ],
  [
    "alternates that are no repositories, and itself",
    ({ path }) =>
      writeFileSync(
        join(path, ".git", "objects", "info", "alternates"),
        `/etc\n/nowhere\n${path}/.git/objects\n"\\quoted\n../objects\n`,
      ),
  ],
  [
    "a promisor remote that is a program",
    ({ git }) => {
      git("config", "remote.origin.url", `ext::sh -c touch% ${pwned}`);
      git("config", "remote.origin.promisor", "true");
      git("config", "extensions.partialClone", "origin");
      git("config", "core.repositoryFormatVersion", "1");
      git("config", "protocol.ext.allow", "always");
    },
  ],
  [
    "submodules whose paths and addresses are options",
    ({ path, git }) => {
      writeFileSync(
        join(path, ".gitmodules"),
        `[submodule "x"]\n\tpath = --upload-pack=x\n\turl = --upload-pack=touch ${pwned}\n\tupdate = !touch ${pwned}\n`,
      );
      git("update-index", "--add", "--cacheinfo", `160000,${gitBlobId("").slice(0, 40)},sub`);
      git("add", ".gitmodules");
    },
  ],
  [
    "a replaced commit and grafts",
    ({ path, git }) => {
      const head = git("rev-parse", "HEAD").trim();
      writeFileSync(join(path, ".git", "info", "grafts"), `${head} ${head}\n`);
    },
  ],
];

for (const [name, dress] of DRESSES) {
  test(`a repository with ${name} is read, and nothing of it is run`, async () => {
    const repository = filled();
    const head = repository.git("rev-parse", "HEAD").trim();
    dress(repository);
    const source = await openGit(repository.path);
    try {
      await checkFiles(source, head);
      assert.equal(await source.resolve("refs/heads/main"), head);
      assert.equal(await nothing(source.read(head, "none")), null);
      assert.equal((await source.readBlob("1234567890")).ok, false);
    } finally {
      await source.close();
    }
    assert.equal(existsSync(pwned), false);
  });
}
