/** The mistakes a new operator makes, each made against real servers: doctor finds it and says the mend. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { configFrom, loadConfig } from "../../src/config.ts";
import { packagePath } from "../../src/package-root.ts";
import { publicHalf } from "../../src/reply/outbox/dkim.ts";
import type { Check } from "../../src/queue/check.ts";
import { checkDataDir, checkNode, checkSettings, checkWeb } from "../../src/queue/doctor-host.ts";
import { checkKernel } from "../../src/queue/doctor-kernel.ts";
import { checkMail } from "../../src/queue/doctor-mail.ts";
import { checkRedis } from "../../src/queue/doctor-redis.ts";
import { checkSources } from "../../src/queue/doctor-sources.ts";
import { freePort, noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { startRedisProcess, type RedisProcess } from "../store/redis-process.ts";
import { noRedis } from "../store/test-redis.ts";
import { startDns, type TestDns } from "../support/dns.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";

type Settings = Record<string, unknown>;

/** What is done wrong, what doctor says of it, and the mend. */
interface Mistake {
  readonly name: string;
  readonly check: () => Check[] | Promise<Check[]>;
  readonly says: RegExp;
  readonly mend: RegExp;
}

const skip = noRedis || noDovecot;
const from = "bot@example.net";

describe("doctor finds each mistake and says the mend", { skip, timeout: 120_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "avdoc-"));
  let imap: Dovecot;
  let redis: RedisProcess;
  let locked: RedisProcess;
  let smtp: ScriptedSmtp;
  let dns: TestDns;
  let taken: Server;
  let takenPort = 0;
  let closed = 0;
  const git = (path: string, ...args: string[]) =>
    execFileSync("git", ["-C", path, "-c", "user.name=A", "-c", "user.email=a@example.com", ...args], {
      stdio: "pipe",
    });
  const linux = join(dir, "linux");
  const key = join(dir, "dkim.pem");
  const dkim = { domain: "example.net", selector: "a", keyFile: key };

  before(async () => {
    imap = await startDovecot(null, "right");
    redis = await startRedisProcess("redis-server", ["maxmemory-policy allkeys-lru"]);
    locked = await startRedisProcess("redis-server", ["requirepass hush"]);
    smtp = await startScriptedSmtp();
    dns = await startDns((name) =>
      name === "a._domainkey.example.net"
        ? Promise.resolve([["v=DKIM1; p=AAAA"]])
        : Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })),
    );
    taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    takenPort = (taken.address() as { port: number }).port;
    closed = await freePort();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(key, privateKey.export({ type: "pkcs8", format: "pem" }));
    execFileSync("cp", ["-r", packagePath("demo", "linux"), linux]);
    git(linux, "init", "-q", "-b", "main");
    git(linux, "add", "-A");
    git(linux, "commit", "-q", "-m", "one");
    git(linux, "commit", "-q", "--allow-empty", "-m", "two");
    git(linux, "config", "uploadpack.allowFilter", "true");
  });
  after(async () => {
    taken.close();
    await Promise.all([imap.stop(), redis.kill(), locked.kill(), smtp.stop(), dns.stop()]);
    rmSync(dir, { recursive: true });
  });

  const url = (userinfo: string, host = "127.0.0.1") => `imap://${userinfo}@${host}:${imap.port}/`;
  const source = (settings: Settings) => checkSources(configFrom({ sources: [settings] }));
  const kernel = (settings: Settings) => checkKernel(configFrom({ kernel: settings }), Date.now);
  const store = (settings: Settings, now = Date.now) =>
    checkRedis(configFrom({ dataDir: join(dir, "data"), ...settings }), now);
  const mail = (settings: Settings) => checkMail(configFrom(settings));
  const settings = (given: Settings) =>
    checkSettings(configFrom({ sources: [{ type: "mbox", path: "x" }], ...given }));
  const refused = (given: Settings | (() => unknown)): Check[] => {
    try {
      if (typeof given === "function") given();
      else configFrom(given);
      return [];
    } catch (error) {
      const [text = "", mend = text] = (error as Error).message.split("; ");
      return [{ ok: false, what: "settings", text, mend }];
    }
  };
  const clone = (name: string, ...args: string[]) => {
    const target = join(dir, name);
    execFileSync("git", ["clone", "-q", ...args, `file://${linux}`, target], { stdio: "pipe" });
    return target;
  };
  const sending = (given: Settings) => ({
    smtp: { url: smtp.url },
    mail: { from, moderators: "m@example.net", ...given },
  });

  const mistakes: Mistake[] = [
    {
      name: "Node too old",
      check: () => [checkNode("18.20.4")],
      says: /18\.20\.4 is older than 20\.19/,
      mend: /install Node/,
    },
    {
      name: "an unknown setting",
      check: () => refused({ sourcs: [] }),
      says: /unknown setting "sourcs"/,
      mend: /did you mean "sources"\?/,
    },
    {
      name: "a setting in the wrong place",
      check: () => refused({ port: 80 }),
      says: /unknown setting "port"/,
      mend: /did you mean "web\.port"\?/,
    },
    {
      name: "an unknown variable",
      check: () => refused(() => loadConfig({ environment: { AVICBOT_MOD: "hold" } })),
      says: /AVICBOT_MOD/,
      mend: /did you mean AVICBOT_MODE\?/,
    },
    {
      name: "a bad type",
      check: () => refused({ web: { port: "80" } }),
      says: /setting web\.port/,
      mend: /expected number, received string/,
    },
    {
      name: "a mode that is none",
      check: () => refused({ mode: "post" }),
      says: /setting mode/,
      mend: /"dry-run"\|"hold"\|"auto"/,
    },
    {
      name: "no sources",
      check: () => checkSettings(configFrom({})),
      says: /no sources/,
      mend: /add an imap/,
    },
    {
      name: "a mode that sends, and no list",
      check: () => settings({ mode: "auto", lists: [], mail: { from } }),
      says: /no lists/,
      mend: /add the list/,
    },
    {
      name: "its own address among the maintainers",
      check: () => settings({ maintainers: ["Bot@example.net"], mail: { from } }),
      says: /among the maintainers/,
      mend: /take it out/,
    },
    {
      name: "itself as moderator",
      check: () => settings({ mail: { from, moderators: from } }),
      says: /mail\.moderators/,
      mend: /people read/,
    },
    {
      name: "an SMTP secret that the environment lacks",
      check: () => settings({ smtp: { url: "smtp://bot@mail.example.net" } }),
      says: /no password/,
      mend: /AVICBOT_SMTP_PASSWORD/,
    },
    {
      name: "dataDir below a file",
      check: () => [checkDataDir(configFrom({ dataDir: join(key, "data") }))],
      says: /ENOTDIR|EEXIST/,
      mend: /set dataDir/,
    },
    {
      name: "a full disk",
      check: () => [checkDataDir(configFrom({ dataDir: join(dir, "data") }), Number.MAX_SAFE_INTEGER)],
      says: /MB free/,
      mend: /make room/,
    },
    {
      name: "a port that something else has",
      check: async () => [await checkWeb(configFrom({ web: { port: takenPort } }))],
      says: /EADDRINUSE/,
      mend: /another web\.port/,
    },
    {
      name: "a host that is not this machine's",
      check: async () => [await checkWeb(configFrom({ web: { host: "192.0.2.1", port: 0 } }))],
      says: /EADDRNOTAVAIL/,
      mend: /set web\.host/,
    },
    {
      name: "Redis away",
      check: () => store({ redisUrl: `redis://127.0.0.1:${closed}` }),
      says: /ECONNREFUSED/,
      mend: /start it, or set redisUrl/,
    },
    {
      name: "Redis without its password",
      check: () => store({ redisUrl: `redis://127.0.0.1:${locked.port}` }),
      says: /NOAUTH/,
      mend: /password/,
    },
    {
      name: "a redisUrl of no known form",
      check: () => store({ redisUrl: "http://127.0.0.1/" }),
      says: /give redis:\/\//,
      mend: /set redisUrl/,
    },
    {
      name: "Redis that evicts",
      check: () => store({ redisUrl: `redis://127.0.0.1:${redis.port}` }),
      says: /eviction loses records/,
      mend: /maxmemory-policy noeviction/,
    },
    {
      name: "Redis without append-only file",
      check: async () => (await store({ redisUrl: `redis://127.0.0.1:${redis.port}` })).slice(1),
      says: /a crash loses every record/,
      mend: /appendonly yes/,
    },
    {
      name: "clocks apart",
      check: async () =>
        (await store({}, () => Date.now() + 3_600_000)).filter(({ what }) => what === "clock"),
      says: / 36\d\d s|^36\d\d s/,
      mend: /NTP/,
    },
    {
      name: "a wrong IMAP password",
      check: () => source({ type: "imap", url: url("bot:wrong") }),
      says: /login refused/,
      mend: /the password/,
    },
    {
      name: "no IMAP password",
      check: () => source({ type: "imap", url: url("bot") }),
      says: /login refused/,
      mend: /set password/,
    },
    {
      name: "an IMAP folder that is not there",
      check: () => source({ type: "imap", url: url("bot:right"), folder: "lists/kvm" }),
      says: /lists\/kvm/,
      mend: /set folder/,
    },
    {
      name: "IMAP in the clear to another host",
      check: () => source({ type: "imap", url: url("bot:right", "[::ffff:127.0.0.1]") }),
      says: /STARTTLS|TLS/i,
      mend: /imaps:\/\//,
    },
    {
      name: "an IMAP port that is closed",
      check: () => source({ type: "imap", url: `imap://b:c@127.0.0.1:${closed}/` }),
      says: /ECONNREFUSED/,
      mend: /host and port/,
    },
    {
      name: "a path without public-inbox",
      check: () => source({ type: "public-inbox", path: dir }),
      says: /no public-inbox v2 archive/,
      mend: /git\/0\.git/,
    },
    {
      name: "a path without Maildir",
      check: () => source({ type: "maildir", path: join(dir, "none") }),
      says: /none/,
      mend: /new and cur/,
    },
    {
      name: "a path without mbox",
      check: () => source({ type: "mbox", path: join(dir, "none") }),
      says: /none/,
      mend: /mbox file/,
    },
    {
      name: "no kernel",
      check: () => kernel({}),
      says: /every review is undetermined/,
      mend: /git clone --bare/,
    },
    {
      name: "a directory that is no repository",
      check: () => kernel({ git: join(dir, "data") }),
      says: /data/,
      mend: /git clone --bare/,
    },
    {
      name: "a repository of something else",
      check: () => {
        const other = join(dir, "other");
        mkdirSync(other);
        git(other, "init", "-q");
        git(other, "commit", "-q", "--allow-empty", "-m", "x");
        return kernel({ git: other });
      },
      says: /has no arch\/x86\/kvm\/svm\/avic\.c/,
      mend: /clone of linux/,
    },
    {
      name: "a branch that is not there",
      check: () => kernel({ git: linux, branches: ["kvm/next"] }),
      says: /has no kvm\/next/,
      mend: /fetch/,
    },
    {
      name: "a shallow clone",
      check: async () => (await kernel({ git: clone("shallow", "--depth=1") })).slice(1),
      says: /shallow/,
      mend: /--unshallow/,
    },
    {
      name: "a clone without blobs whose remote is gone",
      check: () => {
        const partial = clone("partial", "--bare", "--filter=blob:none");
        git(partial, "config", "remote.origin.url", "file:///nowhere");
        return kernel({ git: partial });
      },
      says: /./,
      mend: /archive BRANCH arch\/x86\/kvm/,
    },
    {
      name: "a clone that nobody fetches",
      check: async () => {
        const old = clone("old", "--bare");
        git(old, "fetch", "-q");
        utimesSync(join(old, "FETCH_HEAD"), 0, Date.now() / 1000 - 40 * 86_400);
        return (await kernel({ git: old })).slice(1);
      },
      says: /fetched 40 days ago/,
      mend: /fetch --all/,
    },
    {
      name: "an SMTP port that is closed",
      check: async () =>
        (await mail({ smtp: { url: `smtp://127.0.0.1:${closed}` }, mail: { from } })).slice(1),
      says: /ECONNREFUSED/,
      mend: /host and port of smtp\.url/,
    },
    {
      name: "an SMTP login that is refused",
      check: async () =>
        (await mail({ smtp: { url: smtp.url.replace("//", "//bot:wrong@") }, mail: { from } })).slice(1),
      says: /127/,
      mend: /smtp\.password/,
    },
    {
      name: "a sender that the server refuses",
      check: async () => {
        smtp.faults.push({ mail: [550, "not your address"] });
        return (await mail(sending({}))).slice(1);
      },
      says: /MAIL FROM:<bot@example\.net> is refused: 550 .*not your address/,
      mend: /mail\.from/,
    },
    {
      name: "no sender",
      check: () => mail({ smtp: { url: smtp.url } }),
      says: /no reply is made/,
      mend: /set it/,
    },
    {
      name: "a DKIM key that is not there",
      check: async () =>
        (await mail(sending({ dkim: { ...dkim, keyFile: join(dir, "none.pem") } }))).slice(2),
      says: /ENOENT/,
      mend: /mail\.dkim\.keyFile/,
    },
    {
      name: "a DKIM key that DNS does not show",
      check: async () => (await mail(sending({ dkim, dnsServers: [dns.address] }))).slice(2),
      says: /DNS shows another key/,
      mend: /publish a\._domainkey\.example\.net TXT "v=DKIM1; k=rsa; p=MII/,
    },
    {
      name: "a DKIM selector without record",
      check: async () =>
        (await mail(sending({ dkim: { ...dkim, selector: "b" }, dnsServers: [dns.address] }))).slice(2),
      says: /DNS: .*b\._domainkey/,
      mend: /publish b\._domainkey/,
    },
    {
      name: "a DKIM domain that is not the sender's",
      check: async () => (await mail(sending({ dkim: { ...dkim, domain: "example.org" } }))).slice(2),
      says: /example\.org signs for example\.net/,
      mend: /mail\.dkim\.domain/,
    },
  ];

  for (const { name, check, says, mend } of mistakes) {
    test(name, async () => {
      const [first] = await check();
      assert.ok(first, "nothing was found");
      assert.equal(first.ok, false, first.text);
      assert.match(first.text, says);
      assert.match(first.mend ?? "", mend);
      assert.doesNotMatch(`${first.text}${first.mend}`, /wrong|right@|hush/);
    });
  }

  test("when all is well nothing fails, and no mail was begun", async () => {
    const good = await startDns(() => Promise.resolve([["v=DKIM1; p=", publicHalf(key)]]));
    try {
      const checks = [
        checkNode(),
        ...settings({ mail: { from } }),
        checkDataDir(configFrom({ dataDir: join(dir, "data") }), 1),
        await checkWeb(configFrom({ web: { port: 0 } })),
        ...(await store({})),
        ...(await source({ type: "imap", url: url("bot:right") })),
        ...(await kernel({ git: linux, branches: ["main"] })),
        ...(await kernel({ git: clone("whole", "--bare"), branches: ["main"] })),
        ...(await mail(sending({ dkim, dnsServers: [good.address] }))),
      ];
      assert.deepEqual(
        checks.filter(({ ok }) => !ok),
        [],
      );
      assert.deepEqual(smtp.taken, []);
    } finally {
      await good.stop();
    }
  });

  test("no address and no server: nothing is sent, which is no fault", async () => {
    assert.deepEqual(await mail({}), [
      { ok: true, what: "mail", text: "no smtp.url and no mail.from: no reply is made or sent" },
    ]);
  });

  test("a clone without blobs is enough once the kernel's files are fetched", async () => {
    const partial = clone("blobless", "--bare", "--filter=blob:none");
    git(partial, "archive", "-o", "/dev/null", "main", "arch/x86/kvm", "arch/x86/include", "include");
    git(partial, "config", "remote.origin.url", "file:///nowhere");
    const [check] = await kernel({ git: partial, branches: ["main"] });
    assert.equal(check?.ok, true, check?.text);
    assert.match(check?.text ?? "", /main evaluates/);
  });
});
