/** docs/adding.md followed to the letter in a copy: it compiles, and what was added is there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";

const BLOCK = /```ts\n\/\/ (?<path>\S+), (?:new|behind: (?<anchor>[^\n]+))\n(?<code>[^]*?)```/g;

/** Puts a block where its first line says. */
function follow(root: string, path: string, anchor: string | undefined, code: string): void {
  const file = join(root, path);
  if (anchor === undefined) return writeFileSync(file, code, { flag: "wx" });
  const lines = readFileSync(file, "utf8").split("\n");
  const found = lines.flatMap((line, at) => (line.includes(anchor) ? [at] : []));
  assert.equal(found.length, 1, `${path}: lines with ${anchor}`);
  lines.splice((found[0] ?? 0) + 1, 0, code.trimEnd());
  writeFileSync(file, lines.join("\n"));
}

describe("the recipes", { timeout: 180_000 }, () => {
  mkdirSync(packagePath(".cache"), { recursive: true });
  // beside node_modules, as a package is
  const root = mkdtempSync(packagePath(".cache", "adding-"));
  after(() => rmSync(root, { recursive: true }));
  const run = (...args: string[]) => {
    const options = { cwd: root, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/main.ts", ...args],
      options,
    );
    return { status, text: `${stdout}${stderr}` };
  };

  before(() => {
    for (const name of ["src", "jobs", "demo", "templates", "package.json", "tsconfig.json"])
      cpSync(packagePath(name), join(root, name), { recursive: true });
    symlinkSync(packagePath("node_modules"), join(root, "node_modules"));
    const blocks = [...readFileSync(packagePath("docs", "adding.md"), "utf8").matchAll(BLOCK)];
    assert.equal(blocks.length, 12);
    for (const { groups } of blocks)
      follow(root, groups?.["path"] ?? "", groups?.["anchor"], groups?.["code"] ?? "");
  });

  test("what they make has the right types", () => {
    writeFileSync(
      join(root, "tsconfig.check.json"),
      JSON.stringify({ extends: "./tsconfig.json", include: ["src", "jobs"] }),
    );
    const tsc = packagePath("node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.check.json"], {
      cwd: root,
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [0, ""]);
  });

  test("a register has a row as soon as it is passed through, with the cell that the profile says", () => {
    writeFileSync(join(root, "old.json"), '{"read": [], "write": []}');
    writeFileSync(join(root, "new.json"), '{"read": ["0x860"], "write": []}');
    const { text } = run("table", "--old", "old.json", "--new", "new.json");
    assert.match(text, /^\| 0x860 +\| APIC_EXAMPLE +\| \S+ +\| \* UAA\(f\):\S+ +\|/m);
    assert.match(run("profile").text, /0x860[^\n]*UAA\(f\)/);
  });

  test("a finding stands in the reply", () => {
    assert.match(run().text, /^- info: WRMSR of APIC_TPR stays without an exit\.$/m);
  });

  test("a source opens, and a wrong path has its mend", () => {
    const settings = {
      sources: [
        { type: "single", path: "demo/series.mbox" },
        { type: "single", path: "none" },
      ],
      web: { port: 0 },
    };
    writeFileSync(join(root, "settings.json"), JSON.stringify(settings));
    const { text } = run("doctor", "--config", "settings.json");
    assert.match(text, /^ok {3}single:demo\/series\.mbox: open$/m);
    assert.match(text, /^FAIL single:none: ENOENT[^\n]*\n {5}mend: set path to a file with one mail$/m);
  });

  test("a verb runs, and is in help, completion and manual", () => {
    assert.match(run("registers").text, /^0x860 APIC_EXAMPLE$/m);
    assert.match(run("--help").text, /^ {2}registers +list the registers that tables know$/m);
    assert.match(run("completion", "bash").text, /\bregisters\b/);
    assert.match(run("man").text, /^\.SS registers$/m);
  });
});
