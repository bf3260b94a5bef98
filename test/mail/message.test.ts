import { test } from "node:test";
import assert from "node:assert/strict";
import { type Message, parseMessage } from "../../src/mail/message.ts";

function mail(headers: string[], body = "", end = "\n"): Message {
  const text = [...headers, "", ...body.split("\n")].join(end);
  return parseMessage(Buffer.from(text, "latin1"));
}

const BASE = ["From: A B <a@b.org>", "Date: Mon, 2 Nov 2026 10:00:00 +0100", "Message-ID: <1@b.org>"];

for (const [name, end] of [
  ["LF", "\n"],
  ["CRLF", "\r\n"],
  ["CR", "\r"],
] as const) {
  test(`a plain mail with ${name}`, () => {
    const message = mail(
      [...BASE, "Subject: [PATCH]", "\tfolded", "To: x@y.org, Z <z@y.org>"],
      "one\ntwo\n",
      end,
    );
    assert.equal(message.subject, "[PATCH] folded");
    assert.deepEqual(message.from, { name: "A B", address: "a@b.org" });
    assert.equal(message.date, "2026-11-02T09:00:00.000Z");
    assert.equal(message.messageId, "1@b.org");
    assert.equal(message.answerable, true);
    assert.deepEqual(
      message.to.map((to) => to.address),
      ["x@y.org", "z@y.org"],
    );
    assert.equal(message.patchText, "one\ntwo\n");
    assert.deepEqual(message.problems, []);
  });
}

const IDS: [string[], string | null, boolean][] = [
  [["Message-ID: <good@x> <evil@y>"], "good@x", true],
  [["Message-ID: <good@x>", "Message-ID: <evil@y>"], "good@x", true],
  [["Message-ID:", "Message-Id: <second@y>"], "second@y", true],
  [["Message-ID: <>"], null, false],
  [[], null, false],
  [["Message-ID: (c)<a@b>(c)"], "a@b", true],
  [["Message-ID: bare@id"], "bare@id", true],
  [["Message-ID: bare@id>"], "bare@id", true],
  [["Message-ID: <a b@c>"], "a b@c", false],
  [["Message-ID: <a:b:c*{x}?>"], "a:b:c*{x}?", true],
  [["Message-ID: <__proto__>"], "__proto__", true],
  [["Message-ID: <--upload-pack=touch>"], "--upload-pack=touch", true],
  [["Message-ID: <\xe4@b>"], "\xe4@b", false],
  [[`Message-ID: <${"a".repeat(65536)}@b>`], `${"a".repeat(65536)}@b`, false],
];

test("one rule for the identity of a mail: the first usable id", () => {
  for (const [headers, id, answerable] of IDS) {
    const message = mail(["From: a@b.org", ...headers]);
    assert.deepEqual(
      [message.messageId, message.answerable],
      [id, answerable],
      headers.join("|").slice(0, 80),
    );
  }
});

test("In-Reply-To with words, comments and several ids; References capped", () => {
  const refs = Array.from({ length: 5000 }, (_, i) => `<${i}@r>`).join("\n ");
  const message = mail([
    'In-Reply-To: Your message of "Mon, 1 Jan" <one@x> (was: <no@x>) <two@x> <one@x>',
    `References: ${refs}`,
  ]);
  assert.deepEqual(message.inReplyTo, ["one@x", "two@x"]);
  assert.equal(message.references.length, 1000);
  assert.equal(message.references[0], "0@r");
  assert.equal(message.references.at(-1), "4999@r");
});

const SUBJECTS: [string, string][] = [
  ["=?utf-8?q?a=5Fb_c?= d", "a_b c d"],
  ["=?UTF-8?B?w6Q=?= =?utf-8?Q?=C3=B6?=", "äö"],
  ["=?utf-8?b?4oI=?=\n =?utf-8?b?rA==?=", "€"],
  ["=?iso-8859-1?q?=e4?= =?koi8-r?B?8NLJ18XU?=", "äПривет"],
  ["=?utf-8*en?q?x?=y", "xy"],
  ["=?gb2312?B?xOO6ww==?=", "你好"],
  ["=?no-such?q?x=C3=A4?=", "xä"],
  ["=?utf-8?q?open", "=?utf-8?q?open"],
  ["raw \xc3\xa4 and \xe4", "raw Ã¤ and ä"],
  ["raw \xc3\xa4", "raw ä"],
  ["=?UTF-8?Q?x=0D=0ABcc:_v@y?=", "x Bcc: v@y"],
  ["a\x00b\x1b[31mc\x7f", "a b [31mc"],
  ["x\rX-Evil: 1", "x X-Evil: 1"],
];

test("subjects: RFC 2047, raw bytes, controls", () => {
  for (const [raw, shown] of SUBJECTS) assert.equal(mail([`Subject: ${raw}`]).subject, shown, raw);
});

