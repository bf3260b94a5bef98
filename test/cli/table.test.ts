import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { NEW_SET, OLD_SET, POSTED } from "../model/posted.ts";
import { msrHex } from "../../src/x2apic.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { avicbot } from "./run.ts";

const dir = mkdtempSync(join(tmpdir(), "avicbot-table-"));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

function setFile(name: string, set: AccessSet): string {
  return file(name, JSON.stringify({ read: set.read.map(msrHex), write: set.write.map(msrHex) }));
}

const OLD = setFile("old.json", OLD_SET);
const NEW = setFile("new.json", NEW_SET);

/** A line of the posted table: first column 14 wide, the others 15. */
function postedLine(cells: readonly string[]): string {
  return `|${cells.map((cell, column) => ` ${cell}`.padEnd(column === 0 ? 14 : 15)).join("|")}|`;
}

test("the posted table from its two sets, byte for byte but for the one cell", async () => {
  const { code, stdout, stderr } = await avicbot(["table", "--old", OLD, "--new", NEW]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  const lines = stdout.split("\n").filter((line) => line.startsWith("| 0x"));
  assert.deepEqual(lines, POSTED.map(postedLine));
  assert.equal(stdout.match(/\| \* /g)?.length, 32);
});

test("the rows as JSON", async () => {
  const { code, stdout } = await avicbot(["table", "--old", OLD, "--new", NEW, "--json", "--profile", "apm"]);
  const result = JSON.parse(stdout) as { profile: string; rows: { label: string; write: { old: string } }[] };
  assert.equal(code, 0);
  assert.equal(result.profile, "apm");
  assert.equal(result.rows.length, POSTED.length);
  assert.equal(result.rows.find(({ label }) => label === "0x802")?.write.old, "UAA(t)");
});

const failures: [string, string[], number, RegExp][] = [
  ["no sets", ["table"], 2, /required option '--old <file>'/],
  ["a file that is not there", ["table", "--old", join(dir, "none"), "--new", NEW], 1, /none: ENOENT/],
  ["a file that is no JSON", ["table", "--old", file("bad", "{"), "--new", NEW], 1, /bad: not JSON/],
  [
    "an MSR out of range",
    ["table", "--old", file("far", '{"read":["0x900"],"write":[]}'), "--new", NEW],
    1,
    /far: "read"\[0\] must be an MSR of 0x800\.\.0x8ff .*, not "0x900"/,
  ],
  [
    "an unknown key",
    ["table", "--old", file("key", '{"read":[],"write":[],"exec":[]}'), "--new", NEW],
    1,
    /unknown key "exec"/,
  ],
  [
    "a list missing",
    ["table", "--old", file("half", '{"read":[]}'), "--new", NEW],
    1,
    /half: "write" is missing/,
  ],
  [
    "an unknown profile",
    ["table", "--old", OLD, "--new", NEW, "--profile", "zen3"],
    2,
    /'zen3' is invalid\. Allowed choices are zen4, apm\./,
  ],
];
for (const [name, args, code, message] of failures) {
  test(`${name}: exit code ${code} and one line on stderr`, async () => {
    const run = await avicbot(args);
    assert.deepEqual({ code: run.code, stdout: run.stdout }, { code, stdout: "" });
    assert.match(run.stderr, message);
    assert.match(run.stderr, /^avicbot: .*\n$/);
  });
}

test("profile shows every cell with its evidence, and two profiles where they differ", async () => {
  const zen4 = await avicbot(["profile", "zen4"]);
  assert.equal(zen4.code, 0);
  assert.match(
    zen4.stdout,
    /^\| 0x811\.\.0x817 \| APIC_ISR1\.\.7 +\| HW +\| measured \[2\] +\| #GP-direct +\| inferred \[1\] +\|$/m,
  );
  const difference = await avicbot(["profile", "zen4", "--diff", "apm"]);
  assert.equal(difference.code, 0);
  assert.match(difference.stdout, /^\| 0x802 +\| APIC_ID +\| HW +\| HW +\| #GP-direct +\| \* UAA\(t\) +\|$/m);
  assert.doesNotMatch(difference.stdout, /APIC_TPR/);
});
