import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readMessages, splitMessages } from "../../src/sources/mbox.ts";
import type { MessageInput } from "../../src/sources/mbox.ts";
import { MboxSplitter } from "../../src/sources/mbox-splitter.ts";
import { mailsPath, withoutMails } from "../mails.ts";

const DATE = "Mon Nov  2 10:00:00 2026";
const GIT = `From ${"0123456789".repeat(4)} Mon Sep 17 00:00:00 2001`;

function texts(input: string): string[] {
  return splitMessages(Buffer.from(input)).map((message) => message.bytes.toString());
}

async function collect(input: MessageInput): Promise<string[]> {
  const found: string[] = [];
  for await (const message of readMessages(input)) found.push(message.bytes.toString());
  return found;
}

const SPLITS: [string, string, string[]][] = [
  ["nothing", "", []],
  ["one mail without separator", "Subject: a\n\nb\n", ["Subject: a\n\nb\n"]],
  ["a quilt patch", "Fix\n\n--- a/f\n+++ b/f\n", ["Fix\n\n--- a/f\n+++ b/f\n"]],
  ["mbox", `From a ${DATE}\nA: 1\n\nx\n\nFrom b ${DATE}\nB: 2\n\ny\n`, ["A: 1\n\nx\n", "B: 2\n\ny\n"]],
  ["blank lines in front", `\n\nFrom a ${DATE}\nA: 1\n\nx\n`, ["A: 1\n\nx\n"]],
  ["mbox keeps >From", `From a ${DATE}\nA: 1\n\n>From x\n`, ["A: 1\n\n>From x\n"]],
  [
    "mboxrd takes one > away",
    `From mboxrd@z Thu Jan  1 00:00:00 1970\nA: 1\n\n>From x\n>>From y\nz >From\n> From\n`,
    ["A: 1\n\nFrom x\n>From y\nz >From\n> From\n"],
  ],
  [
    "From in prose",
    `From a ${DATE}\nA: 1\n\nFrom here on\nit: works\n`,
    ["A: 1\n\nFrom here on\nit: works\n"],
  ],
  [
    "dated From, no header behind",
    `From a ${DATE}\nA: 1\n\nFrom b ${DATE}\nno\n`,
    [`A: 1\n\nFrom b ${DATE}\nno\n`],
  ],
  [
    "a missing blank line",
    `From a ${DATE}\nA: 1\n\nx\nFrom b ${DATE}\nFrom: b\n\ny`,
    ["A: 1\n\nx\n", "From: b\n\ny"],
  ],
  [
    "no blank line, odd field",
    `From a ${DATE}\nA: 1\n\nx\nFrom b ${DATE}\nB: b\n`,
    [`A: 1\n\nx\nFrom b ${DATE}\nB: b\n`],
  ],
  [
    "format-patch",
    `${GIT}\nA: 1\n\nx\n-- \n2\n\n${GIT}\nB: 2\n\ny\n`,
    ["A: 1\n\nx\n-- \n2\n", "B: 2\n\ny\n"],
  ],
  [
    "a patch pasted into a mail",
    `From a ${DATE}\nA: 1\n\nsee\n\n${GIT}\nFrom: x\n\ny\n`,
    [`A: 1\n\nsee\n\n${GIT}\nFrom: x\n\ny\n`],
  ],
  ["a patch in a mail without separator", `A: 1\n\n${GIT}\nFrom: x\n`, [`A: 1\n\n${GIT}\nFrom: x\n`]],
  ["undated", "From A\nFrom: 1\n\nx\n\nFrom B\nFrom: 2\n\ny\n", ["From: 1\n\nx\n", "From: 2\n\ny\n"]],
  ["undated in dated", `From a ${DATE}\nA: 1\n\nx\n\nFrom B\nFrom: 2\n`, ["A: 1\n\nx\n\nFrom B\nFrom: 2\n"]],
  [
    "time zones",
    "From a Sat Sep  1 20:58 EDT 2001\nA: 1\n\nx\n\nFrom b Mon Jan  5 08:50:15 +0100 2004\nB: 2\n\n",
    ["A: 1\n\nx\n", "B: 2\n"],
  ],
];

