/** All hostile mails through one running service, from IMAP to SMTP: it answers whom it should, and lives on. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { configFrom } from "../../src/config.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { openQueues } from "../../src/queue/queues.ts";
import { findTrace } from "../../src/queue/trace.ts";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { listOpen, stateOf } from "../../src/store/series.ts";
import { SAMPLE_TREE } from "../reply/versions.ts";
import { killLeftOvers, startBot, untilFound, writeSettings, type Bot } from "../service/bot.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { LIMITS } from "./runner.ts";
import { VECTORS } from "./vectors/all.ts";
import { changing } from "./vectors/patches.ts";
import { letter } from "./vectors/vector.ts";

const BOT = "avicbot@bots.example.net";
/** Large vectors come in this size here: what they cost is measured elsewhere. */
const SMALL = 200;
/** More at once are taken for an archive's past, whose replies are held. */
const TOGETHER = 100;

interface Posted {
  readonly id: string;
  readonly mail: string;
  /** Whether a table is right. */
  readonly answered: boolean;
}

const own = (mail: string, id: string) =>
  mail
    .replace(/^From [0-9a-f]{40} .*\n/, "")
    .replace(/^Message-I[dD]: (?:<x@example\.com>|<[^>\n]*jane@example\.com>)$/m, `Message-ID: <${id}>`);

/** Every vector that is a mail, each under an id of its own where its id is not what it is about. */
const mails: readonly Posted[] = VECTORS.filter(({ entrance }) =>
  ["mail", "reply", "review"].includes(entrance),
).map(({ text, size, entrance, verdict }, at) => ({
  id: `v${at}@example.com`,
  mail: own(text(size === undefined ? 1 : SMALL), `v${at}@example.com`),
  // what may also be unchanged is held: it opens the host to the guest
  answered: entrance === "review" && verdict.test("0 changed") && !verdict.test("0 unchanged"),
}));

