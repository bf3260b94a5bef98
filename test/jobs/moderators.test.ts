import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { simpleParser } from "mailparser";
import { editRecipients, type RecipientEdit } from "../../src/queue/reply/recipients.ts";
import { moveReply } from "../../src/queue/reply/move.ts";
import { isIntact } from "../../src/reply/outbox/record.ts";
import { findTrace } from "../../src/queue/trace.ts";
import { listReplies } from "../../src/store/replies.ts";
import { noRedis } from "../store/test-redis.ts";
import { dkimSigned } from "../support/signed-mail.ts";
import { CRITICAL, letterTo, useStages, type Stage } from "./stage.ts";

const PAT = "pat@example.org";
const MODERATORS = "moderators@example.net";

describe("moderators", { skip: noRedis }, () => {
  const stages = useStages();
  let stage: Stage;
  const start = async (settings: Parameters<typeof stages.start>[0] = {}) =>
    void (stage = await stages.start({ mail: { moderators: MODERATORS }, ...settings }));
  const taken = () => stages.servers.smtp.taken;

  test("a held reply is told with its whole text and how to approve it, once", async () => {
    await start();
    const { record } = await stage.reviewed(1);
    await stage.send();
    await stage.send();
    assert.equal(taken().length, 1);
    assert.deepEqual(taken()[0]?.recipients, [MODERATORS]);
    const mail = await simpleParser(taken()[0]?.bytes ?? "");
    assert.equal(mail.subject, "[avicbot] held: v1 KVM: SVM: Change the timer");
    assert.equal(mail.inReplyTo, undefined);
    const text = mail.text ?? "";
    assert.ok(text.includes(`\n  #avicbot approve ${record?.messageId}\n`));
    assert.match(text, /mode hold: a person decides/);
    const body = Buffer.from(record?.mail ?? "", "latin1")
      .toString("utf8")
      .replaceAll("\r\n", "\n")
      .trim();
    assert.ok(text.trim().endsWith(body), "the mail as it would go out");
  });

  test("the line of the notice approves the reply, in a mail of its own", async () => {
    await start();
    const { record } = await stage.reviewed(1);
    const letter = letterTo(9, `#avicbot approve ${record?.messageId}`, { from: PAT, subject: "ok" });
    await stage.take(await dkimSigned(letter, "example.org"));
    await stage.obey();
    assert.equal((await stage.replyOf(1))?.state, "intent");
  });

  test("an answer to the notice approves the reply", async () => {
    await start();
    await stage.reviewed(1);
    await stage.send();
    const notice = (await listReplies(stages.servers.server.db)).find(({ kind }) => kind === "notice");
    const letter = letterTo(1, "#avicbot approve", { from: PAT, inReplyTo: notice?.messageId ?? "" });
    await stage.take(await dkimSigned(letter, "example.org"));
    await stage.obey();
    await stage.send();
    assert.equal((await stage.replyOf(1))?.state, "sent");
  });

  test("a critical finding: the moderators alone are told, and it cannot be approved", async () => {
    await start({ mode: "auto" });
    await stage.reviewed(1, CRITICAL);
    await stage.send();
    assert.deepEqual(
      taken().map(({ recipients }) => recipients),
      [[MODERATORS]],
    );
    const { text = "", subject } = await simpleParser(taken()[0]?.bytes ?? "");
    assert.equal(subject, "[avicbot] critical: v1 KVM: SVM: Change the timer");
    assert.match(text, /the guest reaches the host/);
    assert.doesNotMatch(text, /avicbot approve/);
    const moved = await moveReply(stage.harness.service.context, "v1@example.org", {
      move: "approve",
      by: "pat",
    });
    assert.equal(moved.ok, false);
  });

  test("a reply that is held later, because nobody knows whether it is out, is told as well", async () => {
    await start({ mode: "auto" });
    await stage.reviewed(1);
    stages.servers.smtp.faults.push({ final: "close" });
    await stage.send();
    await stage.send();
    assert.equal((await stage.replyOf(1))?.state, "held");
    await stage.send();
    const notice = taken().find(({ recipients }) => recipients.includes(MODERATORS));
    assert.match(notice?.bytes.toString() ?? "", /unknown outcome/);
  });

  test("of a flood only as many as replies a day are told; critical ones always", async () => {
    await start({ limits: { repliesPerDay: 2 } });
    for (const version of [1, 2, 3]) await stage.reviewed(version);
    await stage.reviewed(4, CRITICAL);
    const told = (await listReplies(stages.servers.server.db)).filter(({ kind }) => kind === "notice");
    assert.equal(told.length, 3);
  });

  const edit = (edits: RecipientEdit[]) =>
    editRecipients(stage.harness.service.context, "v1@example.org", { edits, by: "pat" });
  const remove = (address: string): RecipientEdit => ({ address, replacement: null });

  test("a recipient of a held reply is left out, another replaced: header, envelope and limits", async () => {
    await start();
    const { record } = await stage.reviewed(1);
    const instead = { address: "Ann@example.org", replacement: "ann.author@example.com" };
    assert.ok((await edit([remove("kvm@vger.kernel.org"), instead])).ok);
    const edited = await stage.replyOf(1);
    assert.ok(edited !== undefined && isIntact(edited));
    assert.equal(edited.messageId, record?.messageId);
    assert.deepEqual([edited.recipients, edited.lists], [["ann.author@example.com"], []]);
    const kept = (mail = "") => mail.replace(/^(?:To|Cc): .*\r\n/gm, "");
    assert.equal(kept(edited.mail), kept(record?.mail));
    const { context: service } = stage.harness.service;
    assert.ok((await moveReply(service, "v1@example.org", { move: "approve", by: "pat" })).ok);
    await stage.send();
    const sent = taken().find(({ recipients }) => recipients.includes("ann.author@example.com"));
    const mail = await simpleParser(sent?.bytes ?? "");
    assert.deepEqual(
      [mail.to, mail.cc].flat().map((one) => one?.text),
      ["ann.author@example.com", undefined],
    );
    const steps = (await findTrace(stages.servers.server.db, "v1@example.org"))?.steps ?? [];
    assert.ok(
      steps.some(({ rule, text }) => rule === "recipients" && /kvm@vger\.kernel\.org left out/.test(text)),
    );
  });

  const refused: [string, RecipientEdit[], RegExp][] = [
    ["nobody would be left", ["ann@example.org", "kvm@vger.kernel.org"].map(remove), /nobody would be left/],
    ["not a recipient", [remove("other@example.org")], /is no recipient/],
    [
      "no address",
      [{ address: "ann@example.org", replacement: "a@b\r\nBcc: c@d" }],
      /no address that can be written to/,
    ],
    ["a bot", [{ address: "ann@example.org", replacement: "lkp@intel.com" }], /a bot's/],
    [
      "a list it did not come by",
      [{ address: "ann@example.org", replacement: "linux-kernel@vger.kernel.org" }],
      /did not come by/,
    ],
  ];
  for (const [name, edits, reason] of refused) {
    test(`recipients stay as they are: ${name}`, async () => {
      await start();
      const { record } = await stage.reviewed(1);
      const edited = await edit(edits);
      assert.ok(!edited.ok);
      assert.match(edited.reason, reason);
      assert.deepEqual(await stage.replyOf(1), record);
    });
  }

  test("a reply that may be out already keeps its bytes", async () => {
    await start({ mode: "auto" });
    await stage.reviewed(1);
    stages.servers.smtp.faults.push({ final: "close" });
    await stage.send();
    await stage.send();
    const edited = await edit([remove("kvm@vger.kernel.org")]);
    assert.ok(!edited.ok && /may be out already/.test(edited.reason));
  });

  const report = (about: string, id = "report-1@mx.example.org") =>
    [
      "Return-Path: <>",
      "From: MAILER-DAEMON@mx.example.org",
      "To: avicbot@bots.example.net",
      `Message-ID: <${id}>`,
      "Subject: Undelivered Mail Returned to Sender",
      "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
      "",
      "--b",
      "",
      "This is the mail system. #avicbot query",
      "#avicbot query",
      "--b",
      "Content-Type: message/delivery-status",
      "",
      "Reporting-MTA: dns; mx.example.org",
      "",
      "Final-Recipient: rfc822; ann@example.org",
      "Action: failed",
      "Status: 5.1.1",
      "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>:",
      "    User unknown",
      "--b",
      "Content-Type: message/rfc822",
      "",
      `Message-ID: <${about}>`,
      "Subject: Re: x",
      "",
      "text",
      "--b--",
      "",
    ].join("\r\n");

  test("a bounce shows at the reply and its series, counts once, and nobody answers it", async () => {
    await start({ mode: "auto" });
    const { record } = await stage.reviewed(1);
    await stage.send();
    const bounce = Buffer.from(report(record?.messageId ?? ""));
    await stage.take(bounce);
    await stage.take(bounce, "another way");
    await stage.take(Buffer.from(report("unknown@example.org", "report-2@x")));
    assert.deepEqual(await stage.obey(), []);
    assert.equal((await stage.send()).length, 0);
    const said = "ann@example.org failed: 5.1.1 550 5.1.1 <ann@example.org>: User unknown";
    assert.deepEqual(
      (await stage.replyOf(1))?.bounces.map(({ by, text }) => [by, text]),
      [["report-1@mx.example.org", said]],
    );
    const steps = (await findTrace(stages.servers.server.db, "v1@example.org"))?.steps ?? [];
    assert.equal(steps.filter(({ rule }) => rule === "bounced").length, 1);
  });
});
