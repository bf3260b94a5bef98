/** Properties of what takes text from others; fast-check prints seed and path of what breaks one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { simpleParser } from "mailparser";
import { parseAddresses } from "../../src/mail/addresses.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { parseSubject } from "../../src/mail/subject.ts";
import { rowsOfSets } from "../../src/model/access-set.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { outlineDiff, parseDiff } from "../../src/patch/parse.ts";
import { replyEnvelope } from "../../src/reply/envelope.ts";
import { composeMail } from "../../src/reply/mail.ts";
import { machineOf, shown } from "../c/evaluate.ts";
import { runSeed } from "../patch/random.ts";
import { sampleOptions, sampleTarget } from "../reply/target.ts";
import { sampleReview } from "../review/sample.ts";

const RUNS = Number(process.env["AVICBOT_FUZZ"] ?? 300);
const seed = runSeed();

function check<T>(name: string, input: fc.Arbitrary<T>, holds: (value: T) => void | Promise<void>): void {
  test(`${name} (seed ${seed})`, async () => {
    const property = fc.asyncProperty(input, async (value) => holds(value));
    await fc.assert(property, { numRuns: RUNS, seed });
  });
}

/** Texts of the pieces that a reader looks for, in any order. */
function soup(...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...pieces) },
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  return fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(""));
}

const HEADERS = [
  "From: ",
  "Subject: ",
  "Message-ID: <",
  "References: ",
  "Content-Type: ",
  "multipart/mixed; boundary=",
  "text/plain; charset=",
  "Content-Transfer-Encoding: base64",
  "=?utf-8?q?",
  "?=",
  "\n",
  "\r\n",
  "\n\n",
  "\n ",
  "--B",
  "B",
  "--",
  ">",
  "@",
  "a@b",
  ";",
  '"',
  "\0",
  "diff --git a/x b/x\n",
];
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;

check("any bytes are a message, without controls in what is shown", soup(...HEADERS), (text) => {
  const message = parseMessage(Buffer.from(text, "latin1"));
  const boxes = [message.from, ...message.to, ...message.cc, ...message.replyTo];
  for (const shownText of [message.subject, ...boxes.map((box) => `${box?.name}${box?.address}`)])
    assert.doesNotMatch(shownText, CONTROLS);
  assert.doesNotMatch(message.text, /[\u0000-\u0008\u000b-\u001f]/);
  assert.ok(message.patchText.length <= 4 * text.length + 4);
  assert.deepEqual(parseMessage(Buffer.from(text, "latin1")).problems, message.problems);
});

check(
  "addresses are addresses, whatever the list",
  soup("a@b", "<", ">", ",", ";", ":", '"', "(", ")", "\\", " ", "\n"),
  (text) => {
    for (const { address } of parseAddresses(text, 1000)) assert.match(address, /^[^\s<>,;]+@[^\s<>,;]+$/);
  },
);

const tag = fc.record({
  version: fc.integer({ min: 1, max: 999 }),
  index: fc.integer({ min: 0, max: 999 }),
  total: fc.integer({ min: 1, max: 999 }),
  rfc: fc.boolean(),
  title: fc.constantFrom("KVM: SVM: x", "x86: [y] z", "1/2 of it", "v2 of it"),
});
check("a subject as git writes it is read as it was meant", tag, ({ version, index, total, rfc, title }) => {
  const subject = `[${rfc ? "RFC " : ""}PATCH${version === 1 ? "" : ` v${version}`} ${index}/${total}] ${title}`;
  const read = parseSubject(subject);
  assert.deepEqual(
    [read.version, read.index, read.total, read.rfc, read.title],
    [version, index, total, rfc, title],
  );
  assert.equal(parseSubject(`Re: ${subject}`).isReply, true);
});

