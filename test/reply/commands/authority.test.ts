import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessage } from "../../../src/mail/message.ts";
import {
  staleness,
  unsignedAmong,
  verifySender,
  type AuthorityOptions,
} from "../../../src/reply/commands/authority.ts";
import { arcSealed, dkimSigned, plainMail, testDns } from "../../support/signed-mail.ts";

const options: AuthorityOptions = {
  resolver: testDns,
  sealers: ["lists.example.net"],
};
const letter = {
  from: "Pat <pat@example.org>",
  inReplyTo: "patch@example.com",
  text: "Fine.\r\n\r\n#avicbot approve",
};
const mail = plainMail(letter);

async function check(bytes: Uint8Array, others: Partial<AuthorityOptions> = {}) {
  return verifySender(parseMessage(bytes), { ...options, ...others });
}

const from = (address: string) => plainMail({ ...letter, from: address });
const verified: [string, () => Promise<Uint8Array>, string][] = [
  ["of the From's own domain", () => dkimSigned(mail, "example.org"), "DKIM of example.org"],
  [
    "of a domain above it",
    () => dkimSigned(from("pat@linux.example.org"), "example.org"),
    "DKIM of example.org",
  ],
  ["in other letters", () => dkimSigned(from("pat@Example.ORG"), "example.org"), "DKIM of example.org"],
];
for (const [name, make, by] of verified) {
  test(`a signature ${name}`, async () => {
    const result = await check(await make());
    assert.ok(result.verified);
    assert.equal(result.by, by);
    assert.equal(result.signatures.length, 1);
  });
}

test("what the signature does not cover is known", async () => {
  const signed = await dkimSigned(mail, "example.org", { headerList: "from:subject:date" });
  const result = await check(signed);
  assert.ok(result.verified);
  const names = ["from", "in-reply-to", "references"];
  assert.deepEqual(unsignedAmong(parseMessage(signed), result, names), ["in-reply-to"]);
});

test("the same mail under another Message-ID has the same signature", async () => {
  const signed = await dkimSigned(mail, "example.org", { headerList: "from:date" });
  const again = changed(signed, "command-1@", "command-2@");
  const [one, other] = await Promise.all([check(signed), check(again)]);
  assert.ok(one.verified && other.verified);
  assert.deepEqual(one.signatures, other.signatures);
});

test("a domain whose policy refuses such mail: forged; without a policy: nobody can tell", async () => {
  const forged = async (address: string) => {
    const result = await check(await dkimSigned(from(address), "forger.example.com"));
    return !result.verified && result.forged;
  };
  assert.equal(await forged("pat@reject.example.org"), true);
  assert.equal(await forged("pat@example.org"), false);
});

const changed = (signed: Buffer, from: string, to: string) =>
  Buffer.from(signed.toString("latin1").replace(from, to), "latin1");

const refused: [string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
  ["no signature", () => mail, /no valid DKIM/],
  ["another domain's signature", () => dkimSigned(mail, "forger.example.com"), /no valid DKIM/],
  ["a signature of a subdomain", () => dkimSigned(mail, "mail.example.org"), /no valid DKIM/],
  [
    "a changed command",
    async () => changed(await dkimSigned(mail, "example.org"), "approve", "ignore"),
    /no valid/,
  ],
  [
    "a changed thread",
    async () => changed(await dkimSigned(mail, "example.org"), "<patch@", "<other@"),
    /no valid/,
  ],
  [
    "a changed sender",
    async () => changed(await dkimSigned(mail, "example.org"), "<pat@", "<eve@"),
    /no valid/,
  ],
  [
    "a date that is not signed",
    () => dkimSigned(mail, "example.org", { headerList: "from:subject" }),
    /does not cover date/,
  ],
  [
    "two threads",
    async () =>
      Buffer.concat([Buffer.from("In-Reply-To: <other@x>\r\n"), await dkimSigned(mail, "example.org")]),
    /several in-reply-to/,
  ],
  [
    "a domain that only ends alike",
    () => dkimSigned(from("pat@notexample.org"), "example.org"),
    /no valid DKIM/,
  ],
  ["text below what is signed", async () => partlySigned(), /part of the text/],
  [
    "two From",
    async () => Buffer.concat([Buffer.from("From: eve@x\r\n"), await dkimSigned(mail, "example.org")]),
    /exactly one From/,
  ],
  [
    "forged results of another server",
    () =>
      Buffer.concat([
        Buffer.from("Authentication-Results: mx.example.org; dkim=pass header.d=example.org\r\n"),
        mail,
      ]),
    /no valid DKIM/,
  ],
  [
    "a seal of somebody",
    () => arcSealed(mail, "eve.example.com", "dkim=pass header.d=example.org"),
    /no valid/,
  ],
  [
    "a trusted seal that saw another domain's signature",
    () => arcSealed(mail, "lists.example.net", "dkim=pass header.d=example.com"),
    /no valid/,
  ],
  [
    "a trusted seal that saw a broken signature",
    () => arcSealed(mail, "lists.example.net", "dkim=fail header.d=example.org"),
    /no valid/,
  ],
];
for (const [name, make, reason] of refused) {
  test(`not verified: ${name}`, async () => {
    const result = await check(await make());
    assert.ok(!result.verified);
    assert.match(result.reason, reason);
  });
}

/** A signature over the text's first bytes only, with more text below. */
async function partlySigned(): Promise<Buffer> {
  const signed = await dkimSigned(mail, "example.org", { maxBodyLength: 5 });
  assert.match(signed.toString("latin1"), /\bl=5\b/);
  return signed;
}

test("a seal of a trusted domain that saw the From's own signature", async () => {
  const sealed = await arcSealed(mail, "lists.example.net", "dkim=pass header.d=example.org");
  const result = await check(sealed);
  assert.equal(result.verified && result.by, "ARC of lists.example.net");
  assert.equal((await check(changed(sealed, "approve", "ignore"))).verified, false);
});

test("a DNS that does not answer verifies nobody", async () => {
  const resolver = () => Promise.reject(Object.assign(new Error("timeout"), { code: "ETIMEOUT" }));
  const result = await check(await dkimSigned(mail, "example.org"), { resolver });
  assert.ok(!result.verified && result.temporary);
});

const ages: [string, string | null, string | null][] = [
  ["of the minute", "2026-01-02T03:04:05Z", null],
  ["six days old", "2025-12-27T03:04:05Z", null],
  ["by a clock that is hours ahead", "2026-01-02T12:00:00Z", null],
  ["eight days old", "2025-12-25T03:04:05Z", "its date is not of these days"],
  ["of next week", "2026-01-09T03:04:05Z", "its date is not of these days"],
  ["without a date", null, "it has no date"],
];
for (const [name, date, reason] of ages) {
  test(`a signed mail ${name}`, () =>
    assert.equal(staleness({ date }, Date.parse("2026-01-02T03:04:05Z")), reason));
}
