import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseMessage } from "../../src/mail/message.ts";
import { readDeliveryReport } from "../../src/mail/reports.ts";
import { mailsPath, withoutMails } from "../mails.ts";

function read(text: string) {
  return readDeliveryReport(parseMessage(Buffer.from(text, "latin1")));
}

const HEAD = "From: MAILER-DAEMON@mx\nMessage-ID: <r@mx>\nContent-Type: multipart/report; boundary=b\n\n";
const part = (type: string, text: string) => `--b\nContent-Type: ${type}\n\n${text}\n`;
const STATUS = part(
  "message/delivery-status",
  "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; a@x\nAction: failed\nStatus: 5.1.1\n" +
    "Diagnostic-Code: smtp; 550 no\n such user\n\n" +
    "Original-Recipient: rfc822;b@x\nAction: Delayed\nStatus: 4.4.1",
);

const FAILURES = [
  { address: "a@x", action: "failed", text: "5.1.1 550 no such user" },
  { address: "b@x", action: "delayed", text: "4.4.1" },
];

const cases: [string, string, ReturnType<typeof read>][] = [
  [
    "with the whole mail",
    `${HEAD}${part("text/plain", "Sorry.")}${STATUS}${part("message/rfc822", "Message-ID: <o@x>\n\ntext")}--b--\n`,
    { about: ["o@x"], failures: FAILURES },
  ],
  [
    "with the mail's header only",
    `${HEAD}${STATUS}${part("text/rfc822-headers", "Subject: x\nMessage-Id: <o@x>")}--b--\n`,
    { about: ["o@x"], failures: FAILURES },
  ],
  [
    "that names the mail in its own header",
    "From: postmaster@mx\nIn-Reply-To: <o@x>\nReferences: <p@x> <o@x>\n\nNo such user.\n",
    { about: ["o@x", "p@x"], failures: [] },
  ],
  [
    "cut off within the recipients",
    `${HEAD}${STATUS.slice(0, STATUS.indexOf("Status: 5.1.1"))}`,
    { about: [], failures: [{ address: "a@x", action: "failed", text: "" }] },
  ],
  ["of nothing: a plain mail", "From: a@x\nMessage-ID: <m@x>\n\ntext\n", null],
];
for (const [name, text, expected] of cases) {
  test(`a delivery report ${name}`, () => {
    assert.deepEqual(read(text), expected);
    assert.deepEqual(read(text.replaceAll("\n", "\r\n")), expected);
  });
}

test("a report that says more than anybody reads is cut", () => {
  const groups = "\nFinal-Recipient: rfc822; a@x\n".repeat(5000);
  const report = read(
    `${HEAD}${part("message/delivery-status", `Reporting-MTA: dns; mx\n${groups}`)}--b--\n`,
  );
  assert.equal(report?.failures.length, 50);
  const long = read(`${HEAD}${part("message/delivery-status", `Final-Recipient: ${"x".repeat(1e6)}`)}--b--`);
  assert.ok((long?.failures[0]?.address.length ?? 0) <= 254);
});

const real: [string, string, string, RegExp][] = [
  ["mailparser/delivery-status.eml", "xxxxx@email.amazonses.com", "xxxx@xxxx.com", /^5\.1\.1 Amazon SES/],
  [
    "python-email/msg_16.txt",
    "002001c144a6$8752e060$56104586@oxy.edu",
    "jangel1@cougar.noc.ucla.edu",
    /^5\.0\.0 \(recipient reached disk quota\)$/,
  ],
  ["python-email/msg_43.txt", "edab.7804f5cb8070@python.org", "xxxxxxx@dot.ca.gov", /^5\.7\.1 550 5\.7\.1 /],
];
for (const [name, about, address, text] of real) {
  test(`a real delivery report: ${name}`, { skip: withoutMails }, () => {
    const report = readDeliveryReport(parseMessage(readFileSync(mailsPath(name))));
    assert.deepEqual(report?.about, [about]);
    assert.equal(report.failures[0]?.address, address);
    assert.match(report.failures[0]?.text ?? "", text);
  });
}
