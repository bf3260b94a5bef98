import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { deliver } from "../../../src/reply/outbox/deliver.ts";
import { imapLedger } from "../../../src/reply/outbox/imap-ledger.ts";
import { joinLedgers } from "../../../src/reply/outbox/ledgers.ts";
import type { Ledger, LedgerAnswer } from "../../../src/reply/outbox/ports.ts";
import { noDovecot, startDovecot, type Dovecot } from "../../sources/dovecot.ts";
import { startScriptedSmtp, type Fault, type ScriptedSmtp } from "../../support/smtp.ts";
import { makeWorld, sampleRecord } from "./world.ts";

const MINUTE = 60_000;
const FROM = "avicbot@bots.example.net";

describe("a list's mailbox as the ledger", { skip: noDovecot }, () => {
  let dovecot: Dovecot;
  let smtp: ScriptedSmtp;
  let ledger: Ledger;
  let count = 0;
  before(async () => {
    dovecot = await startDovecot();
    smtp = await startScriptedSmtp(({ bytes }) => void dovecot.deliver(bytes.toString("latin1")));
    ledger = imapLedger({ url: dovecot.url, folders: ["INBOX"] });
  });
  after(async () => {
    await ledger.close();
    await smtp.stop();
    await dovecot.stop();
  });

  const question = (messageId: string, answered: string[] = []) => ({
    messageId,
    answered,
    from: FROM,
    since: 0,
  });
  const mailOf = (messageId: string, inReplyTo = "patch@example.com") =>
    Buffer.from(
      `From: avicbot <${FROM}>\r\nMessage-ID: <${messageId}>\r\nIn-Reply-To: <${inReplyTo}>\r\nSubject: Re: x\r\n\r\ntable\r\n`,
    );

  function freshWorld(unknown: "hold" | "resend" = "hold") {
    count += 1;
    const messageId = `avicbot.${count}@bots.example.net`;
    const answered = [`patch-${count}@example.com`];
    const bytes = mailOf(messageId, answered[0]);
    const world = makeWorld(smtp.url, {
      record: sampleRecord({ messageId, answered, bytes, sender: FROM }),
      unknown,
    });
    return { ...world, ledger, messageId, world: Object.assign(world, { ledger }) };
  }

  async function copies(messageId: string): Promise<number> {
    return smtp.taken.filter(({ bytes }) => bytes.includes(messageId)).length;
  }

  test("a mail is found as soon as it is there, by its id or as another answer to the same patch", async () => {
    assert.deepEqual(await ledger.find(question("avicbot.a@bots.example.net")), { kind: "absent" });
    dovecot.deliver(mailOf("avicbot.a@bots.example.net", "patch-a@example.com").toString("latin1"));
    const answers = [
      await ledger.find(question("avicbot.a@bots.example.net")),
      await ledger.find(question("avicbot.b@bots.example.net", ["patch-a@example.com"])),
      await ledger.find(question("avicbot.b@bots.example.net", ["patch-b@example.com"])),
      await ledger.find({ ...question("avicbot.b@bots.example.net", ["patch-a@example.com"]), from: "a@b" }),
    ];
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["found", "found", "absent", "absent"],
    );
  });

  const faults: [string, Fault][] = [
    ["no fault", {}],
    ["refused for now", { mail: [451, "later"] }],
    ["gone before the mail", { rcpt: "close" }],
    ["gone after the dot", { final: "close" }],
    ["silent after the dot", { final: "silence" }],
    ["gone after its answer", { final: "answer-and-close" }],
  ];
  for (const [name, fault] of faults) {
    test(`${name}: exactly one mail in the list's mailbox at the end`, async () => {
      const { world, messageId } = freshWorld();
      smtp.faults.push(fault);
      for (world.time = 0; world.time < 10 * MINUTE; world.time += MINUTE) await deliver("k1", world);
      assert.ok(["sent", "echoed"].includes(world.record.state), world.record.state);
      assert.equal(await copies(messageId), 1);
      assert.equal((await ledger.find(question(messageId))).kind, "found");
    });
  }

  test("gone in the mail, where it may be sent again: exactly one, of the very same bytes", async () => {
    const { world, messageId } = freshWorld("resend");
    smtp.faults.push({ inData: "close" });
    for (world.time = 0; world.time < 70 * MINUTE; world.time += MINUTE) await deliver("k1", world);
    assert.equal(world.record.state, "sent");
    assert.equal(await copies(messageId), 1);
    assert.equal(smtp.taken.at(-1)?.bytes.toString("latin1"), world.record.mail);
  });

  test("refused for good: none there, and its record says what the server said", async () => {
    const { world, messageId } = freshWorld();
    smtp.faults.push({ final: [554, "no tables here"] });
    for (world.time = 0; world.time < 10 * MINUTE; world.time += MINUTE) await deliver("k1", world);
    assert.equal(world.record.state, "refused");
    assert.match(world.record.reason ?? "", /no tables here/);
    assert.equal(await copies(messageId), 0);
  });

  test("gone in the mail: none there, and held with its reason", async () => {
    const { world, messageId } = freshWorld();
    smtp.faults.push({ inData: "close" });
    for (world.time = 0; world.time < 40 * MINUTE; world.time += MINUTE) await deliver("k1", world);
    assert.equal(world.record.state, "held");
    assert.match(world.record.reason ?? "", /not on the list/);
    assert.equal(await copies(messageId), 0);
  });

  test("records made anew after the loss of all: the list's copy is found and nothing is sent", async () => {
    const { world, messageId } = freshWorld();
    await deliver("k1", world);
    const digestOfOtherModel = "avicbot.other@bots.example.net";
    for (const id of [messageId, digestOfOtherModel]) {
      const again = freshWorld();
      again.world.record = { ...world.record, messageId: id, state: "intent", dueAt: 0 };
      await deliver("k1", again.world);
      assert.equal(again.world.record.state, "echoed");
    }
    assert.equal(await copies(messageId), 1);
  });

  test("a server that dies is unavailable, and asked again when it is back", async () => {
    await dovecot.kill();
    assert.equal((await ledger.find(question("x@y"))).kind, "unavailable");
    await dovecot.start();
    assert.equal((await ledger.find(question("x@y"))).kind, "absent");
  });
});

const answers: Record<string, LedgerAnswer> = {
  found: { kind: "found", where: "here" },
  absent: { kind: "absent" },
  unavailable: { kind: "unavailable", text: "away" },
};
const joined: [string[], LedgerAnswer["kind"]][] = [
  [[], "blind"],
  [["absent"], "absent"],
  [["absent", "found"], "found"],
  [["unavailable", "found"], "found"],
  [["absent", "unavailable"], "unavailable"],
];
for (const [names, kind] of joined) {
  test(`ledgers that say [${names.join(", ")}] say ${kind}`, async () => {
    const ledgers = names.map((name) => ({
      find: () => Promise.resolve(answers[name] as LedgerAnswer),
      close: () => Promise.resolve(),
    }));
    const question = { messageId: "a@b", answered: [], from: FROM, since: 0 };
    assert.equal((await joinLedgers(ledgers).find(question)).kind, kind);
  });
}
