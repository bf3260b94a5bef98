import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { splitMessages } from "../../src/sources/mbox.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { startDns, type TestDns } from "../support/dns.ts";
import { dkimSigned, plainMail, testDns, type Letter } from "../support/signed-mail.ts";
import { startScriptedSmtp, type ScriptedSmtp, type TakenMail } from "../support/smtp.ts";
import { killLeftOvers, runVerb, startBot, writeSettings } from "./bot.ts";

const LIST = "kvm@vger.kernel.org";
const MODERATORS = "moderators@example.net";
const PATCH = "20260504091500.1-4-jane@example.com";
const SERIES = splitMessages(readFileSync(new URL("../../demo/series.mbox", import.meta.url)));

/** Every mail the server takes, and a way to wait for one. */
class Post {
  readonly smtp: Promise<ScriptedSmtp>;
  private readonly waiting = new Set<() => void>();
  private readonly taken: TakenMail[] = [];

  constructor(onMail: (mail: TakenMail) => void) {
    this.smtp = startScriptedSmtp((mail) => {
      this.taken.push(mail);
      onMail(mail);
      this.waiting.forEach((look) => look());
    });
  }

  /** The mails to this address, when there are so many. */
  until(address: string, count: number): Promise<TakenMail[]> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.to(address);
        if (found.length < count) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  to(address: string): TakenMail[] {
    return this.taken.filter(({ recipients }) => recipients.includes(address));
  }
}

let letters = 0;

function letter(text: string, more: Partial<Letter>): Buffer {
  letters += 1;
  const date = new Date(Date.now() + 60_000).toUTCString();
  const messageId = `letter-${letters}@example.com`;
  return plainMail({ from: "a@example.com", date, messageId, inReplyTo: PATCH, text, ...more });
}

describe(
  "two people with signed mail and a forger, on real servers",
  { skip: noRedis || noDovecot, timeout: 180_000 },
  () => {
    let redis: TestRedis;
    let dovecot: Dovecot;
    let dns: TestDns;
    let post: Post;
    const dir = mkdtempSync(join(tmpdir(), "avm-"));
    before(async () => {
      [redis, dovecot, dns] = await Promise.all([startTestRedis(), startDovecot(), startDns(testDns)]);
      post = new Post(({ bytes, recipients }) => {
        if (recipients.includes(LIST)) dovecot.deliver(bytes.toString("latin1"), "kvm");
      });
    });
    after(async () => {
      killLeftOvers();
      await Promise.all([redis.stop(), dovecot.stop(), dns.stop(), (await post.smtp).stop()]);
      rmSync(dir, { recursive: true, force: true });
    });

    test("only the maintainer's approve lets the reply out, and everybody is answered alone", async () => {
      for (const { bytes } of SERIES) dovecot.deliver(Buffer.from(bytes).toString("latin1"), "kvm");
      const config = writeSettings(dir, {
        redisUrl: redis.url,
        mode: "hold",
        sources: [{ type: "imap", url: dovecot.url, folder: ["kvm", "INBOX"], pollSeconds: 30 }],
        kernel: { tree: new URL("../../demo/linux", import.meta.url).pathname },
        smtp: { url: (await post.smtp).url },
        mail: { from: "avicbot@bots.example.net", moderators: MODERATORS, dnsServers: [dns.address] },
        maintainers: ["pat@example.org"],
        limits: { replyWithinDays: 100_000 },
        log: { level: "debug" },
      });
      const bot = startBot("serve", config);
      const [notice] = await post.until(MODERATORS, 1);
      assert.match(notice?.bytes.toString() ?? "", /^A reply of avicbot waits for a person\.\r$/m);

      const say = (mail: Buffer, folder?: string) => dovecot.deliver(mail.toString("latin1"), folder);
      say(
        letter("#avicbot approve", { from: "Pat <pat@example.org>", messageId: "forged@example.com" }),
        "kvm",
      );
      const eve = letter("#avicbot query\r\n#avicbot approve", { from: "eve@example.com" });
      say(await dkimSigned(eve, "example.com"));
      const [answer] = await post.until("eve@example.com", 1);
      assert.match(answer?.bytes.toString() ?? "", /^approve: not done: eve@example\.com is no maintainer/m);
      assert.match(answer?.bytes.toString() ?? "", /^\| 0x802 +\|/m);
      await post.until("pat@example.org", 1);
      assert.deepEqual(post.to(LIST), []);

      const approval = { from: "Pat <pat@example.org>", messageId: "approve@example.org" };
      const pat = await dkimSigned(letter("#avicbot approve", approval), "example.org");
      say(pat, "kvm");
      say(pat);
      const [reply] = await post.until(LIST, 1);
      assert.deepEqual(reply?.recipients, ["jane@example.com", LIST, "linux-kernel@vger.kernel.org"]);
      await post.until("pat@example.org", 2);
      for (const folder of ["kvm", "INBOX"])
        await bot.until(
          ({ msg, messageId, source }) =>
            msg === "taken in" &&
            messageId === "approve@example.org" &&
            String(source).endsWith(`/${folder}`),
        );
      assert.equal(await bot.stop(), 0);

      const why = await runVerb(["why", "forged@example.com", "--config", config]);
      assert.match(why.out, /- command: approve: this mail does not prove that pat@example\.org sent it/);
      assert.equal(post.to(LIST).length, 1);
      assert.equal(post.to("pat@example.org").length, 2);
      for (const { recipients } of [...post.to("pat@example.org"), ...post.to("eve@example.com")])
        assert.equal(recipients.length, 1);
    });
  },
);

