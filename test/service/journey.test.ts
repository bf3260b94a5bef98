/** A thread on real servers: Postfix takes mail for the list, Dovecot keeps it, avicbot watches and answers. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseMessage, type Message } from "../../src/mail/message.ts";
import { smtpTransport } from "../../src/reply/outbox/smtp.ts";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { listReplies } from "../../src/store/replies.ts";
import { stateOf } from "../../src/store/series.ts";
import { idOf, RIGHT, SAMPLE_TREE, versionMails, WITHOUT_EOI } from "../reply/versions.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { noNeomutt, openNeomutt } from "../support/neomutt.ts";
import { noPostfix, startPostfix, type Postfix } from "../support/postfix.ts";
import { killLeftOvers, runVerb, startBot, untilFound, writeSettings, type Bot } from "./bot.ts";

const LIST = "kvm@vger.kernel.org";
const LKML = "linux-kernel@vger.kernel.org";
const BOT = "avicbot@bots.example.net";
const skip = noRedis || noDovecot || noPostfix;

describe("a list on Postfix and Dovecot", { skip, timeout: 240_000 }, () => {
  let redis: TestRedis;
  let dovecot: Dovecot;
  let postfix: Postfix;
  let config: string;
  const dir = mkdtempSync(join(tmpdir(), "avj-"));
  before(async () => {
    [redis, dovecot] = await Promise.all([startTestRedis(), startDovecot()]);
    postfix = await startPostfix({ [LIST]: dovecot.maildir, [LKML]: join(dovecot.maildir, ".lkml") });
    config = writeSettings(dir, {
      redisUrl: redis.url,
      mode: "auto",
      sources: [{ type: "imap", url: dovecot.url, folder: "INBOX", pollSeconds: 30 }],
      kernel: { tree: SAMPLE_TREE },
      smtp: { url: postfix.url },
      mail: { from: BOT },
      web: { port: 0 },
      limits: { replyWithinDays: 100_000 },
      log: { level: "debug" },
    });
  });
  after(async () => {
    killLeftOvers();
    await Promise.all([redis.stop(), dovecot.stop(), postfix.stop()]);
    rmSync(dir, { recursive: true, force: true });
  });

  /** Sends to the list as people do. */
  async function post(mail: string): Promise<void> {
    const transport = smtpTransport({ url: postfix.url, timeoutMs: 20_000 });
    const bytes = Buffer.from(mail.replace(/\n/g, "\r\n"), "latin1");
    const parcel = { bytes, sender: "jane@example.com", recipients: [LIST] };
    const outcome = await transport.send(parcel, () => Promise.resolve(true));
    assert.equal(outcome.kind, "accepted");
  }

  function mailbox(): Message[] {
    const files = ["new", "cur"].flatMap((folder) =>
      readdirSync(join(dovecot.maildir, folder)).map((name) => join(dovecot.maildir, folder, name)),
    );
    return files.map((file) => parseMessage(readFileSync(file)));
  }

  const replies = () => mailbox().filter(({ from }) => from?.address === BOT);
  const takenIn = (bot: Bot, id: string) =>
    bot.until(({ msg, messageId }) => msg === "taken in" && messageId === id);

  async function states(): Promise<string[]> {
    const found = await Promise.all([1, 2, 3].map((version) => findSeriesByText(redis.db, idOf(version, 0))));
    return found.map((series) => (series === null ? "unknown" : stateOf(series.value)));
  }

  function untilStates(...wanted: string[]): Promise<string[]> {
    return untilFound(async () => {
      const now = await states();
      return now.join() === wanted.join() ? now : null;
    });
  }

  /** Starts to watch and waits until what comes is news. */
  async function start(): Promise<Bot> {
    const bot = startBot("serve", config);
    await takenIn(bot, "hello@example.org");
    return bot;
  }

  test("v1, v2 with other rows, v3 with those of v2: two replies, and nobody answers them", async () => {
    await post(
      `From: Pat <pat@example.org>\nTo: ${LIST}\nMessage-ID: <hello@example.org>\nSubject: Hello\n\nHello.\n`,
    );
    const bot = await start();
    for (const mail of versionMails(1, WITHOUT_EOI)) await post(mail);
    await untilStates("replied", "unknown", "unknown");
    for (const mail of versionMails(2, RIGHT)) await post(mail);
    await untilStates("superseded", "replied", "unknown");
    for (const { messageId } of await untilFound(() =>
      Promise.resolve(replies().length === 2 ? replies() : null),
    ))
      await takenIn(bot, messageId ?? "");
    for (const mail of versionMails(3, RIGHT)) await post(mail);
    await untilStates("superseded", "superseded", "unchanged");
    assert.equal(await bot.stop(), 0);

    assert.equal(mailbox().length, 1 + 3 * 3 + 2);
    const answered = replies().sort((a, b) => ((a.date ?? "") < (b.date ?? "") ? -1 : 1));
    assert.deepEqual(
      answered.map(({ inReplyTo, to, cc }) => [inReplyTo, to[0]?.address, cc.map(({ address }) => address)]),
      [1, 2].map((version) => [[idOf(version, 2)], "jane@example.com", [LIST, LKML]]),
    );
    const [first, second] = answered;
    assert.doesNotMatch(first?.text ?? "", /against/);
    assert.match(second?.text ?? "", /^v2 against v1: 1 row differs\.$/m);
    const records = await listReplies(redis.db);
    assert.deepEqual(
      records.map(({ state }) => state),
      ["echoed", "echoed"],
    );
  });

  test("a reader sees each reply under its patch", { skip: noNeomutt }, async () => {
    const url = new URL(dovecot.url);
    const reader = await openNeomutt({ imap: `imap://${url.username}@${url.host}/INBOX` });
    try {
      const index = (await reader.index(mailbox().length)).map((line) => line.replace(/^ *\d+ /, ""));
      for (const version of ["", " v2"]) {
        const patch = index.findIndex((line) => line.includes(`[PATCH${version} 2/2]`));
        assert.match(index[patch + 1] ?? "", /^avicbot +[|` ]+->/);
        assert.ok((index[patch + 1]?.indexOf(">") ?? 0) > (index[patch]?.indexOf(">") ?? 0));
      }
      const last = index.findIndex((line) => line.includes("[PATCH v3 2/2]"));
      assert.ok(last > 0 && !(index[last + 1] ?? "").startsWith("avicbot"));
      const number = index.findIndex((line) => line.startsWith("avicbot")) + 1;
      const shown = await reader.read(number);
      assert.ok(shown.some((line) => /^\| 0x811\.\.0x817 \| APIC_ISR1\.\.7 +\|/.test(line)));
    } finally {
      await reader.close();
    }
  });

  test("git takes the patches as they were sent and nothing of the replies", () => {
    const repository = join(dir, "linux");
    const git = (...args: string[]) => execFileSync("git", ["-C", repository, ...args], { encoding: "utf8" });
    mkdirSync(repository);
    cpSync(SAMPLE_TREE, repository, { recursive: true });
    git("init", "-q");
    git("-c", "user.name=a", "-c", "user.email=a@b", "add", "-A");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "base");
    const patches = mailbox()
      .filter(({ messageId }) => [1, 2].some((index) => messageId === idOf(2, index)))
      .sort((a, b) => ((a.messageId ?? "") < (b.messageId ?? "") ? -1 : 1));
    const files = patches.map(({ bytes }, at) => {
      const file = join(dir, `${at}.eml`);
      writeFileSync(file, bytes);
      return file;
    });
    git("-c", "user.name=a", "-c", "user.email=a@b", "am", "-q", ...files);
    assert.match(git("log", "-1", "--format=%s"), /^KVM: SVM: Pass through accelerated x2APIC writes only$/m);
    for (const { bytes } of replies()) {
      const { status } = spawnSync("git", ["mailinfo", join(dir, "message"), join(dir, "patch")], {
        input: bytes,
      });
      assert.equal(status, 0);
      assert.equal(readFileSync(join(dir, "patch"), "utf8"), "");
    }
  });

  test("looked at again by the same model, what was said holds", async () => {
    const { code, out } = await runVerb(["correct", "--all", "--config", config]);
    assert.equal(code, 0);
    assert.deepEqual(
      out.trim().split("\n").sort(),
      [1, 2].map((version) => `<${idOf(version, 0)}>: what was said holds`),
    );
  });

  test("with every record lost, a rescan reaches the same states and sends nothing", async () => {
    const before = mailbox().length;
    await redis.redis.flushall();
    const bot = await start();
    await untilStates("superseded", "superseded", "unchanged");
    for (const { messageId } of replies()) await takenIn(bot, messageId ?? "");
    assert.equal(await bot.stop(), 0);
    assert.equal(mailbox().length, before);
    const records = await listReplies(redis.db);
    assert.deepEqual(
      records.map(({ state }) => state),
      ["echoed", "echoed"],
    );
  });
});