describe("the whole way", { skip: noRedis || noDovecot, timeout: 300_000 }, () => {
  let redis: TestRedis;
  let dovecot: Dovecot;
  let smtp: ScriptedSmtp;
  let bot: Bot;
  let idle = 0;
  const dir = mkdtempSync(join(tmpdir(), "avt-"));
  before(async () => {
    [redis, dovecot, smtp] = await Promise.all([startTestRedis(), startDovecot(), startScriptedSmtp()]);
    const config = writeSettings(dir, {
      redisUrl: redis.url,
      mode: "auto",
      sources: [{ type: "imap", url: dovecot.url, folder: "INBOX", pollSeconds: 2 }],
      kernel: { tree: SAMPLE_TREE },
      smtp: { url: smtp.url },
      mail: { from: BOT },
      web: { port: 0 },
      limits: {
        replyWithinDays: 100_000,
        repliesPerDay: 1000,
        repliesPerListAndDay: 1000,
        repliesPerThread: 100,
      },
      log: { level: "debug" },
    });
    dovecot.deliver(letter({ "Message-ID": "<hello@example.com>", Subject: "Hello" }, "Hello.\n"));
    bot = startBot("serve", config);
    await takenIn("hello@example.com");
    await post({ id: "first@example.com", mail: own(changing(), "first@example.com"), answered: true });
    await untilFound(() => Promise.resolve(smtp.taken.length === 1 ? true : null));
    idle = memory("VmRSS");
  });
  after(async () => {
    killLeftOvers();
    await Promise.all([redis.stop(), dovecot.stop(), smtp.stop()]);
    rmSync(dir, { recursive: true, force: true });
  });

  const takenIn = (id: string) => bot.until((line) => line.msg === "taken in" && line["messageId"] === id);
  async function post({ id, mail }: Posted): Promise<void> {
    dovecot.deliver(mail);
    await takenIn(id);
  }
  /** In MB, as the kernel counts it. */
  function memory(name: string): number {
    const status = readFileSync(`/proc/${bot.pid}/status`, "latin1");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  }
  const settled = () =>
    untilFound(async () => {
      const open = await listOpen(redis.db);
      const busy = open.filter((series) => ["reviewing", "sending"].includes(stateOf(series)));
      return busy.length === 0 ? open : null;
    });

  test("every mail is decided on; those with a right table are answered, once, and nobody else hears of it", async () => {
    const again = mails.filter(({ answered }) => answered);
    const all = [...mails.map(({ mail }) => mail), ...again.map(({ mail }) => `Received: from a\n${mail}`)];
    for (let at = 0; at < all.length; at += TOGETHER) {
      for (const mail of all.slice(at, at + TOGETHER)) dovecot.deliver(mail);
      const id = `run${at}@example.com`;
      await post({ id, mail: letter({ "Message-ID": `<${id}>` }), answered: false });
    }
    await post({
      id: "last@example.com",
      mail: letter({ "Message-ID": "<last@example.com>" }),
      answered: false,
    });
    await settled();
    const wanted = ["first@example.com", ...mails.filter(({ answered }) => answered).map(({ id }) => id)];
    const toList = () => smtp.taken.filter(({ recipients }) => recipients.includes("kvm@vger.kernel.org"));
    await untilFound(() => Promise.resolve(toList().length >= wanted.length ? true : null));
    const answered = toList().map(({ bytes }) => parseMessage(bytes).inReplyTo[0]);
    assert.deepEqual(answered.sort(), wanted.sort());
    // whoever asks by a command gets the answer alone
    const others = smtp.taken.filter((mail) => !toList().includes(mail));
    const askers = mails.map(({ mail }) => parseMessage(Buffer.from(mail, "latin1")).from?.address);
    for (const { recipients } of others)
      assert.ok(recipients.length === 1 && askers.includes(recipients[0]), recipients.join());
    for (const { recipients, sender, bytes } of toList()) {
      assert.equal(sender, BOT);
      assert.deepEqual([...recipients].sort(), [
        "jane@example.com",
        "kvm@vger.kernel.org",
        "linux-kernel@vger.kernel.org",
      ]);
      const head = bytes.toString("latin1").split("\r\n\r\n", 1)[0] ?? "";
      const names = head.split(/\r\n(?![ \t])/).map((field) => field.split(":", 1)[0]?.toLowerCase());
      assert.equal(new Set(names).size, names.length, head);
      assert.doesNotMatch(bytes.toString("latin1"), /[^\t\r\n -~]|\r(?!\n)|(?<!\r)\n/);
    }
    for (const { id } of mails) {
      const message = parseMessage(Buffer.from(mails.find((one) => one.id === id)?.mail ?? "", "latin1"));
      if (message.messageId === id) assert.ok((await findTrace(redis.db, id)) !== null, id);
    }
  });

  test("a stranger's patch in somebody's thread completes nothing", async () => {
    const part = (index: number, more: object) =>
      letter(
        { Subject: `[PATCH ${index}/2] KVM: SVM: avic`, "Message-ID": `<t${index}@example.com>`, ...more },
        changing().slice(changing().indexOf("\n\n") + 2),
      );
    await post({ id: "t1@example.com", mail: part(1, {}), answered: false });
    const stranger = {
      From: "Mallory <mallory@example.net>",
      "In-Reply-To": "<t1@example.com>",
      References: "<t1@example.com>",
    };
    await post({ id: "t2@example.com", mail: part(2, stranger), answered: false });
    const series = (await findSeriesByText(redis.db, "t1@example.com"))?.value;
    assert.ok(series !== undefined);
    assert.equal(stateOf(series), "collecting");
    assert.deepEqual(series.missing, [2]);
  });

  test("jobs that somebody else wrote into the queue do nothing", async () => {
    const queues = openQueues(redis.redis, configFrom({ redisUrl: redis.url }));
    for (const queue of queues.all)
      for (const data of [
        {},
        { series: ["x"], inputs: { __proto__: null } },
        { series: "../x", inputs: "*", version: 99 },
        { letter: "*" },
        { task: "evil" },
        { order: "x", copy: 1 },
      ])
        await queue.add("evil", data);
    const mail = own(changing(), "behind@example.com");
    await post({ id: "behind@example.com", mail, answered: true });
    await untilFound(() =>
      Promise.resolve(
        smtp.taken.some(({ bytes }) => bytes.includes("In-Reply-To: <behind@example.com>")) ? true : null,
      ),
    );
  });

  test("the process is the first one still, within its memory, and every line of its log is a record", async () => {
    assert.ok(memory("VmHWM") - idle <= LIMITS.peakMb, `${memory("VmHWM")} MB, idle ${idle} MB`);
    assert.equal(await bot.stop(), 0);
    assert.deepEqual(
      bot.lines.filter((line) => !("level" in line)),
      [],
    );
  });
});
