import { test } from "node:test";
import assert from "node:assert/strict";
import { type MailKind, classify } from "../../src/mail/classify.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../mails.ts";
import { DIFF } from "./drafts.ts";

const CASES: [string, MailKind, string, string?, string[]?][] = [
  ["a patch", "patch", "[PATCH] x"],
  ["a cover, even with a diff in it", "cover", "[PATCH 0/2] x"],
  ["a reply that quotes", "reply", "Re: [PATCH] x", DIFF.replace(/^/gm, "> ")],
  ["a reply with a diff of its own", "reply", "Re: [PATCH] x"],
  ["a tag without a diff", "other", "[PATCH] x", "words"],
  ["a diff without a tag", "other", "how about this"],
  ["only a quoted diff", "other", "[PATCH] x", DIFF.replace(/^/gm, "> ")],
  ["a stable copy", "stable-copy", "[PATCH 6.1 012/345] x"],
  ["a stable copy by its header", "stable-copy", "[PATCH] x", DIFF, ["X-stable: review"]],
  ["it failed to apply", "stable-notice", 'FAILED: patch "[PATCH] x" failed to apply to 6.1-stable tree'],
  ["it was added", "stable-notice", 'Patch "x" has been added to the 6.1-stable tree'],
  ["a request to pull", "pull-request", "[GIT PULL] KVM fixes", "words"],
  [
    "a request by its text",
    "pull-request",
    "KVM fixes",
    "The following changes since commit 0123456789ab:\n",
  ],
  ["a part of a pull request", "pull-request", "[PULL 3/4] x"],
  ["a robot's patch", "robot", "[PATCH] x", DIFF, ["From: kernel test robot <LKP@intel.com>"]],
  ["syzbot", "robot", "[PATCH] x", DIFF, ["From: syzbot <syzbot+ab12@syzkaller.appspotmail.com>"]],
  ["a robot named by the operator", "robot", "[PATCH] x", DIFF, ["From: ci@x.org"]],
  ["the bot itself", "own", "[PATCH] x", DIFF, ["From: Bot@x.org"]],
  ["a holiday notice", "auto-generated", "Out of office", "words", ["Auto-Submitted: auto-replied"]],
  ["said to be no robot", "patch", "[PATCH] x", DIFF, ["Auto-Submitted: no"]],
  ["list mail is bulk", "patch", "[PATCH] x", DIFF, ["Precedence: bulk", "List-Id: <kvm.vger.kernel.org>"]],
  ["a bounce", "bounce", "failure", "words", ["Return-Path: <>"]],
  ["a delivery report", "bounce", "failure", "words", ["Content-Type: multipart/report; boundary=x"]],
];

for (const [name, kind, subject, body = DIFF, headers = []] of CASES) {
  test(`kind: ${name}`, () => {
    const from = headers.some((header) => header.startsWith("From:")) ? [] : ["From: A <a@x.org>"];
    const lines = [...from, "Message-ID: <1@x.org>", `Subject: ${subject}`, ...headers, "", body];
    const found = classify(parseMessage(Buffer.from(lines.join("\n"))), {
      robots: ["CI@x.org"],
      own: ["bot@x.org"],
    });
    assert.equal(found.kind, kind, found.reason);
    assert.match(found.reason, /\w+ \w+/);
  });
}

test("a file with a diff and no header is a patch", () => {
  assert.equal(classify(parseMessage(Buffer.from(DIFF))).kind, "patch");
});

test(
  "of all the robots' mails only those of a person's address are no robot's",
  { skip: withoutMails },
  async () => {
    const people = new Set<string>();
    for await (const { bytes } of readMessages(mailsPath("bots.mboxrd.gz"))) {
      const message = parseMessage(bytes);
      if (classify(message).kind !== "robot") people.add(message.from?.address ?? "");
    }
    assert.deepEqual([...people], ["rong.a.chen@intel.com"]);
  },
);
