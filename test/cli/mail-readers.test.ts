/** avicbot from where kernel people read mail. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { splitMessages } from "../../src/sources/mbox.ts";
import { noNeomutt, openNeomutt } from "../support/neomutt.ts";
import { BIN } from "./run.ts";

const dir = mkdtempSync(join(tmpdir(), "avr-"));
after(() => rmSync(dir, { recursive: true }));
const SERIES = readFileSync(packagePath("demo", "series.mbox"));

/** A PATH on which `avicbot` is the built one. */
function path(): string {
  const bin = join(dir, "bin");
  mkdirSync(bin, { recursive: true });
  const command = join(bin, "avicbot");
  rmSync(command, { force: true });
  symlinkSync(BIN, command);
  return `${bin}:${process.env["PATH"] ?? ""}`;
}

function maildir(): string {
  const folder = join(dir, "Maildir");
  for (const part of ["tmp", "new", "cur"]) mkdirSync(join(folder, part), { recursive: true });
  for (const [at, { bytes }] of splitMessages(SERIES).entries())
    writeFileSync(join(folder, "new", `${at}.x`), bytes);
  return folder;
}

describe("mutt", { skip: noNeomutt, timeout: 60_000 }, () => {
  const settings = `source ${packagePath("contrib", "avicbot.muttrc")}\n`;
  const folders = {
    mbox: () => ({ mbox: SERIES.toString("latin1") }),
    Maildir: () => ({ maildir: maildir() }),
  };
  for (const [kind, folder] of Object.entries(folders)) {
    test(`Alt-a on a thread in ${kind} shows the table in the pager`, async () => {
      const env = { PATH: path(), AVICBOT_KERNEL_TREE: packagePath("demo", "linux"), LESS: "" };
      const reader = await openNeomutt(folder(), { settings, env });
      try {
        await reader.index(6);
        const shown = (lines: string[]) => lines.some((line) => line.startsWith("| 0x83F "));
        const lines = await reader.press("M-a", shown);
        assert.equal(lines.filter((line) => /^\| 0x8/.test(line)).length, 29);
        assert.ok(lines.some((line) => line.startsWith("- 3/5 changes WRMSR of 0x802")));
      } finally {
        await reader.close();
      }
    });
  }
});

test("git format-patch on a pipe, inside the clone: no option is needed", () => {
  const clone = join(dir, "linux");
  execFileSync("cp", ["-r", packagePath("demo", "linux"), clone]);
  const git = (args: string[], input?: Buffer) =>
    execFileSync("git", ["-C", clone, "-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
      input,
      encoding: "utf8",
    });
  git(["init", "-q", "-b", "main"]);
  git(["add", "-A"]);
  git(["commit", "-q", "-m", "base"]);
  git(["tag", "base"]);
  for (const { bytes } of splitMessages(SERIES).slice(1)) git(["am", "-q", "--keep-non-patch"], bytes);
  const shell = "git format-patch --stdout base.. | avicbot review -";
  const env = { ...process.env, PATH: path(), GIT_CONFIG_GLOBAL: "/dev/null" };
  const text = execFileSync("sh", ["-c", shell], { cwd: clone, env, encoding: "utf8" });
  assert.equal(text.split("\n").filter((line) => line.startsWith("| 0x8")).length, 29);
  assert.match(text, /^- 2\/5 changes RDMSR of 0x809, /m);
});
