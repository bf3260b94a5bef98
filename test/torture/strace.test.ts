/** What the system sees of a review of hostile mails: which files are opened, what is started, who is called. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { BIN } from "../cli/run.ts";
import { makeRepository } from "../kernel/repository.ts";
import { VECTORS } from "./vectors/all.ts";

const TREE = packagePath("demo", "linux");
const STRACE = ["-f", "-qq", "-e", "trace=open,openat,execve,connect,unlink,unlinkat,rename,renameat2,mkdir"];

function findOut(): string | false {
  const { status } = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]);
  return status === 0 ? false : "strace is not here, or may not trace";
}

/** All vectors of a review that are of a reasonable size, as one mbox, each a series of its own. */
function hostileMails(): string {
  const reviews = VECTORS.filter(({ entrance, size }) => entrance === "review" && size === undefined);
  const mails = reviews.map(({ text }, at) =>
    text(1)
      .replace(/^From .*\n/, "")
      .replace(/^From /gm, ">From ")
      .replace(/^Message-I[dD]: .*/m, `Message-ID: <v${at}@example.com>`),
  );
  return mails.map((mail) => `From x\n${mail}\n\n`).join("");
}

/** What a process may open to read, besides kernel source: itself, its libraries, what the system says of itself. */
const READABLE =
  /^(?:\/usr\/|\/lib|\/proc\/|\/sys\/|\/dev\/(?:null|urandom|random)$|\/etc\/(?:ld\.so|ssl\/openssl\.cnf|localtime|nsswitch\.conf|resolv\.conf|host\.conf|hosts$))/;

describe("traced", { skip: findOut(), timeout: 120_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "avicbot-strace-"));
  after(() => rmSync(dir, { recursive: true }));
  const mbox = join(dir, "mails.mbox");
  writeFileSync(mbox, hostileMails(), "latin1");

  function traced(kernel: readonly string[]): string[] {
    const trace = join(dir, "trace");
    const args = [...STRACE, "-o", trace, process.execPath, BIN, "review", mbox, "--json", ...kernel];
    // Node opens what its variables name: only the path counts here
    const env = { PATH: process.env["PATH"] };
    const { stdout, stderr } = spawnSync("strace", args, { encoding: "utf8", maxBuffer: 1 << 28, env });
    const reviews = stdout.split("\n").length - 1;
    assert.ok(reviews > 40, `${reviews} reviews: ${stderr}`);
    return readFileSync(trace, "latin1").split("\n");
  }

  function check(lines: readonly string[], source: string, programs: RegExp): void {
    for (const line of lines) {
      const [, call = "", rest = ""] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
      if (call === "" || / = -1 E/.test(line)) continue;
      const path = /"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? "";
      if (call === "execve") assert.match(path, programs, line);
      else if (call === "connect") assert.fail(line);
      else if (!call.startsWith("open")) assert.fail(line);
      else if (/O_WRONLY|O_RDWR|O_CREAT/.test(rest))
        assert.match(path, /^(?:\/dev\/null|\/proc\/self\/\w+)$/, line);
      else if (!READABLE.test(path) && path !== mbox)
        assert.ok(
          [packagePath(), source].some((root) => path.startsWith(root)) || !path.startsWith("/"),
          line,
        );
    }
    assert.ok(!lines.some((line) => /\/etc\/(?:passwd|shadow|cron)/.test(line) && !/ = -1 E/.test(line)));
  }

  test("on a directory: nothing is started, written or called, and only the tree is read", () => {
    check(traced(["--tree", TREE]), TREE, /\/node$/);
  });

  test("in a repository: git alone is started", () => {
    const repository = makeRepository();
    const files = readdirSync(TREE, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    repository.commit(
      Object.fromEntries(paths.map((path) => [path.slice(TREE.length + 1), readFileSync(path, "latin1")])),
    );
    check(traced(["--git", repository.path]), repository.path, /\/(?:node|git)$/);
    assert.equal(repository.git("status", "--porcelain"), "");
  });

  test("no file of theirs is anywhere", () => {
    for (const path of ["/tmp/pwn", "/pwn", join(TREE, "pwn"), join(process.cwd(), "pwn")])
      assert.equal(existsSync(path), false, path);
  });
});
