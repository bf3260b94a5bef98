import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { Ajv2020 } from "ajv/dist/2020.js";
import { packagePath } from "../../src/package-root.ts";
import { reviewDigest } from "../../src/review/digest.ts";
import type { Review } from "../../src/review/types.ts";
import { avicbot } from "./run.ts";

const SERIES = packagePath("demo", "series.mbox");
const TREE = packagePath("demo", "linux");
const schema = JSON.parse(readFileSync(packagePath("src/review/review.schema.json"), "utf8")) as object;
const validate = new Ajv2020({ strict: false }).compile(schema);
const dir = mkdtempSync(join(tmpdir(), "avicbot-cli-"));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

test("without a verb the sample series is reviewed; stdout is the reply alone", async () => {
  const { code, stdout, stderr } = await avicbot([]);
  assert.equal(code, 0);
  assert.match(stdout, /^On Mon, 04 May 2026 09:15:03 \+0000, Jane Doe wrote:\n> @@ /);
  assert.equal(stdout.split("\n").filter((line) => line.startsWith("| 0x")).length, 29);
  assert.match(stdout, /^- 2\/5 changes RDMSR of 0x809, /m);
  assert.match(stdout, /^- 3\/5 changes WRMSR of 0x802, /m);
  assert.doesNotMatch(stdout, /[^\t\n\x20-\x7e]|[ \t]$/m);
  assert.match(stderr, /^avicbot: reviewing the sample series .*\n$/);
});

test("JSON is one review a line, as the published schema says, from stdin and gzipped too", async () => {
  const args = ["review", "--tree", TREE, "--json"];
  const plain = await avicbot([...args, SERIES]);
  assert.deepEqual({ code: plain.code, stderr: plain.stderr }, { code: 0, stderr: "" });
  assert.match(plain.stdout, /^[^\n]+\n$/);
  const review = JSON.parse(plain.stdout) as Review;
  assert.equal(validate(review), true, JSON.stringify(validate.errors));
  assert.equal(reviewDigest(review), review.digest);
  assert.equal(review.verdict, "changed");
  const zipped = await avicbot([...args, "-"], { input: gzipSync(readFileSync(SERIES)) });
  assert.equal(zipped.stdout, plain.stdout);
});

test("the mail form goes to author and list, and never twice with another id", async () => {
  const args = ["review", SERIES, "--tree", TREE, "--format", "mail", "--from", "bot@example.net"];
  const { code, stdout, stderr } = await avicbot(args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(
    stdout,
    /^From: avicbot <bot@example\.net>\nTo: Jane Doe <jane@example\.com>\nCc: kvm@vger\.kernel\.org\n/,
  );
  assert.match(stdout, /^In-Reply-To: <20260504091500\.1-4-jane@example\.com>$/m);
  assert.match(stdout, /^Message-ID: <avicbot\.[0-9a-f]{32}@example\.net>$/m);
});

test("without a kernel: what is known, how to give one, exit code 3", async () => {
  const { code, stdout, stderr } = await avicbot(["review", SERIES]);
  assert.deepEqual({ code, stderr }, { code: 3, stderr: "" });
  assert.match(
    stdout,
    /Undetermined: no kernel source is given; the patches touch\s+arch\/x86\/kvm\/lapic\.c/,
  );
  assert.match(stdout, /^ {2}2\/5 lapic\.c, lapic\.h, avic\.c$/m);
  assert.match(stdout, /^ {2}--git REPO /m);
});

test("several series are several reviews, and each is printed", async () => {
  const docs =
    "Message-ID: <d@example.com>\nFrom: A <a@example.com>\nDate: Mon, 4 May 2026 10:00:00 +0000\nSubject: [PATCH] docs: x\n\nx\n---\ndiff --git a/Documentation/x b/Documentation/x\n--- a/Documentation/x\n+++ b/Documentation/x\n@@ -1 +1 @@\n-a\n+b\n";
  const { code, stdout } = await avicbot([
    "review",
    SERIES,
    file("docs.eml", docs),
    "--tree",
    TREE,
    "--json",
  ]);
  assert.equal(code, 0);
  const verdicts = stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as Review).verdict);
  assert.deepEqual(verdicts, ["changed", "not-applicable"]);
});

