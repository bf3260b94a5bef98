import assert from "node:assert/strict";
import { test } from "node:test";
import { simpleParser } from "mailparser";
import { parseMessage } from "../../src/mail/message.ts";
import { replyEnvelope, replyMessageId, type ReplyTarget } from "../../src/reply/envelope.ts";
import { composeMail } from "../../src/reply/mail.ts";
import { sampleReview } from "../review/sample.ts";
import { sampleOptions, sampleTarget } from "./target.ts";

const options = sampleOptions();
const { from } = options;

function compose(parts: Partial<ReplyTarget> = {}, body = "one\n\ttwo\n"): string {
  const result = replyEnvelope(sampleReview(), sampleTarget(parts), options);
  if (!result.ok) assert.fail(result.reason);
  return composeMail(result.envelope, body);
}

/** The names of the header block, in order, continuation lines joined. */
function headerNames(mail: string): string[] {
  const block = mail.slice(0, mail.indexOf("\n\n")).replace(/\n[ \t]+/g, " ");
  return block.split("\n").map((line) => line.slice(0, line.indexOf(":")));
}

const NAMES = [
  "From",
  "To",
  "Cc",
  "Subject",
  "Date",
  "Message-ID",
  "In-Reply-To",
  "References",
  "Auto-Submitted",
  "X-Avicbot-Loop",
  "Content-Transfer-Encoding",
  "MIME-Version",
  "Content-Type",
];

test("the whole header block of a plain reply", () => {
  const mail = compose();
  const id = replyMessageId(sampleReview(), from);
  assert.match(id, /^avicbot\.[0-9a-f]{32}@bots\.example\.net$/);
  assert.equal(
    mail.slice(0, mail.indexOf("\n\n")),
    `From: avicbot <avicbot@bots.example.net>
To: Jane Doe <jane@example.com>
Cc: kvm@vger.kernel.org
Subject: Re: [PATCH v2 2/2] KVM: SVM: Pass through WRMSR of accelerated
 x2APIC registers only
Date: Mon, 04 May 2026 09:15:02 +0000
Message-ID: <${id}>
In-Reply-To: <20260504091500.1-3-jane@example.com>
References: <20260504091500.1-1-jane@example.com>
 <20260504091500.1-3-jane@example.com>
Auto-Submitted: auto-replied
X-Avicbot-Loop: avicbot@bots.example.net
Content-Transfer-Encoding: 7bit
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii`,
  );
});

test("the body goes out as it is: tabs, long lines, UTF-8", () => {
  const body = `\t${"x".repeat(200)}\n> J\u00fcrgen\n`;
  const mail = compose({}, body);
  assert.equal(mail.slice(mail.indexOf("\n\n") + 2), body);
  assert.match(mail, /^Content-Transfer-Encoding: 8bit$/m);
});

const hostile: [string, Partial<ReplyTarget>][] = [
  ["CRLF in the subject", { subject: "[PATCH] x\r\nBcc: eve@example.com\r\n\r\nbody" }],
  ["CR, NUL and bidi in the subject", { subject: "a\rX-Evil: 1\0\u202e\u2066 b" }],
  ["a subject of 64 KiB", { subject: "x".repeat(65_536) }],
  [
    "CRLF in the author's name",
    { from: { name: "Jane\r\nBcc: eve@example.com", address: "jane@example.com" } },
  ],
  [
    "odd characters in the author's name",
    { from: { name: 'Do"e, Jane (TI) <eve@example.com>', address: "jane@example.com" } },
  ],
  ["CRLF in a reference", { references: ["a@b\r\nBcc: eve@example.com", "ok@example.com"] }],
  [
    "a list with a group in its name",
    { cc: [{ name: "kvm: eve@example.com;", address: "kvm@vger.kernel.org" }] },
  ],
  ["100,000 references", { references: Array.from({ length: 100_000 }, (_, at) => `r${at}@example.com`) }],
];
for (const [name, parts] of hostile) {
  test(`${name}: exactly the expected headers, one each, no line too long`, async () => {
    const mail = compose({ cc: sampleTarget().cc, ...parts });
    assert.deepEqual(headerNames(mail), NAMES);
    const head = mail.slice(0, mail.indexOf("\n\n"));
    assert.match(head, /^[\x20-\x7e\n]*$/);
    assert.ok(head.split("\n").every((line) => line.length <= 998));
    const parsed = await simpleParser(mail);
    const to = Array.isArray(parsed.to) ? parsed.to : [parsed.to];
    assert.deepEqual(
      to.flatMap((entry) => entry?.value.map((box) => box.address)),
      ["jane@example.com"],
    );
    assert.equal(parsed.bcc, undefined);
  });
}

