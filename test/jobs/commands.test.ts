import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { simpleParser } from "mailparser";
import { processCommand } from "../../jobs/command.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { obeyOrder, TryAgain } from "../../src/queue/commands/process.ts";
import { moveReply } from "../../src/queue/reply/move.ts";
import { commandJobId } from "../../src/queue/queues.ts";
import { countStart } from "../../src/queue/starts.ts";
import { hashOf } from "../../src/store/keys.ts";
import { listMutes } from "../../src/store/mutes.ts";
import { listPendingOrders } from "../../src/store/orders.ts";
import { listReplies } from "../../src/store/replies.ts";
import { stateOf } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import { startDns } from "../support/dns.ts";
import { dkimSigned, testDns, type Letter } from "../support/signed-mail.ts";
import { patchMail } from "./patches.ts";
import { withOtherWrite } from "./reviewed.ts";
import { CRITICAL, letterTo, useStages, type Stage } from "./stage.ts";

const PAT = "pat@example.org";

describe("commands by mail", { skip: noRedis }, () => {
  const stages = useStages();
  let stage: Stage;

  /** A mail is taken in, obeyed, and what is due goes out; returns its id. */
  async function say(mail: Uint8Array, source?: string): Promise<string> {
    await stage.take(mail, source);
    await stage.obey();
    await stage.send();
    return parseMessage(mail).messageId ?? "";
  }

  const signed = (version: number, text: string, more: Partial<Letter> = {}) =>
    dkimSigned(letterTo(version, text, { from: `Pat <${PAT}>`, ...more }), "example.org");

  const taken = () => stages.servers.smtp.taken;
  const textOf = async (at = 0) => (await simpleParser(taken()[at]?.bytes ?? Buffer.of())).text ?? "";

  test("a query: the table goes to the sender alone, in the thread, and nowhere else", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const id = await say(letterTo(1, "Hello,\r\n\r\n#avicbot query"));
    assert.equal(taken().length, 1);
    assert.deepEqual(taken()[0]?.recipients, ["stranger@example.com"]);
    const mail = await simpleParser(taken()[0]?.bytes ?? "");
    assert.equal(mail.inReplyTo, `<${id}>`);
    assert.equal(mail.cc, undefined);
    assert.equal(mail.headers.get("auto-submitted"), "auto-replied");
    assert.match(mail.text ?? "", /^query: v1 of "KVM: SVM: Change the timer" <v1@example\.org>: changed/);
    assert.match(mail.text ?? "", /not\s+posted so far: a person decides/);
    assert.match(mail.text ?? "", /\| 0x811\.\.0x817 \|/);
    const record = (await listReplies(stages.servers.server.db)).find(({ kind }) => kind === "answer");
    assert.equal(taken()[0]?.bytes.toString("latin1"), record?.mail);
    assert.match((await stage.decided(id)).join("\n"), /query passed[^]*answered noted/);
  });

  test("nothing of a hostile mail makes a header or another recipient of the answer", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const from = "=?UTF-8?Q?A=0D=0ACc=3A_v=40example=2Ecom=2C?= <stranger@example.com>";
    const subject = "=?UTF-8?B?eA0KQmNjOiB2QGV4YW1wbGUuY29tDQoNCmJvZHk=?=\u202e";
    await say(letterTo(1, "#avicbot query <a@b>\x00\r\n#avicbot query", { from, subject }));
    assert.deepEqual(taken()[0]?.recipients, ["stranger@example.com"]);
    const mail = await simpleParser(taken()[0]?.bytes ?? "");
    const names = "from to subject date message-id in-reply-to references auto-submitted x-avicbot-loop";
    const mime = "content-type content-transfer-encoding mime-version";
    assert.deepEqual([...mail.headers.keys()].sort(), `${names} ${mime}`.split(" ").sort());
    assert.match(taken()[0]?.bytes.toString("latin1") ?? "", /^Subject: Re: x Bcc: v@example\.com body\r$/m);
  });

  const targets = ["v1@example.org", "<v1@example.org>", "https://lore.kernel.org/kvm/v1@example.org/T/#u"];
  for (const target of targets) {
    test(`a query from another thread by ${target}`, async () => {
      stage = await stages.start();
      await stage.reviewed(1);
      await say(letterTo(7, `#avicbot query ${target}`));
      assert.match(await textOf(), /<v1@example\.org>: changed/);
    });
  }

  test("a query about nothing known is answered, too", async () => {
    stage = await stages.start();
    await say(letterTo(9, "#avicbot query"));
    assert.equal((await textOf()).trim(), "query: not done: no series about AVIC is known in this thread");
  });

  test("a critical finding is told to nobody who asks, not even to a maintainer", async () => {
    stage = await stages.start();
    await stage.reviewed(1, CRITICAL);
    await stage.harness.deliver(patchMail({ id: "v2@example.org", tag: "v2", minute: 2880 }));
    await say(letterTo(1, "#avicbot query"));
    await say(letterTo(2, "#avicbot query"));
    await say(await signed(1, "#avicbot query\r\n#avicbot approve\r\n#avicbot hold"));
    const [critical = "", unreviewed = "", maintainer = ""] = await Promise.all([0, 1, 2].map(textOf));
    assert.equal(critical.replaceAll("v1", "v2"), unreviewed);
    for (const text of [critical, maintainer]) assert.doesNotMatch(text, /critical|host|0x8|moderator/i);
    assert.match(maintainer, /approve: not done: it cannot be done by mail/);
    assert.equal((await stage.replyOf(1))?.state, "held");
    assert.equal(taken().length, 3);
  });

  test("of a maintainer, another person and forgers only the maintainer's approve counts", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const other = { from: "Eve <eve@example.com>" };
    const forged = { from: `Pat <${PAT}>` };
    const attempts: [Uint8Array, RegExp][] = [
      [
        await dkimSigned(letterTo(1, "#avicbot approve", other), "example.com"),
        /eve@example\.com is no maintainer/,
      ],
      [letterTo(1, "#avicbot approve", forged), /no valid DKIM signature of example\.org/],
      [await dkimSigned(letterTo(1, "#avicbot approve", forged), "example.com"), /no valid DKIM/],
      [
        Buffer.concat([
          Buffer.from("Authentication-Results: mx; dkim=pass header.d=example.org\r\n"),
          letterTo(1, "#avicbot approve", forged),
        ]),
        /no valid DKIM/,
      ],
      [await signed(1, "> #avicbot approve\r\n\r\nNo, wait."), /^$/],
    ];
    for (const [mail, reason] of attempts) {
      const id = await say(mail);
      assert.match((await stage.decided(id)).find((line) => line.startsWith("approve")) ?? "", reason);
      assert.equal((await stage.replyOf(1))?.state, "held");
    }
    assert.deepEqual(
      taken().flatMap(({ recipients }) => recipients),
      ["eve@example.com", PAT, PAT, PAT],
    );
    const id = await say(await signed(1, "Fine.\r\n\r\n#avicbot approve"));
    assert.equal((await stage.replyOf(1))?.state, "sent");
    assert.equal((await stage.replyOf(1))?.approvedBy, `${PAT} in <${id}>`);
    const last = taken()
      .slice(-2)
      .map(({ recipients }) => recipients.join(" "));
    assert.deepEqual(last.sort(), ["ann@example.org kvm@vger.kernel.org", PAT]);
  });

  test("an approve that was done and not noted down is not done again, whatever happened since", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    await stage.take(await signed(1, "#avicbot approve"));
    const service = stage.harness.service.context;
    const redis = new Proxy(service.db.redis, {
      get(target, name) {
        const own = Reflect.get(target, name) as unknown;
        if (typeof own !== "function") return own;
        return (...args: unknown[]) => {
          if (name === "eval" && String(args[2]).includes(":order:")) throw new Error("the process dies");
          return own.apply(target, args) as unknown;
        };
      },
    });
    const [name = ""] = await listPendingOrders(stages.servers.server.db);
    await assert.rejects(obeyOrder({ ...service, db: { ...service.db, redis } }, name, true), /dies/);
    assert.equal((await stage.replyOf(1))?.state, "intent");
    await moveReply(service, "v1@example.org", { move: "hold", by: "max" });
    await stage.obey();
    await stage.send();
    assert.equal((await stage.replyOf(1))?.state, "held");
    assert.match(await textOf(), /^approve: the reply goes out/);
  });

  test("a DNS that fails: the mail is looked at again, and counts as not proven only at last", async (context) => {
    let down = true;
    const failing = await startDns((name, type) =>
      down ? Promise.reject(Object.assign(new Error("down"), { code: "ESERVFAIL" })) : testDns(name, type),
    );
    context.after(() => failing.stop());
    stage = await stages.start({ mail: { dnsServers: [failing.address] } });
    const service = stage.harness.service.context;
    await stage.reviewed(1);
    const take = async () => {
      await stage.take(await signed(1, "#avicbot approve"));
      return (await listPendingOrders(stages.servers.server.db))[0] ?? "";
    };
    const name = await take();
    await assert.rejects(obeyOrder(service, name, false), TryAgain);
    down = false;
    await obeyOrder(service, name, false);
    assert.equal((await stage.replyOf(1))?.state, "intent");
    down = true;
    assert.match(await obeyOrder(service, await take(), true), /approve: this mail does not prove/);
  });

  test("an order that kills its worker each time is given up, and why tells of it", async () => {
    stage = await stages.start();
    const mail = letterTo(1, "#avicbot query");
    await stage.take(mail);
    const [name = ""] = await listPendingOrders(stages.servers.server.db);
    const job = { order: name, copy: hashOf(mail) };
    const service = stage.harness.service.context;
    for (let died = 0; died < 8; died += 1) await countStart(service, commandJobId(job));
    await processCommand(service, { job, facts: { id: "j", lastAttempt: false } });
    assert.deepEqual(await listPendingOrders(stages.servers.server.db), []);
    const id = parseMessage(mail).messageId ?? "";
    assert.match((await stage.decided(id)).join(), /it failed: given up: its worker died or failed 8 times/);
  });

  test("hold, recheck and ignore of a maintainer", async () => {
    stage = await stages.start({ mode: "auto" });
    await stage.reviewed(1);
    await say(await signed(1, "#avicbot hold"));
    assert.equal((await stage.replyOf(1))?.state, "held");
    await say(await signed(1, "#avicbot hold\r\n#avicbot recheck"));
    assert.match(await textOf(1), /^hold: the reply is held: /);
    const series = await stage.harness.find("v1@example.org");
    assert.equal(series?.progress, "reviewing");
    assert.match(series?.steps.at(-1)?.text ?? "", /^pat@example\.org in <.*> asked to review it again$/);
    await say(await signed(7, "#avicbot ignore v1@example.org"));
    assert.equal((await stage.replyOf(1))?.state, "dropped");
    assert.equal(stateOf((await stage.harness.find("v1@example.org")) as never), "ignored");
    assert.match(await textOf(2), /^ignore: the series is ignored: <v1@example\.org>/);
  });

  test("recheck: a reply that waits is made anew from the new review, and still waits", async () => {
    stage = await stages.start({ mode: "auto" });
    await stage.reviewed(1);
    await say(await signed(1, "#avicbot hold"));
    const former = await stage.replyOf(1);
    await say(await signed(1, "#avicbot recheck"));
    await stage.reviewed(1, withOtherWrite("HW"));
    const reply = await stage.replyOf(1);
    assert.equal(reply?.state, "held");
    assert.match(reply.reason ?? "", /^reviewed again; before: held by pat@example\.org/);
    assert.notEqual(reply.messageId, former?.messageId);
    await say(await signed(1, "#avicbot recheck"));
    await stage.reviewed(1, { verdict: "unchanged" });
    assert.equal((await stage.replyOf(1))?.state, "dropped");
  });

  test("a reply that was dropped for a mute is there again after unmute and recheck", async () => {
    stage = await stages.start({ mode: "auto" });
    await stage.reviewed(1);
    await stage.take(letterTo(1, "#avicbot mute thread"));
    await stage.obey();
    await stage.send();
    await say(letterTo(1, "#avicbot unmute thread"));
    await say(await signed(1, "#avicbot recheck"));
    await stage.reviewed(1);
    assert.equal((await stage.replyOf(1))?.state, "held");
    await say(await signed(1, "#avicbot approve"));
    assert.equal((await stage.replyOf(1))?.state, "sent");
  });

  test("a signature that leaves the thread open: the series has to be named", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const open = (text: string) =>
      dkimSigned(letterTo(1, text, { from: PAT }), "example.org", { headerList: "from:date:message-id" });
    const id = await say(await open("#avicbot approve"));
    assert.match((await stage.decided(id)).join(), /does not cover in-reply-to; name the series/);
    assert.equal((await stage.replyOf(1))?.state, "held");
    await say(await open("#avicbot approve v1@example.org"));
    assert.equal((await stage.replyOf(1))?.state, "sent");
  });

  test("a signed mail sent again under another Message-ID does nothing", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const mail = letterTo(1, "#avicbot approve v1@example.org", { from: PAT });
    const first = await dkimSigned(mail, "example.org", { headerList: "from:date" });
    await say(first);
    assert.equal((await stage.replyOf(1))?.state, "sent");
    const again = Buffer.from(first.toString("latin1").replace("command-", "replayed-"), "latin1");
    const id = await say(again);
    assert.match((await stage.decided(id)).join(), /came under another Message-ID before/);
  });

  test("by two ways: the command is done once, and a signed copy counts where a broken one did not", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const mail = letterTo(1, "#avicbot approve", { from: PAT });
    const good = await dkimSigned(mail, "example.org");
    const broken = Buffer.from(good.toString("latin1").replace(/ b=\S\S\S/, " b=AAA"), "latin1");
    await say(broken, "list");
    assert.equal((await stage.replyOf(1))?.state, "held");
    await say(good, "own mailbox");
    assert.equal((await stage.replyOf(1))?.state, "sent");
    const sent = taken().length;
    await say(good, "third way");
    await say(broken, "fourth way");
    assert.equal(taken().length, sent);
  });

  test("a muted thread: a reply on its way is held back at the moment of sending", async () => {
    stage = await stages.start({ mode: "auto" });
    await stage.reviewed(1);
    assert.equal((await stage.replyOf(1))?.state, "intent");
    await stage.take(letterTo(1, "#avicbot mute thread"));
    await stage.obey();
    assert.deepEqual(
      (await listMutes(stages.servers.server.db)).map(({ kind, name, by }) => [kind, name, by]),
      [["thread", "v1@example.org", "stranger@example.com"]],
    );
    await stage.send();
    assert.equal((await stage.replyOf(1))?.state, "dropped");
    const { progress, reason } = (await stage.harness.find("v1@example.org")) ?? {};
    assert.deepEqual([progress, reason], ["held", "stranger@example.com muted the thread"]);
    assert.deepEqual(
      taken().flatMap(({ recipients }) => recipients),
      ["stranger@example.com"],
    );
  });

  test("mute me, and unmute by the same person", async () => {
    stage = await stages.start({ mode: "auto" });
    const ann = { from: "Ann <Ann@Example.org>" };
    await say(letterTo(1, "#avicbot mute me", ann));
    assert.equal((await stage.reviewed(1)).outcome, "none: muted-author");
    await say(letterTo(1, "#avicbot unmute"));
    assert.equal(
      (await listMutes(stages.servers.server.db)).length,
      1,
      "somebody else's unmute lifts nothing",
    );
    await say(letterTo(1, "#avicbot unmute", ann));
    assert.deepEqual(await listMutes(stages.servers.server.db), []);
    assert.equal((await stage.reviewed(2)).outcome, "send");
  });

  test("a thread is unmuted by whom muted it or by a maintainer", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    await say(letterTo(1, "#avicbot mute thread"));
    await say(letterTo(1, "#avicbot unmute thread", { from: "eve@example.com" }));
    assert.equal((await listMutes(stages.servers.server.db)).length, 1);
    await say(await signed(1, "#avicbot unmute thread"));
    assert.deepEqual(await listMutes(stages.servers.server.db), []);
  });

  test("a mute whose From is forged, by the domain's own word or as a maintainer, mutes nobody", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    for (const from of ["ann@reject.example.org", PAT]) {
      const id = await say(letterTo(1, "#avicbot mute me\r\n#avicbot mute thread", { from }));
      assert.match((await stage.decided(id)).join("\n"), /mute stopped: this mail does not prove that/);
    }
    assert.deepEqual(await listMutes(stages.servers.server.db), []);
  });

  test("what nobody understands is explained once a day", async () => {
    stage = await stages.start();
    const id = await say(letterTo(1, "#avicbot dance"));
    assert.match(await textOf(), /#avicbot mute thread +no mail/);
    assert.doesNotMatch(await textOf(), /dance/);
    await say(letterTo(1, "#avicbot sing"));
    assert.equal(taken().length, 1);
    assert.ok((await stage.decided(id)).length > 0);
    await say(letterTo(1, "#avicbot sing", { from: "other@example.com" }));
    await say(letterTo(1, "#avicbot help"));
    assert.equal(taken().length, 3);
  });

  test("the limits of answers, for a sender and for all; what proves its sender is not counted with the rest", async () => {
    stage = await stages.start({ limits: { answersPerSenderAndDay: 2, answersPerDay: 3 } });
    for (let asked = 0; asked < 3; asked += 1) await say(letterTo(1, "#avicbot query"));
    assert.equal(taken().length, 2);
    await say(letterTo(1, "#avicbot query", { from: "b@example.com" }));
    const id = await say(letterTo(1, "#avicbot query", { from: "c@example.com" }));
    assert.equal(taken().length, 3);
    assert.match((await stage.decided(id)).join(), /no-answer stopped: 3 answers were made in the last day/);
    await stage.reviewed(1);
    await say(await signed(1, "#avicbot hold"));
    assert.equal(taken().length, 4);
  });

  const machines: [string, Partial<Letter>, string?][] = [
    ["an automatic answer", {}, "Auto-Submitted: auto-replied"],
    ["an empty return path", {}, "Return-Path: <>"],
    ["a known bot", { from: "kernel test robot <lkp@intel.com>" }],
    ["a bot of the settings", { from: "ci@example.net" }],
    ["avicbot's address", { from: "avicbot@bots.example.net" }],
    ["an id of avicbot's", { messageId: `avicbot.${"0".repeat(32)}@x` }],
  ];
  for (const [name, letter, header] of machines) {
    test(`${name}: nothing is done and nothing is answered`, async () => {
      stage = await stages.start({ bots: ["CI@example.net"] });
      await stage.reviewed(1);
      const head = Buffer.from(header === undefined ? "" : `${header}\r\n`);
      const id = await say(Buffer.concat([head, letterTo(1, "#avicbot query", letter)]));
      assert.deepEqual(taken(), []);
      assert.match((await stage.decided(id)).join(), /^automatic stopped: /);
    });
  }

  test("an address at the host of a list gets no answer", async () => {
    stage = await stages.start();
    await say(letterTo(1, "#avicbot query", { from: "stranger via kvm <kvm@vger.kernel.org>" }));
    await say(letterTo(1, "#avicbot query", { from: "linux-pci@vger.kernel.org" }));
    assert.deepEqual(taken(), []);
  });

  const encoded = (encoding: string, text: string) =>
    Buffer.from(
      letterTo(1, "TEXT")
        .toString("latin1")
        .replace("\r\n\r\nTEXT", `\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}`),
      "latin1",
    );
  const forms: [string, () => Buffer][] = [
    ["base64", () => encoded("base64", Buffer.from("Hi\n#avicbot query\n").toString("base64"))],
    ["quoted-printable", () => encoded("quoted-printable", "=23avicbot que=\r\nry")],
    ["capitals", () => letterTo(1, "#AVICBOT Query")],
    [
      "a mail of its own about nothing else",
      () => letterTo(1, "#avicbot query v1@example.org", { subject: "Hi" }),
    ],
  ];
  for (const [name, make] of forms) {
    test(`a command in ${name} is seen`, async () => {
      stage = await stages.start();
      await stage.reviewed(1);
      await say(make());
      assert.match(await textOf(), /: changed/);
      assert.equal(await stages.servers.server.redis.zcard("{avicbot}:unplaced"), 0);
    });
  }

  test("what stands in an attached patch or a second part is no command", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const parts = [
      "--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n",
      "--b\r\nContent-Type: text/x-patch\r\nContent-Disposition: inline\r\n\r\n#avicbot approve\r\n",
      "--b\r\nContent-Type: text/plain\r\n\r\n#avicbot approve\r\n--b--",
    ];
    const mail = letterTo(1, "TEXT", { from: PAT })
      .toString("latin1")
      .replace("\r\n\r\nTEXT", `\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join("")}`);
    const id = await say(await dkimSigned(Buffer.from(mail, "latin1"), "example.org"));
    assert.deepEqual(await stage.decided(id), []);
    assert.equal((await stage.replyOf(1))?.state, "held");
  });

  const old = { date: new Date(Date.now() - 8 * 86_400_000).toUTCString() };

  test("from a source's past: only mutes count, and silently", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    const mail = letterTo(1, "#avicbot query\r\n#avicbot mute me", old);
    await stage.take(mail, "archive", false);
    await stage.obey();
    await stage.send();
    assert.deepEqual(taken(), []);
    assert.equal((await listMutes(stages.servers.server.db)).length, 1);
    const decided = await stage.decided(parseMessage(mail).messageId ?? "");
    assert.match(decided.join(), /query stopped: it was written before this store was begun/);
  });

  test("while watching, by a clock that is wrong: answered, but no maintainer's word", async () => {
    stage = await stages.start();
    await stage.reviewed(1);
    await say(await signed(1, "#avicbot mute me\r\n#avicbot query\r\n#avicbot approve", old));
    assert.match(
      await textOf(),
      /^mute: series of [^]*^query: v1 of [^]*^approve: not done: .*\s.*not of these days/m,
    );
    assert.equal((await stage.replyOf(1))?.state, "held");
  });

  test("dry-run: an answer is kept and never sent", async () => {
    stage = await stages.start({ mode: "dry-run" });
    await say(letterTo(1, "#avicbot help"));
    assert.deepEqual(taken(), []);
    assert.deepEqual(
      (await listReplies(stages.servers.server.db)).map(({ kind, state }) => [kind, state]),
      [["answer", "recorded"]],
    );
  });
});
