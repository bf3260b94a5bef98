/** A Dovecot of the test's own on a loopback port, over Maildirs; any password is right unless one is given. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;

/** For node:test's `skip`. */
export const noDovecot =
  spawnSync("dovecot", ["--version"], { env: { PATH } }).status === 0
    ? false
    : "no dovecot on this machine (dovecot-imapd)";

/** For node:test's `skip`. */
export const noLmtp = existsSync("/usr/lib/dovecot/lmtp")
  ? false
  : "no LMTP of Dovecot on this machine (dovecot-lmtpd)";

export interface Dovecot {
  readonly url: string;
  readonly port: number;
  /** The INBOX' folder. */
  readonly maildir: string;
  /** For TLS from the first byte; 0 without a certificate. */
  readonly tlsPort: number;
  /** Mail to `reader+FOLDER` is delivered into a folder; 0 where there is no LMTP. */
  readonly lmtpPort: number;
  /** Puts a mail into a folder, at once and whole; returns the file. */
  readonly deliver: (mail: string, folder?: string) => string;
  /** The mails of a folder, as byte strings. */
  readonly list: (folder: string) => string[];
  readonly makeFolder: (folder: string) => void;
  readonly isRunning: () => boolean;
  readonly start: () => Promise<void>;
  /** `kill -9` of the master and all it started. */
  readonly kill: () => Promise<void>;
  /** Throws UIDs and UIDVALIDITY away; only while it is stopped. */
  readonly forgetUids: (folder?: string) => void;
  readonly stop: () => Promise<void>;
}

/** Dovecot serves no mail as root: then as the unprivileged user every Debian has. */
const NOBODY = 65534;

/** Files in PEM; the server offers STARTTLS and TLS with them. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export async function startDovecot(
  certificate: Certificate | null = null,
  password: string | null = null,
): Promise<Dovecot> {
  const dir = mkdtempSync(join(tmpdir(), "avd-"));
  const port = await freePort();
  const tlsPort = certificate === null ? 0 : await freePort();
  const lmtpPort = noLmtp === false ? await freePort() : 0;
  const maildir = join(dir, "mail");
  const owner = userInfo().uid === 0 ? NOBODY : userInfo().uid;
  makeMaildir(maildir, owner);
  writeFileSync(
    join(dir, "dovecot.conf"),
    configuration({ dir, port, tlsPort, lmtpPort, owner, certificate, password }),
  );
  const state: { child: ChildProcess | null; count: number } = { child: null, count: 0 };
  if (owner === NOBODY) spawnSync("chmod", ["755", dir]);
  const server: Dovecot = {
    url: `imap://reader:any@127.0.0.1:${port}/`,
    port,
    maildir,
    tlsPort,
    lmtpPort,
    deliver: (mail, folder) => {
      state.count += 1;
      const target = folder === undefined ? maildir : join(maildir, `.${folder}`);
      makeMaildir(target, owner);
      const name = `${Date.now()}.${process.pid}_${state.count}.test`;
      writeFileSync(join(target, "tmp", name), mail, "latin1");
      chownSync(join(target, "tmp", name), owner, owner);
      renameSync(join(target, "tmp", name), join(target, "new", name));
      return join(target, "new", name);
    },
    list: (folder) =>
      ["new", "cur"].flatMap((part) => {
        const path = join(maildir, `.${folder}`, part);
        return readdirSync(path).map((name) => readFileSync(join(path, name), "latin1"));
      }),
    isRunning: () => state.child?.exitCode === null && state.child.signalCode === null,
    makeFolder: (folder) => makeMaildir(join(maildir, `.${folder}`), owner),
    start: async () => {
      // For a lock whose holder was killed it would wait two minutes.
      for (const name of readdirSync(maildir, { recursive: true, encoding: "utf8" }))
        if (name.endsWith(".lock")) rmSync(join(maildir, name), { force: true });
      // Its port may be taken for a moment by a connection of somebody else.
      for (let opened = false; !opened;) {
        const child = spawn("dovecot", ["-F", "-c", join(dir, "dovecot.conf")], {
          env: { PATH },
          stdio: "ignore",
          detached: true,
        });
        state.child = child;
        const ended = once(child, "exit").then(() => false);
        opened = await Promise.race([untilOpen(port).then(() => true), ended]);
      }
    },
    kill: () => endGroup(state, "SIGKILL"),
    forgetUids: (folder) => {
      const path = folder === undefined ? maildir : join(maildir, `.${folder}`);
      for (const name of readdirSync(path)) {
        if (/^dovecot(-uidlist|\.index)/.test(name)) rmSync(join(path, name));
      }
    },
    stop: async () => {
      await endGroup(state, "SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

function makeMaildir(path: string, owner: number): void {
  for (const folder of ["", "tmp", "new", "cur"]) {
    mkdirSync(join(path, folder), { recursive: true });
    chownSync(join(path, folder), owner, owner);
  }
}

interface Configuration {
  readonly dir: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly lmtpPort: number;
  readonly owner: number;
  readonly certificate: Certificate | null;
  readonly password: string | null;
}

function configuration({
  dir,
  port,
  tlsPort,
  lmtpPort,
  owner,
  certificate,
  password,
}: Configuration): string {
  const tls =
    certificate === null
      ? "ssl = no"
      : `ssl = yes\nssl_cert = <${certificate.cert}\nssl_key = <${certificate.key}`;
  const user = userInfo().uid === 0 ? "nobody" : userInfo().username;
  return `
base_dir = ${dir}/run
log_path = ${dir}/log
protocols = imap${lmtpPort === 0 ? "" : " lmtp"}
listen = 127.0.0.1
${tls}
disable_plaintext_auth = no
first_valid_uid = ${owner}
last_valid_uid = 0
first_valid_gid = 0
default_internal_user = ${user}
default_login_user = ${user}
mail_location = maildir:${dir}/mail
passdb {
  driver = static
  args = ${password === null ? "nopassword=y" : `password=${password}`}
}
userdb {
  driver = static
  args = uid=${owner} gid=${owner} home=${dir}/mail
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
${lmtpPort === 0 ? "" : lmtpService(lmtpPort)}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`;
}

function lmtpService(port: number): string {
  return `
lmtp_save_to_detail_mailbox = yes
lmtp_user_concurrency_limit = 0
service lmtp {
  inet_listener lmtp {
    port = ${port}
  }
}
protocol lmtp {
  postmaster_address = postmaster@example.org
}
`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when the server greets. */
export async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (await greets(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const settle = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("data", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
}

async function endGroup(state: { child: ChildProcess | null }, signal: NodeJS.Signals): Promise<void> {
  const { child } = state;
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  process.kill(signal === "SIGKILL" ? -child.pid : child.pid, signal);
  await ended;
  state.child = null;
}
