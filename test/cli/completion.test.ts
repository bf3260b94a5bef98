/** The completions, asked of the shells themselves. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { VERBS } from "../../src/cli/verbs.ts";
import { filled } from "../kernel/small-repository.ts";
import { avicbot } from "./run.ts";

const has = (command: string) => spawnSync(command, ["--version"]).status === 0;
const dir = mkdtempSync(join(tmpdir(), "avicbot-completion-"));
after(() => rmSync(dir, { recursive: true }));

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await avicbot(["completion", shell]);
  assert.deepEqual([code, stderr], [0, ""]);
  const path = join(dir, `avicbot.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

const repository = filled();

const cases: [string, string[], string[]][] = [
  ["a verb", ["avicbot", "rev"], ["review"]],
  ["an option", ["avicbot", "review", "--prof"], ["--profile"]],
  ["the words an option takes", ["avicbot", "review", "--profile", ""], ["zen4", "apm"]],
  ["the same behind =, which readline splits", ["avicbot", "review", "--format", "=", "j"], ["json"]],
  ["a file", ["avicbot", "review", `${dir}/ser`], [`${dir}/series.mbox`]],
  ["a directory and no file", ["avicbot", "review", "--tree", `${dir}/`], [`${dir}/linux`]],
  [
    "a revision of the repository named",
    ["avicbot", "sets", "--git", repository.path, "--rev", "ma"],
    ["main"],
  ],
  ["the third argument", ["avicbot", "explain", "--git", "x", "a.mbox", "0x830", "w"], ["write"]],
];

test("bash offers verbs, options and values", async () => {
  writeFileSync(join(dir, "series.mbox"), "");
  mkdirSync(join(dir, "linux"));
  const path = await script("bash");
  for (const [name, words, expected] of cases) {
    const asked = `source ${path}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _avicbot; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = execFileSync("bash", ["-c", asked, "bash", ...words], { encoding: "utf8" });
    const shown = found.trim().split("\n");
    assert.deepEqual(
      name === "a directory and no file" ? shown.filter((one) => one.endsWith("linux")) : shown,
      expected,
      name,
    );
  }
  const all = execFileSync("bash", [
    "-c",
    `source ${path}; COMP_WORDS=(avicbot ""); COMP_CWORD=1; _avicbot; echo "\${COMPREPLY[@]}"`,
  ]);
  for (const verb of Object.keys(VERBS)) assert.ok(all.toString().split(/\s/).includes(verb), verb);
});

test("fish offers the same", { skip: !has("fish") && "no fish" }, async () => {
  const path = await script("fish");
  for (const [name, [command = "", ...words], expected] of cases) {
    if (words.includes("=")) continue;
    const line = [command, ...words].join(" ");
    const found = execFileSync("fish", ["-c", `source ${path}; complete -C "${line}"`], { encoding: "utf8" });
    const shown = found
      .trim()
      .split("\n")
      .map((one) => one.replace(/\t.*/, "").replace(/\/$/, ""));
    assert.deepEqual(shown.toSorted(), expected.toSorted(), name);
  }
});

test("zsh takes its script", { skip: !has("zsh") && "no zsh" }, async () => {
  execFileSync("zsh", ["-n", await script("zsh")]);
});

test("a shell that nobody knows is a usage error that names those there are", async () => {
  const { code, stderr } = await avicbot(["completion", "tcsh"]);
  assert.deepEqual(
    [code, stderr],
    [
      2,
      "avicbot: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\n",
    ],
  );
});