test("colours are there when asked for, and change nothing but colour", async () => {
  const plain = await avicbot(["review", SERIES, "--tree", TREE]);
  const coloured = await avicbot(["review", SERIES, "--tree", TREE], { env: { FORCE_COLOR: "1" } });
  assert.doesNotMatch(plain.stdout, /\x1b/);
  assert.match(coloured.stdout, /\x1b\[/);
  assert.equal(coloured.stdout.replace(/\x1b\[\d+m/g, ""), plain.stdout);
});

const failures: [string, string[], number, RegExp][] = [
  ["a file that is not there", ["review", join(dir, "none")], 1, /none: no such file/],
  ["a directory", ["review", dir], 1, /is a directory/],
  ["a mail without a patch", ["review", file("no.eml", "Subject: hi\n\nhello\n")], 1, /no patch in the mail/],
  ["a tree that is not there", ["review", SERIES, "--tree", join(dir, "none")], 1, /no directory/],
  [
    "both a tree and a repository",
    ["review", SERIES, "--tree", TREE, "--git", dir],
    2,
    /either --tree or --git/,
  ],
  ["--base without --git", ["review", SERIES, "--tree", TREE, "--base", "HEAD"], 2, /--base needs --git/],
  [
    "an unknown format",
    ["review", SERIES, "--format", "html"],
    2,
    /'html' is invalid\. Allowed choices are text, json, mail\./,
  ],
  [
    "an unknown profile",
    ["review", SERIES, "--tree", TREE, "--profile", "x"],
    2,
    /'x' is invalid\. Allowed choices are zen4, apm\./,
  ],
  [
    "a sender with CRLF",
    ["review", SERIES, "--tree", TREE, "--format", "mail", "--from", "a@b\r\nBcc: c@d"],
    2,
    /no plain address/,
  ],
  ["an MSR out of range", ["explain", SERIES, "0x900", "read", "--tree", TREE], 2, /no MSR of 0x800/],
  ["sets without a kernel", ["sets"], 2, /no kernel; give --tree DIR or --git REPO/],
];
for (const [name, args, code, message] of failures) {
  test(`${name}: exit code ${code}, one line on stderr, nothing on stdout`, async () => {
    const run = await avicbot(args);
    assert.deepEqual({ code: run.code, stdout: run.stdout }, { code, stdout: "" });
    assert.match(run.stderr, message);
    assert.match(run.stderr, /^avicbot: [^\n]*\n$/);
  });
}

test("explain shows code, stage and source of both sides", async () => {
  const { code, stdout } = await avicbot(["explain", SERIES, "0x80b", "read", "--tree", TREE]);
  assert.equal(code, 0);
  assert.match(stdout, /^Current: #GP-direct \(measured\)$/m);
  assert.match(stdout, /^ {2}KVM's MSR map: passed through, decided at arch\/x86\/kvm\/svm\/avic\.c:51$/m);
  assert.match(stdout, /^New: MSR_INT:#GP \(measured\)$/m);
  assert.match(stdout, /^Changed by patch 2: /m);
});

test("explain --trace shows both evaluations behind the explanation; a stored series has none", async () => {
  const { code, stdout } = await avicbot(["explain", SERIES, "0x830", "write", "--tree", TREE, "--trace"]);
  assert.equal(code, 0);
  assert.match(stdout, /^WRMSR of 0x830 APIC_ICR[^]*\nCurrent: how the evaluation came[^]*\nNew: how the/m);
  assert.equal([...stdout.matchAll(/## passed through$/gm)].length, 2);
  const stored = await avicbot(["explain", "nobody@x", "0x830", "write", "--trace"]);
  assert.deepEqual(
    [stored.code, stored.stderr],
    [2, "avicbot: no file nobody@x: --trace evaluates anew and needs the mails\n"],
  );
});

test("sets as JSON feed the verb table; compare of a kernel with itself has no star", async () => {
  const sets = await avicbot(["sets", "--tree", TREE, "--json"]);
  assert.equal(sets.code, 0);
  const path = file("sets.json", sets.stdout);
  const table = await avicbot(["table", "--old", path, "--new", path]);
  assert.equal(table.code, 0);
  const compare = await avicbot(["compare", TREE, TREE]);
  assert.equal(compare.code, 0);
  assert.doesNotMatch(compare.stdout, /\| \*/);
});
