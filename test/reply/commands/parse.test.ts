import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessage } from "../../../src/mail/message.ts";
import { mayHoldCommands, parseCommands, type Command } from "../../../src/reply/commands/parse.ts";
import { automaticReason } from "../../../src/reply/policy/automatic.ts";
import { readMessages } from "../../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../../mails.ts";

const cases: [string, string, Command[]][] = [
  ["a query of its thread", "Hello,\n\n#avicbot query\n", [{ verb: "query", target: null }]],
  ["a query by id", "#avicbot query <a@b>", [{ verb: "query", target: "<a@b>" }]],
  [
    "a query by link",
    "#avicbot query https://lore.kernel.org/kvm/a@b/",
    [{ verb: "query", target: "https://lore.kernel.org/kvm/a@b/" }],
  ],
  ["approve", "#avicbot approve", [{ verb: "approve", target: null }]],
  ["approve by id", "#avicbot approve <a@b>.", [{ verb: "approve", target: "<a@b>" }]],
  ["a word that is no id", "#avicbot approve it", [{ verb: "unknown" }]],
  ["capitals and blanks", "#AvicBot \t Approve  ", [{ verb: "approve", target: null }]],
  ["a full stop", "#avicbot hold.", [{ verb: "hold", target: null }]],
  [
    "mute and unmute",
    "#avicbot mute thread\n#avicbot mute me\n#avicbot unmute\n#avicbot unmute thread",
    [
      { verb: "mute", what: "thread" },
      { verb: "mute", what: "me" },
      { verb: "unmute", what: "all" },
      { verb: "unmute", what: "thread" },
    ],
  ],
  ["twice the same", "#avicbot help\n#avicbot help", [{ verb: "help" }]],
  ["no verb", "#avicbot", [{ verb: "unknown" }]],
  ["a verb nobody knows", "#avicbot dance now", [{ verb: "unknown" }]],
  ["too many words", "#avicbot approve it please", [{ verb: "unknown" }]],
  ["mute what?", "#avicbot mute", [{ verb: "unknown" }]],
  ["below a quote", "> text\n>> #avicbot hold\n\n#avicbot ignore", [{ verb: "ignore", target: null }]],
  ["quoted", "> #avicbot approve\n>#avicbot approve\n| #avicbot approve", []],
  ["inside a line", 'reply with a line "#avicbot mute thread" or\n"#avicbot mute me".', []],
  ["indented", "  #avicbot approve\n\t#avicbot approve", []],
  ["another word", "#avicbots approve\n#avicbot-approve", []],
  ["fenced", "```\n#avicbot approve\n```\n", []],
  ["in the signature", "Thanks\n-- \n#avicbot approve", []],
  ["in the signature without its blank", "Thanks\n--\n#avicbot approve", []],
  ["in a patch", "diff --git a/x b/x\n#avicbot approve", []],
  ["in a hunk", "@@ -1 +1 @@\n#avicbot approve", []],
  ["in a forwarded mail", "-----Original Message-----\n#avicbot approve", []],
  ["below pasted headers", "From: Pat <pat@example.org>\n#avicbot approve", []],
];
for (const [name, text, expected] of cases) {
  test(name, () => {
    assert.deepEqual(parseCommands(text), expected);
    if (expected.length > 0) assert.ok(mayHoldCommands(text));
    assert.deepEqual(parseCommands(text.replaceAll("\n", "\r\n")), expected);
  });
}

test("at most five commands of a mail count", () => {
  const text = Array.from({ length: 50 }, (_, at) => `#avicbot query ${at}@x`).join("\n");
  assert.equal(parseCommands(text).length, 5);
});

test("the bots' real mails hold no command", { skip: withoutMails }, async () => {
  const identity = { own: [], bots: [] };
  for await (const { bytes } of readMessages(mailsPath("bots.mboxrd.gz"))) {
    const mail = parseMessage(bytes);
    if (automaticReason(mail, identity) === null) assert.deepEqual(parseCommands(mail.text), []);
  }
});
