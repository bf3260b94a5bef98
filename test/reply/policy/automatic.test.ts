import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessage } from "../../../src/mail/message.ts";
import { automaticReason, isKnownBot } from "../../../src/reply/policy/automatic.ts";
import { readMessages } from "../../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../../mails.ts";

const identity = { own: ["avicbot@bots.example.net"], bots: ["ci@example.org"] };

function reasonOf(headers: string, eol = "\n"): string | null {
  const mail = `${headers}\nSubject: ${/^subject:/im.test(headers) ? "second" : "[PATCH] x"}\n\ntext\n`;
  return automaticReason(parseMessage(Buffer.from(mail.replaceAll("\n", eol))), identity);
}

const PERSON = "From: Jane <jane@example.com>\nMessage-ID: <1@example.com>";

const people: [string, string][] = [
  ["a plain mail", PERSON],
  [
    "a mail that came by a list",
    `${PERSON}\nPrecedence: bulk\nList-Id: <kvm.vger.kernel.org>\nX-Mailing-List: kvm@vger.kernel.org\nReturn-Path: <kvm+bounces-1@vger.kernel.org>`,
  ],
  ["Auto-Submitted: no", `${PERSON}\nAuto-Submitted: no`],
  ["a subject about automatic things", `${PERSON}\nSubject: Autoreply of the APIC: a proposal`],
  ["a name with bot in it", "From: Alex <alex@shazbot.org>\nMessage-ID: <2@shazbot.org>"],
];
for (const [name, headers] of people) {
  test(`a person's: ${name}`, () => {
    assert.equal(reasonOf(headers), null);
    assert.equal(reasonOf(headers, "\r\n"), null);
  });
}

const machines: [string, string, RegExp][] = [
  ["auto-replied", `${PERSON}\nAuto-Submitted: auto-replied (vacation)`, /Auto-Submitted: auto-replied/],
  ["auto-generated", `${PERSON}\nAuto-Submitted: auto-generated`, /Auto-Submitted/],
  ["an empty Return-Path", `${PERSON}\nReturn-Path: <>`, /empty envelope sender/],
  [
    "a delivery report",
    `${PERSON}\nContent-Type: multipart/report; report-type=delivery-status; boundary=b`,
    /report/,
  ],
  ["X-Autoreply", `${PERSON}\nX-Autoreply: yes`, /x-autoreply/],
  ["X-Failed-Recipients", `${PERSON}\nX-Failed-Recipients: a@b`, /x-failed-recipients/],
  ["an out-of-office subject", `${PERSON}\nSubject: Out of office: Re: [PATCH] KVM`, /automatic answer/],
  ["a failure notice", "From: MAILER-DAEMON@example.com\nMessage-ID: <3@x>", /bot/],
  ["its own address", "From: Bot <Avicbot@bots.example.net>\nMessage-ID: <4@x>", /avicbot itself/],
  ["its own Sender", `${PERSON}\nSender: avicbot@bots.example.net`, /avicbot itself/],
  ["its own id under another From", "From: J <j@x>\nMessage-ID: <avicbot.0123456789abcdef@y>", /itself/],
  ["its own loop header", `${PERSON}\nX-Avicbot-Loop: avicbot@bots.example.net`, /itself/],
  ["a configured bot", "From: ci@example.org\nMessage-ID: <5@x>", /bot/],
  ["a known bot", "From: kernel test robot <lkp@intel.com>\nMessage-ID: <6@x>", /bot/],
  ["a bot with a tagged address", "From: syzbot+abc@syzkaller.appspotmail.com\nMessage-ID: <7@x>", /bot/],
];
for (const [name, headers, reason] of machines) {
  test(`a machine's: ${name}`, () => {
    assert.match(reasonOf(headers) ?? "", reason);
    assert.match(reasonOf(headers, "\r\n") ?? "", reason);
  });
}

test("known bots are known whatever the case", () => {
  assert.ok(isKnownBot("Patchwork-Bot+netdevbpf@kernel.org"));
  assert.ok(isKnownBot("x@y", ["x@y"]));
  assert.ok(!isKnownBot("robert@example.org"));
});

test("of the bots' real mails nearly all are known as such", { skip: withoutMails }, async () => {
  let all = 0;
  const unknown = new Set<string>();
  for await (const { bytes } of readMessages(mailsPath("bots.mboxrd.gz"))) {
    const mail = parseMessage(bytes);
    all += 1;
    if (automaticReason(mail, identity) === null) unknown.add(mail.from?.address ?? "");
  }
  assert.ok(all > 3000);
  // People at the robot's site who forwarded its reports under their own names.
  assert.ok(unknown.size <= 5, [...unknown].join(" "));
});