describe("commands in a Maildir", { skip: noRedis, timeout: 180_000 }, () => {
  let dir: string;
  let maildir: string;
  let config: string;
  let post: Post;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "avk-"));
    maildir = join(dir, "mail");
    for (const folder of ["tmp", "new", "cur"]) mkdirSync(join(maildir, folder), { recursive: true });
    post = new Post(() => undefined);
    config = writeSettings(dir, {
      dataDir: `${dir}/data`,
      sources: [{ type: "maildir", path: maildir }],
      smtp: { url: (await post.smtp).url },
      mail: { from: "avicbot@bots.example.net" },
      queue: { lockSeconds: 1, leaseSeconds: 1 },
      log: { level: "debug" },
    });
  });
  afterEach(async () => {
    killLeftOvers();
    await (await post.smtp).stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function deliver(name: string, mail: Buffer): void {
    writeFileSync(join(maildir, "tmp", name), mail);
    renameSync(join(maildir, "tmp", name), join(maildir, "new", name));
  }

  test("what was asked before the bot watched is not answered; what comes then is, whatever its Date", async () => {
    const old = { date: "Wed, 01 Jan 2020 00:00:00 +0000" };
    deliver(
      "1",
      letter("#avicbot help", { ...old, from: "past@example.com", messageId: "past@example.com" }),
    );
    const bot = startBot("serve", config);
    await bot.until(({ msg, messageId }) => msg === "taken in" && messageId === "past@example.com");
    await bot.until(({ msg, messageId }) => msg === "commands" && messageId === "past@example.com");
    deliver("2", letter("#avicbot help", { ...old, from: "now@example.com" }));
    await post.until("now@example.com", 1);
    assert.equal(await bot.stop(), 0);
    assert.deepEqual(post.to("past@example.com"), []);
  });

  for (const point of ["seen:1", "ordered:1", "acting:1", "acted:1"]) {
    test(`killed at ${point} and started again: done once, answered once`, async () => {
      const bot = startBot("serve", config, { AVIC_KILL_AT: point });
      await bot.until(({ msg }) => msg === "reading");
      const mail = letter("#avicbot mute thread\r\n#avicbot help", { from: "ann@example.com" });
      deliver("1", mail);
      assert.equal(await bot.ended, "SIGKILL");
      assert.deepEqual(post.to("ann@example.com"), []);

      const again = startBot("serve", config);
      const [answer] = await post.until("ann@example.com", 1);
      assert.match(
        answer?.bytes.toString() ?? "",
        /^mute: avicbot sends no mail into this thread any more\r$/m,
      );
      assert.equal(await again.stop(), 0);
      const muted = await runVerb(["mute", "--json", "--config", config]);
      const { kind, name, by } = JSON.parse(muted.out) as Record<string, string>;
      assert.deepEqual([kind, name, by], ["thread", PATCH, "ann@example.com"]);
      assert.equal(post.to("ann@example.com").length, 1);
    });
  }
});