const BODIES: [string, string[], string, string][] = [
  [
    "quoted-printable",
    ["Content-Transfer-Encoding: quoted-printable"],
    "+=09a =3D b=\n c=\r\nd=ZZ",
    "+\ta = b cd=ZZ\n",
  ],
  ["base64", ["Content-Transfer-Encoding: BASE64"], "K2EN\nCi1i\nCg==", "+a\n-b\n"],
  ["base64 in blocks", ["Content-Transfer-Encoding: base64"], "YQ==\nYmM=\n", "abc\n"],
  ["odd encoding", ["Content-Transfer-Encoding: 8-bit"], "\xc3\xa4", "\xc3\xa4\n"],
  ["latin 1", ["Content-Type: text/plain; charset=iso-8859-1"], "\xe4", "\xc3\xa4\n"],
  ["latin 1 that is UTF-8", ["Content-Type: text/plain; charset=iso-8859-1"], "\xc3\xa4", "\xc3\xa4\n"],
  ["charset yes", ["Content-Type: text/plain; charset=yes"], "\xc3\xa4", "\xc3\xa4\n"],
  ["charset 8, not UTF-8", ['Content-Type: text/plain; charset="8"'], "\xe4", "\xe4\n"],
  [
    "windows-1252",
    ["Content-Type: text/plain; charset=windows-1252"],
    "\x91\xe4\x92",
    "\xe2\x80\x98\xc3\xa4\xe2\x80\x99\n",
  ],
  ["gbk", ["Content-Type: text/plain; charset*0=g; charset*1=bk"], "\xc4\xe3", "\xe4\xbd\xa0\n"],
  ["format=flowed", ["Content-Type: text/plain; format=flowed"], " context \n \n+a", " context \n \n+a\n"],
  ["uuencode", ["Content-Transfer-Encoding: x-uuencode"], "begin 644 f\n#0V%T\n`\nend", "Cat\n"],
];

for (const [name, headers, body, expected] of BODIES) {
  test(`body: ${name}`, () => assert.equal(mail([...BASE, ...headers], body).patchText, expected));
}

const DIFF = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";

function part(headers: string[], body: string): string {
  return `--B\n${headers.join("\n")}${headers.length ? "\n" : ""}\n${body}\n`;
}

const MULTIPARTS: [string, string, string][] = [
  [
    "text and footer",
    part([], "one") + part(["Content-Type: text/plain"], "two") + "--B--\nepilogue",
    "one\ntwo\n",
  ],
  ["not closed", part([], "one"), "one\n"],
  ["alternative", part([], "one") + part(["Content-Type: text/html"], "<p>") + "--B--", "one\n"],
  [
    "attached patch",
    part([], "hi") + part(["Content-Type: text/x-patch", "Content-Disposition: attachment"], DIFF) + "--B--",
    `hi\n${DIFF}`,
  ],
  [
    "patch by its name",
    part([], "hi") + part(["Content-Type: application/octet-stream; name=x.patch"], DIFF) + "--B--",
    `hi\n${DIFF}`,
  ],
  [
    "attachment beside a diff",
    part([], DIFF) +
      part(["Content-Type: text/x-patch", "Content-Disposition: attachment"], "--- x\n+++ y\n") +
      "--B--",
    DIFF,
  ],
  [
    "embedded message",
    part([], "hi") + part(["Content-Type: message/rfc822"], `From: a@b\n\n${DIFF}`) + "--B--",
    "hi\n",
  ],
  ["boundary look-alike", part([], "one\n--BC\n--B x\ntwo") + "--B--", "one\n--BC\n--B x\ntwo\n"],
];

for (const [name, body, expected] of MULTIPARTS) {
  test(`multipart: ${name}`, () => {
    const message = mail([...BASE, "Content-Type: multipart/mixed; boundary=B"], body);
    assert.equal(message.patchText, expected);
  });
}

test("nesting and number of parts are bounded", () => {
  let nested = "deep";
  for (let i = 0; i < 2000; i++)
    nested = `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n${nested}\n--b${i}--`;
  const deep = parseMessage(Buffer.from(nested));
  assert.ok(deep.problems.some((problem) => problem.code === "too-deep"));
  const many = mail(["Content-Type: multipart/mixed; boundary=B"], part([], "x").repeat(20000));
  assert.ok(many.problems.some((problem) => problem.code === "too-many-parts"));
  assert.equal(many.patchText.length, 2000);
});

test("a header longer than the cap is cut and the body still found", () => {
  const message = mail([...BASE, `X-Long: ${"x".repeat(300_000)}`, "Subject: lost"], "body");
  assert.equal(message.subject, "");
  assert.equal(message.patchText, "body\n");
  assert.ok(message.problems.some((problem) => problem.code === "header-cut"));
});

test("header names of Object.prototype are only headers", () => {
  const message = mail(["__proto__: x", "constructor: y", ...BASE]);
  assert.deepEqual(message.header("__proto__"), ["x"]);
  assert.deepEqual(message.header("Constructor"), ["y"]);
  assert.deepEqual(message.header("toString"), []);
});

test("lists come from List-Id and X-Mailing-List in one form", () => {
  const message = mail([
    "List-Id: KVM <KVM.vger.kernel.org>",
    "X-Mailing-List: kvm@vger.kernel.org",
    "List-Id: <x.y.z>",
  ]);
  assert.deepEqual(message.lists, ["kvm.vger.kernel.org", "x.y.z"]);
});

test("a quilt patch has no header", () => {
  const message = parseMessage(Buffer.from(`Fix it\n\n${DIFF}`));
  assert.equal(message.patchText, `Fix it\n\n${DIFF}`);
  assert.equal(message.messageId, null);
});

test("anything at all is a message", () => {
  for (const bytes of [
    "",
    "\n",
    "\0",
    ":",
    "From ",
    ">From \n",
    "a:",
    "Content-Type: multipart/mixed; boundary=\n\n",
  ])
    assert.equal(typeof parseMessage(Buffer.from(bytes)).patchText, "string");
});