check(
  "any subject has small counters or none",
  soup("[", "]", "PATCH", "v", "1", "99999", "/", " ", "Re: ", "RFC", "\u0661"),
  (text) => {
    const { version, index, total } = parseSubject(text);
    assert.ok(version >= 1 && version <= 999);
    for (const counter of [index, total]) assert.ok(counter === null || (counter >= 0 && counter <= 999));
  },
);

const DIFFS = [
  "diff --git a/x b/x\n",
  "--- a/x\n",
  "+++ b/x\n",
  "--- /dev/null\n",
  "@@ -1 +1 @@\n",
  "@@ -1,2 +1,2 @@\n",
  "-a\n",
  "+b\n",
  " c\n",
  "\\ No newline at end of file\n",
  "rename from x\n",
  "rename to y\n",
  "index 1234567..89abcde 100644\n",
  "new file mode 120000\n",
  "GIT binary patch\n",
  "../",
  '"',
  "-- \n",
];
check("any diff is read; its outline names the same files", soup(...DIFFS), (text) => {
  const { files, problems } = parseDiff(text);
  const paths = files.flatMap(({ oldPath, newPath }) => [oldPath, newPath]).filter((path) => path !== null);
  for (const path of paths) assert.ok(!path.startsWith("/") && !path.split("/").includes(".."), path);
  const outline = outlineDiff(text);
  if (problems.length === 0) assert.deepEqual(outline.paths, [...new Set(paths)].sort());
});

const CODE = [
  "#define A(x) ",
  "#define B ",
  "#if ",
  "#else\n",
  "#endif\n",
  "#undef A\n",
  "A(",
  "B",
  "##",
  "#",
  "x",
  "(",
  ")",
  ",",
  "\n",
  "\\\n",
  "/*",
  "*/",
  '"',
  "1",
  "+",
  "defined",
  "__VA_ARGS__",
  "int f(void) { return ",
  "; }\n",
  "{",
  "}",
];
check("any C is evaluated or refused, twice the same", soup(...CODE), (text) => {
  const run = () => shown(machineOf(text).call("f", [], "a.c"));
  assert.equal(run(), run());
});

const msr = fc.integer({ min: 0x800, max: 0x8ff });
const set = fc.record({
  read: fc.uniqueArray(msr, { maxLength: 20 }).map((list) => list.sort((a, b) => a - b)),
  write: fc.uniqueArray(msr, { maxLength: 20 }).map((list) => list.sort((a, b) => a - b)),
});
check("a table the other way round has its columns exchanged", fc.tuple(set, set), ([old, now]) => {
  const there = rowsOfSets(old, now, zen4);
  const back = rowsOfSets(now, old, zen4);
  assert.deepEqual(
    there.map(({ label, read, write }) => [label, read.old, read.new, write.old, write.new]),
    back.map(({ label, read, write }) => [label, read.new, read.old, write.new, write.old]),
  );
});

const wild = fc.string({ unit: "binary", maxLength: 80 });
check(
  "a reply has one header each and goes to whom it should, whatever it echoes",
  fc.record({ subject: wild, name: wild, list: wild, references: fc.array(wild, { maxLength: 5 }) }),
  async ({ subject, name, list, references }) => {
    const target = sampleTarget({
      subject,
      references,
      from: { name, address: "jane@example.com" },
      cc: [{ name: list, address: "kvm@vger.kernel.org" }],
    });
    const made = replyEnvelope(sampleReview(), target, sampleOptions());
    assert.ok(made.ok);
    const mail = composeMail(made.envelope, "body\n");
    const parsed = await simpleParser(mail);
    const names = parsed.headerLines.map(({ key }) => key);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      names.filter((key) => /^(?:bcc|x-(?!avicbot))/.test(key)),
      [],
    );
    const boxes = [parsed.to, parsed.cc].flat().flatMap((entry) => entry?.value ?? []);
    assert.deepEqual(
      boxes.map(({ address }) => address),
      ["jane@example.com", "kvm@vger.kernel.org"],
    );
    assert.equal(parsed.text?.trim(), "body");
  },
);