for (const [name, input, expected] of SPLITS) {
  test(`split ${name}`, () => assert.deepEqual(texts(input), expected));
  test(`split ${name}, DOS line ends`, () => {
    const dos = (text: string) => text.replaceAll("\n", "\r\n");
    assert.deepEqual(texts(dos(input)), expected.map(dos));
  });
  test(`split ${name}, byte by byte`, () => {
    const splitter = new MboxSplitter();
    const found = [...Buffer.from(input)].flatMap((byte) => splitter.push(Buffer.from([byte])));
    assert.deepEqual(
      [...found, ...splitter.end()].map((message) => message.bytes.toString()),
      expected,
    );
  });
}

test("path, bytes, stream and gzip give the same", async () => {
  const folder = mkdtempSync(join(tmpdir(), "avicbot-mbox-"));
  const bytes = Buffer.from(`From a ${DATE}\nA: 1\n\nx\n\nFrom b ${DATE}\nB: 2\n\ny\n`);
  const path = join(folder, "box.gz");
  writeFileSync(path, Buffer.concat([gzipSync(bytes.subarray(0, 40)), gzipSync(bytes.subarray(40))]));
  try {
    for (const input of [path, bytes, gzipSync(bytes), pieces(bytes, 1), pieces(gzipSync(bytes), 7)])
      assert.deepEqual(await collect(input), ["A: 1\n\nx\n", "B: 2\n\ny\n"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

test("errors of the input come through after what could be read", async () => {
  await assert.rejects(collect("/no/such/file"), /ENOENT/);
  const packed = gzipSync(Buffer.from("Subject: a\n\nb\n"));
  await assert.rejects(collect(packed.subarray(0, packed.length - 4)), /unexpected end/);
});

test("an oversized message is cut, said to be, and its neighbours are whole", () => {
  const big = `From b ${DATE}\nB: 2\n\n${"y".repeat(70_000)}\n`;
  const input = Buffer.from(`From a ${DATE}\nA: 1\n\nx\n\n${big}\nFrom c ${DATE}\nC: 3\n\nz\n`);
  for (const chunk of [10, 1000, 1 << 20]) {
    const splitter = new MboxSplitter({ messageBytes: 10_000, headerBytes: 100 });
    const found = [];
    for (let at = 0; at < input.length; at += chunk)
      found.push(...splitter.push(input.subarray(at, at + chunk)));
    found.push(...splitter.end());
    assert.deepEqual(
      found.map(({ bytes, oversized }) => [bytes.length, oversized]),
      [
        [8, false],
        [100, true],
        [8, false],
      ],
      `chunks of ${chunk}`,
    );
    for (const { offset } of found) assert.equal(input.toString("latin1", offset, offset + 5), "From ");
  }
});

// Numbers of mails as the tests of the archives' own project count them, but for what is said.
const ARCHIVES: [string, number][] = [
  ["mailarc-1.txt", 16],
  ["mailarc-1-dos.txt", 16],
  ["mailarc-2.txt", 5],
  ["mailarc-2.txt.gz", 5],
  ["mailarc-3.txt", 17],
  ["mailseparators.txt", 3],
  ["malformed.txt", 54],
  ["invalid-boundaries.txt", 8],
  ["newlines_at_beginning.txt", 1],
  ["vm-emacs.txt", 1],
  ["hessbug.txt", 1],
  ["binary_body.txt", 1],
  ["separators1.sep", 4],
  ["separators2.sep", 2],
  ["non-mailbox.txt.gz", 1],
];

for (const [name, count] of ARCHIVES) {
  test(`archive ${name}`, { skip: withoutMails }, async () => {
    assert.equal((await collect(mailsPath("perl-mbox", name))).length, count);
  });
}

test("mailarc-1 with DOS line ends holds the same mails", { skip: withoutMails }, async () => {
  const unix = await collect(readFileSync(mailsPath("perl-mbox", "mailarc-1.txt")));
  const dos = await collect(readFileSync(mailsPath("perl-mbox", "mailarc-1-dos.txt")));
  assert.deepEqual(
    dos.map((text) => text.replaceAll("\r\n", "\n")),
    unix,
  );
});
