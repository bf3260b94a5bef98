/** Foreign torture mails and grown hostile ones: everything becomes a message, and twice the size takes about twice the time. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { parseAddresses } from "../../src/mail/addresses.ts";
import { readAnnotations } from "../../src/mail/annotations.ts";
import { classify } from "../../src/mail/classify.ts";
import { decodeHeaderText } from "../../src/mail/encoded-words.ts";
import { parseIds, parseMessageId } from "../../src/mail/ids.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { parseParameterised } from "../../src/mail/parameters.ts";
import { parseSubject } from "../../src/mail/subject.ts";
import { mailsPath, withoutMails } from "../mails.ts";

const FOLDERS = [
  "python-email",
  "mailparser",
  "mail-parser-rs",
  "gmime",
  "public-inbox",
  "notmuch",
  "patchwork",
];

test("every foreign mail is a message without controls in what is shown", { skip: withoutMails }, () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  let seen = 0;
  for (const folder of FOLDERS) {
    for (const name of readdirSync(mailsPath(folder), { recursive: true, encoding: "utf8" })) {
      const path = mailsPath(folder, name);
      if (!statSync(path).isFile()) continue;
      const message = parseMessage(readFileSync(path));
      seen++;
      const shown = [
        message.subject,
        message.from?.name ?? "",
        ...message.to.map((to) => to.name + to.address),
      ];
      for (const text of shown) assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f]/, path);
      assert.doesNotMatch(message.text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/, path);
      for (const address of [message.from, ...message.to, ...message.cc])
        assert.match(address?.address ?? "a@b", /^[^\s<>,;]+@[^\s<>,;]+$/, path);
      assert.equal(classify(message).reason.length > 0, true);
    }
  }
  assert.ok(seen > 500, `${seen} files`);
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
});

const READERS: [string, (text: string) => unknown][] = [
  ["addresses", (text) => parseAddresses(text, 1e9)],
  ["ids", parseIds],
  ["message id", parseMessageId],
  ["encoded words", decodeHeaderText],
  ["parameters", (text) => parseParameterised(`text/plain;${text}`)],
  ["subject", parseSubject],
  ["bracketed subject", (text) => parseSubject(`[${text}`)],
  ["annotations", readAnnotations],
  ["text", (text) => parseMessage(Buffer.from(`From: a@b\n\n${text}`)).text],
  ["classification", (text) => classify(parseMessage(Buffer.from(`From: a@b\nSubject: ${text}\n\n${text}`)))],
  [
    "quoted-printable",
    (text) => parseMessage(Buffer.from(`Content-Transfer-Encoding: quoted-printable\n\n${text}`)).text,
  ],
  ["base64", (text) => parseMessage(Buffer.from(`Content-Transfer-Encoding: base64\n\n${text}`)).text],
  ["parts", (text) => parseMessage(Buffer.from(`Content-Type: multipart/mixed; boundary=B\n\n${text}`)).text],
  ["header", (text) => parseMessage(Buffer.from(`${text}\n\nx`)).text],
];

const PIECES = [
  ..."<>()[]\",;:=@? \t\n\r\\-+*'%a0",
  ...[
    "=?",
    "?=",
    "=?u?q?",
    "=?u?q?a?= ",
    "Re: ",
    "[PATCH",
    "] [",
    "a@b,",
    "g:",
    "a=b;",
    "a*0=b;",
    "=\n",
    "=4",
    "\r\n",
  ],
  ...[
    "--B",
    "\n--B",
    "\n--B\n",
    "--- a\n",
    "--- a\n+++ b\n",
    "@@",
    "\n ",
    "X: y\n",
    "From ",
    "base-commit: ",
    "YQ==",
    " via ",
  ],
];

/** Milliseconds of processor time, the better of two. */
function cost(run: () => unknown): number {
  const once = () => {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  return Math.min(once(), once());
}

for (const [name, read] of READERS) {
  test(`linear: ${name}`, () => {
    for (const piece of PIECES) {
      const small = piece.repeat(Math.ceil(8_000 / piece.length));
      // Eight times the size: a quadratic reader needs 64 times as long, which noise does not.
      const [one, eight] = [cost(() => read(small)), cost(() => read(small.repeat(8)))];
      assert.ok(eight < 25 * Math.max(one, 2), `${JSON.stringify(piece)}: ${one} ms, then ${eight} ms`);
    }
  });
}
