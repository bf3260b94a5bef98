import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { allValues, readHeader } from "../../src/mail/headers.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { peekHeader } from "../../src/mail/peek.ts";

function peek(text: string) {
  return peekHeader(Buffer.from(text, "latin1"));
}

test("the fields, whatever their case, unfolded", () => {
  const found = peek(
    "From: a\nSUBJECT: [PATCH 1/2]\n  long\n title\nmessage-ID: <a@b>\nReferences: <c@d>\n\t<e@f>\n\nSubject: no\n",
  );
  assert.equal(found?.value("subject"), "[PATCH 1/2]  long title");
  assert.equal(found.value("message-id"), "<a@b>");
  assert.equal(found.value("references"), "<c@d>\t<e@f>");
  assert.equal(found.value("in-reply-to"), null);
});

test("where the body starts, with LF and with CRLF", () => {
  const text = "Subject: x\nContent-Type:\n text/plain\n\nbody\n";
  for (const mail of [text, text.replaceAll("\n", "\r\n")]) {
    const found = peek(mail);
    assert.equal(mail.slice(found?.bodyStart).trimEnd(), "body");
    assert.equal(found?.value("content-type"), "text/plain");
  }
});

test("a header beyond what is usual", () => {
  const found = peek(`A: ${"x".repeat(20_000)}\nSubject: x\n\nbody`);
  assert.equal(found?.value("subject"), "x");
  assert.equal(found.bodyStart, 20_016);
});

const UNSURE: [string, string][] = [
  ["a blank before the colon", "A: 1\nSubject : x\n\nb\n"],
  ["a line that is no field", "A: 1\nno field\nSubject: x\n\nb\n"],
  ["a continuation of nothing", " A: 1\nSubject: x\n\nb\n"],
  ["an mbox line", "From a@b Thu Jan  1 00:00:00 1970\nSubject: x\n\nb\n"],
  ["a diff", "diff --git a/x b/x\n--- a/x\n+++ b/x\n\nA: 1\n"],
  ["a name with a byte of no ASCII", "S\xfcbject: x\n\nb\n"],
  ["no field", "\nSubject: x\n\nb\n"],
  ["no blank line", "A: 1\nSubject: x\n"],
  ["lone CR", "A: 1\rSubject: x\r\rb\r"],
  ["a header without end", `A: ${"x".repeat(70_000)}\n\nb`],
  ["nothing", ""],
];
for (const [name, text] of UNSURE) {
  test(`to be read properly: ${name}`, () => assert.equal(peek(text), null));
}

test("a field given twice is not answered", () => {
  const found = peek("A: 1\nSubject: x\nMessage-ID: <a@b>\nMESSAGE-ID: <c@d>\n\n");
  assert.equal(found?.value("message-id"), undefined);
});

const SURE: [string, string][] = [
  ["plain", "A: 1\nSubject: Re: [PATCH 1/2] x\nMessage-ID: <a@b>\nIn-Reply-To: <c@d>\n\nbody\n"],
  ["the subject first", "Subject: x\nMessage-ID: <a@b>\nIn-Reply-To: <c@d>\n\nb\n"],
  ["folded", "Subject: x\n y\nMessage-ID:\n <a@b>\nIn-Reply-To: <c@d>\n\nb\n"],
  ["a line of blanks", "Subject: x\n \nMessage-ID: <a@b>\nIn-Reply-To: <c@d>\n\nb\n"],
];
for (const [name, text] of SURE)
  for (const [ends, mail] of [
    ["LF", text],
    ["CRLF", text.replaceAll("\n", "\r\n")],
  ] as const)
    test(`what it says is what the mail says: ${name}, ${ends}`, () => {
      const message = parseMessage(Buffer.from(mail, "latin1"));
      const found = peek(mail);
      assert.deepEqual(found?.value("subject"), message.header("subject")[0]);
      assert.equal(found?.value("message-id"), `<${message.messageId}>`);
      assert.equal(found?.value("in-reply-to"), `<${message.inReplyTo[0]}>`);
    });

const PIECES = [
  ...[
    "Subject:",
    "subject: x",
    "Message-ID: <a@b>",
    "References:",
    "Content-Type: text/plain",
    "From x",
    ">From x",
  ],
  ...[
    "A:",
    "A: 1",
    " b",
    "\t",
    "\r",
    "no field",
    "diff --git a/x: b/x",
    "A : 1",
    ": x",
    "S\xfcbject: x",
    "\0: x",
  ],
  ...["\n", "\n", "\n", "\n", "\r\n", "\r\n", "\n\n", "\r\n\r\n"],
];

test("where it answers, header and body are where the reader of mails finds them", () => {
  const mails = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(""));
  let answered = 0;
  fc.assert(
    fc.property(mails, (text) => {
      const bytes = Buffer.from(text, "latin1");
      const found = peekHeader(bytes);
      if (found === null) return;
      answered++;
      const { fields, bodyStart } = readHeader(bytes, 0, bytes.length, 1 << 20);
      assert.equal(found.bodyStart, bodyStart);
      for (const name of ["subject", "message-id", "references", "content-type"] as const) {
        const [value = null, ...others] = allValues(fields, name);
        assert.equal(found.value(name), others.length > 0 ? undefined : value, name);
      }
    }),
    { numRuns: 20_000 },
  );
  assert.ok(answered > 200, `only ${answered} answers`);
});
