import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMessage } from "../../src/mail/message.ts";
import { recipientsOf, type RecipientOptions, type RecipientsRule } from "../../src/reply/recipients.ts";

const KVM = "kvm@vger.kernel.org";
const LKML = "linux-kernel@vger.kernel.org";

function options(parts: Partial<RecipientOptions> = {}, kvm: RecipientsRule = "author-and-list") {
  const lists = [
    { address: KVM, recipients: kvm },
    { address: LKML, recipients: "author-only" as const },
  ];
  return { lists, silent: ["avicbot@bots.example.net"], limit: 20, ...parts };
}

const JANE = "From: Jane Doe <jane@example.com>";
const TO = `To: Pat <pat@example.org>, ${KVM}`;
const CC = `Cc: ${LKML}, avicbot@bots.example.net`;

/** The header of the patch, and who gets the reply: To, then Cc. */
const cases: [string, string[], ReturnType<typeof options>, string[], string[]][] = [
  ["the author, and the list in copy", [JANE, TO, CC], options(), ["jane@example.com"], [KVM]],
  ["no list that it did not come by", [JANE, "To: pat@example.org"], options(), ["jane@example.com"], []],
  [
    "a list that only its List-Id names",
    [JANE, "To: pat@example.org", "List-Id: KVM <kvm.vger.kernel.org>"],
    options(),
    ["jane@example.com"],
    [KVM],
  ],
  [
    "a list that another source brought it by",
    [JANE, "To: pat@example.org"],
    options({ came: ["kvm.vger.kernel.org"] }),
    ["jane@example.com"],
    [KVM],
  ],
  ["a list that wants no copies", [JANE, TO, CC], options({}, "author-only"), ["jane@example.com"], []],
  [
    "Reply-To instead of From",
    [JANE, "Reply-To: Jane <jane@home.example.net>", TO],
    options(),
    ["jane@home.example.net"],
    [KVM],
  ],
  [
    "the person behind a list that rewrote From",
    [`From: Jane Doe via KVM <${KVM}>`, `Reply-To: Jane <jane@example.com>, ${KVM}`, TO],
    options(),
    ["jane@example.com"],
    [KVM],
  ],
  ["a Reply-To of the list alone", [JANE, `Reply-To: ${KVM}`, TO], options(), [KVM], []],
  [
    "Mail-Followup-To without the author",
    [JANE, `Mail-Followup-To: ${KVM}, pat@example.org`, TO],
    options(),
    [KVM],
    [],
  ],
  [
    "Mail-Followup-To without our lists",
    [JANE, "Mail-Followup-To: jane@example.com, other@lists.example.org", TO],
    options(),
    ["jane@example.com"],
    [],
  ],
  [
    "everybody, where the list wants it, but not avicbot itself",
    [JANE, TO, "Cc: Kim <kim@example.org>, avicbot@bots.example.net, PAT@example.org"],
    options({}, "all"),
    ["jane@example.com"],
    [KVM, "pat@example.org", "kim@example.org"],
  ],
  [
    "nobody who opted out",
    [JANE, TO, "Cc: kim@example.org"],
    options({ silent: ["pat@example.org"] }, "all"),
    ["jane@example.com"],
    [KVM, "kim@example.org"],
  ],
  [
    "no more than the cap, the list before others",
    [JANE, `To: ${Array.from({ length: 500 }, (_, at) => `p${at}@example.org`).join(", ")}, ${KVM}`],
    options({ limit: 3 }, "all"),
    ["jane@example.com"],
    [KVM, "p0@example.org"],
  ],
  ["no author, no reply", ["To: kvm@vger.kernel.org"], options(), [], []],
  ["an author that opted out, no reply", [JANE, TO], options({ silent: ["jane@example.com"] }), [], []],
  [
    "an address with CRLF in it is none",
    ["From: jane@example.com", "Reply-To: =?utf-8?q?eve=40example.com=0d=0aBcc:?= <a b@x>", TO],
    options(),
    ["jane@example.com"],
    [KVM],
  ],
];
for (const [name, header, settings, to, cc] of cases) {
  for (const end of ["\n", "\r\n"]) {
    test(`${name}${end === "\n" ? "" : ", CRLF"}`, () => {
      const mail = parseMessage(Buffer.from([...header, "", "text", ""].join(end), "latin1"));
      const found = recipientsOf(mail, settings);
      const addresses = (boxes: readonly { address: string }[]) => boxes.map(({ address }) => address);
      assert.deepEqual([addresses(found.to), addresses(found.cc)], [to, cc]);
    });
  }
}
