import { test } from "node:test";
import assert from "node:assert/strict";
import { parseMessage } from "../../src/mail/message.ts";
import { peekHeader } from "../../src/mail/peek.ts";

function peek(text: string) {
  return peekHeader(Buffer.from(text, "latin1"));
}

test("the fields, whatever their case, unfolded", () => {
  const found = peek(
    "From: a\nSUBJECT: [PATCH 1/2]\n  long\n title\nmessage-ID: <a@b>\nReferences: <c@d>\n\t<e@f>\n\nSubject: no\n",
  );
  assert.equal(found?.subject, "[PATCH 1/2]  long title");
  assert.equal(found.messageId(), "<a@b>");
  assert.equal(found.references(), "<c@d>\t<e@f>");
  assert.equal(found.inReplyTo(), null);
});

const UNSURE: [string, string][] = [
  ["two subjects", "A: 1\nSubject: Re: x\nsubject: [PATCH] x\n\nb\n"],
  ["an empty subject before another", "A: 1\nSubject:\nSubject: x\n\nb\n"],
  ["the subject first", "Subject: x\nA: 1\n\nb\n"],
  ["a blank before the colon", "A: 1\nSubject : x\n\nb\n"],
  ["no subject", "A: 1\n\nSubject: x\n"],
  ["no blank line", "A: 1\nSubject: x\n"],
  ["DOS line ends", "A: 1\r\nSubject: x\r\n\r\nb\n\n"],
  ["nothing", ""],
];
for (const [name, text] of UNSURE) {
  test(`to be read properly: ${name}`, () => assert.equal(peek(text), null));
}

test("a field given twice is not answered", () => {
  const found = peek("A: 1\nSubject: x\nMessage-ID: <a@b>\nMESSAGE-ID: <c@d>\n\n");
  assert.equal(found?.messageId(), undefined);
});

test("what it says is what the mail says", () => {
  const text = "A: 1\nSubject: Re: [PATCH 1/2] x\nMessage-ID: <a@b>\nIn-Reply-To: <c@d>\n\nbody\n";
  const message = parseMessage(Buffer.from(text));
  const found = peek(text);
  assert.equal(found?.subject, message.subject);
  assert.equal(found.messageId(), `<${message.messageId}>`);
  assert.equal(found.inReplyTo(), `<${message.inReplyTo[0]}>`);
});