/** Header lines of a patch mail as an attacker writes them, and To, Subject and In-Reply-To of the reply. */
const raw: [string, string[], [name: string, subject: string, parent: string]][] = [
  [
    "encoded words with CRLF and NUL inside",
    [
      "From: =?UTF-8?Q?Jane=0D=0ABcc=3A_eve=40example.com?= <jane@example.com>",
      "Subject: =?UTF-8?B?W1BBVENIXSBhDQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ0KAGI=?=",
    ],
    ["Jane Bcc: eve@example.com", "Re: [PATCH] a Bcc: eve@example.com b", "p@example.com"],
  ],
  [
    "a display name that looks like addresses",
    [`From: "eve@example.com, kvm@vger.kernel.org (TI)" <jane@example.com>`, "Subject: [PATCH] a\tb\x01\x7f"],
    ["eve@example.com, kvm@vger.kernel.org (TI)", "Re: [PATCH] a b", "p@example.com"],
  ],
  [
    "bidi marks and zero widths",
    [
      "From: =?UTF-8?Q?Ja=E2=80=AEne=E2=80=8B_M=C3=BCller?= <jane@example.com>",
      "Subject: =?UTF-8?Q?[PATCH]_=E2=81=A6x=E2=81=A9?=",
    ],
    ["Jane M\u00fcller", "Re: [PATCH] x", "p@example.com"],
  ],
  [
    "two subjects, two senders, a comment in the id",
    [
      "From: Jane <jane@example.com>",
      "From: eve@example.com",
      "Subject: RE: Re: [PATCH] a",
      "Subject: [PATCH] b",
    ],
    ["Jane", "Re: [PATCH] a", "p@example.com"],
  ],
  [
    "an id as long as a line may be",
    ["From: Jane <jane@example.com>", "Subject: [PATCH] a", `Message-ID: <${"x".repeat(970)}@example.com>`],
    ["Jane", "Re: [PATCH] a", `${"x".repeat(970)}@example.com`],
  ],
];
for (const [name, header, [author, subject, parent]] of raw) {
  for (const end of ["\n", "\r\n"]) {
    test(`${name}${end === "\n" ? "" : ", CRLF"}: one header each, and what it says survives`, async () => {
      const own = header.some((line) => line.startsWith("Message-ID")) ? [] : ["Message-ID: <p@example.com>"];
      const lines = [...header, ...own, "To: kvm@vger.kernel.org", "Date: Mon, 4 May 2026 09:15:02 +0000"];
      const target = parseMessage(Buffer.from(`${lines.join(end)}${end}${end}text${end}`, "latin1"));
      const made = replyEnvelope(sampleReview(), target, options);
      if (!made.ok) assert.fail(made.reason);
      const mail = composeMail(made.envelope, "text\n");
      assert.deepEqual(headerNames(mail), NAMES);
      assert.ok(mail.split("\n").every((line) => line.length <= 998));
      const parsed = await simpleParser(mail);
      const to = parsed.to !== undefined && !Array.isArray(parsed.to) ? parsed.to.value : [];
      assert.deepEqual([to.map(({ name }) => name), parsed.subject], [[author], subject]);
      assert.equal(parsed.inReplyTo, `<${parent}>`);
    });
  }
}

test("an id longer than a line gets no reply", () => {
  const target = sampleTarget({ messageId: `${"x".repeat(980)}@example.com` });
  assert.equal(replyEnvelope(sampleReview(), target, options).ok, false);
});

test("names and subjects of other scripts survive encoding", async () => {
  const parsed = await simpleParser(
    compose({
      from: { name: "J\u00fcrgen \u738b\u5c0f\u660e", address: "jane@example.com" },
      subject: "Re: RE: [PATCH] KVM: \u00e4\u738b",
    }),
  );
  assert.equal(parsed.subject, "Re: [PATCH] KVM: \u00e4\u738b");
  assert.ok(parsed.to !== undefined && !Array.isArray(parsed.to));
  assert.equal(parsed.to.value[0]?.name, "J\u00fcrgen \u738b\u5c0f\u660e");
});

test("References keeps the thread's root and the last twenty", () => {
  const references = Array.from({ length: 50 }, (_, at) => `r${at}@example.com`);
  const result = replyEnvelope(sampleReview(), sampleTarget({ references }), options);
  assert.ok(result.ok);
  assert.equal(result.envelope.references.length, 21);
  assert.equal(result.envelope.references[0], "r0@example.com");
  assert.equal(result.envelope.references[1], "r31@example.com");
  assert.equal(result.envelope.references.at(-1), sampleTarget().messageId);
});

test("the same review gives the same id, another digest, version or series another one", () => {
  const review = sampleReview();
  const ids = [
    review,
    sampleReview({ profile: "apm" }),
    sampleReview({ series: { ...review.series, version: 3 } }),
    sampleReview({ series: { ...review.series, messageId: "other@example.com" } }),
  ].map((each) => replyMessageId(each, from));
  assert.equal(new Set(ids).size, 4);
  assert.equal(replyMessageId(sampleReview(), from), ids[0]);
});

const unanswerable: [string, Partial<ReplyTarget>, RegExp][] = [
  ["no Message-ID", { messageId: null }, /Message-ID/],
  ["a Message-ID of two lines", { messageId: "a@b\r\nBcc: c" }, /Message-ID/],
  ["a Message-ID of 64 KiB", { messageId: `${"x".repeat(65_536)}@y` }, /Message-ID/],
  ["no author", { from: null }, /author/],
  ["an author's address with CRLF", { from: { name: "", address: "a@x\r\nBcc: v@y" } }, /author/],
  ["a date that is none", { date: "yesterday" }, /date/],
];
for (const [name, parts, reason] of unanswerable) {
  test(`not answerable: ${name}`, () => {
    const result = replyEnvelope(sampleReview(), sampleTarget(parts), options);
    assert.ok(!result.ok);
    assert.match(result.reason, reason);
  });
}
