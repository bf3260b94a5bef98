/** Real git repositories for tests, made in a temporary directory. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

export interface TestRepository {
  readonly path: string;
  git(...args: string[]): string;
  /** Writes files (byte strings; null removes) and commits them; the commit id. */
  commit(files: Record<string, string | null>, message?: string): string;
  /** `git format-patch` of a range, one text a patch. */
  formatPatch(...args: string[]): string[];
}

const ENVIRONMENT = {
  PATH: process.env["PATH"],
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "A U Thor",
  GIT_AUTHOR_EMAIL: "author@example.com",
  GIT_AUTHOR_DATE: "2024-05-01T12:00:00Z",
  GIT_COMMITTER_NAME: "A U Thor",
  GIT_COMMITTER_EMAIL: "author@example.com",
  GIT_COMMITTER_DATE: "2024-05-01T12:00:00Z",
};

/** Runs git in a directory; its output is a byte string. */
export function runGit(directory: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: directory,
    env: ENVIRONMENT,
    encoding: "latin1",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A temporary directory that goes with the test file. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "avicbot-git-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An empty repository with the branch main; it goes with the test file. */
export function makeRepository(...initArgs: string[]): TestRepository {
  const path = join(temporaryDirectory(), "linux");
  mkdirSync(path);
  runGit(path, "init", "-q", "-b", "main", ...initArgs);
  runGit(path, "config", "core.autocrlf", "false");
  const git = (...args: string[]): string => runGit(path, ...args);
  return {
    path,
    git,
    commit: (files, message = "Change") => {
      for (const [name, text] of Object.entries(files)) writeOrRemove(join(path, name), text);
      git("add", "-A");
      git("commit", "-q", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
    formatPatch: (...args) =>
      git("format-patch", "--stdout", ...args)
        .split(/^(?=From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001$)/m)
        .filter((mail) => mail !== ""),
  };
}

function writeOrRemove(file: string, text: string | null): void {
  if (text === null) return rmSync(file, { recursive: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, "latin1");
  if (text.startsWith("#!")) chmodSync(file, 0o755);
}
