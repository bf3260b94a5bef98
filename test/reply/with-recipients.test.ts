import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessage } from "../../src/mail/message.ts";
import { withRecipients } from "../../src/reply/mail.ts";

const MAIL = [
  "DKIM-Signature: v=1; a=rsa-sha256; d=example.net;",
  " b=abc",
  "From: avicbot <avicbot@example.net>",
  "To: =?UTF-8?Q?J=C3=BCrgen_M=2E?= <jm@example.org>, Ann <ann@example.org>",
  "Cc: kvm@vger.kernel.org,",
  " linux-kernel@vger.kernel.org",
  "Subject: Re: x",
  "",
  "To: nobody",
  "\ttable \u00fc",
  "",
].join("\r\n");

function edited(next: Record<string, string>) {
  const mail = withRecipients(MAIL, new Map(Object.entries(next)));
  return { mail, message: parseMessage(Buffer.from(mail, "utf8")) };
}

test("who stays keeps name and place, who goes leaves nothing, who comes has no name of others", () => {
  const { mail, message } = edited({
    "jm@example.org": "jm@example.org",
    "ann@example.org": "ann@example.com",
    "linux-kernel@vger.kernel.org": "linux-kernel@vger.kernel.org",
  });
  assert.deepEqual(message.to, [
    { name: "J\u00fcrgen M.", address: "jm@example.org" },
    { name: "", address: "ann@example.com" },
  ]);
  assert.deepEqual(message.cc, [{ name: "", address: "linux-kernel@vger.kernel.org" }]);
  assert.deepEqual(message.header("dkim-signature"), []);
  assert.ok(mail.replaceAll("\r\n", "\n").endsWith("Subject: Re: x\n\nTo: nobody\n\ttable \u00fc\n"));
});

test("a header without recipients goes, and two for one address are one", () => {
  const { message } = edited({
    "jm@example.org": "a@example.org",
    "ann@example.org": "A@example.org",
  });
  assert.deepEqual(
    message.to.map(({ address }) => address),
    ["a@example.org"],
  );
  assert.deepEqual(message.header("cc"), []);
});
