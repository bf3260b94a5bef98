/** A Postfix of the test's own on a loopback port: own configuration and queue, nothing of the system's. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePort, untilOpen } from "../sources/dovecot.ts";

const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
const NOBODY = 65534;

function findOut(): string | false {
  if (spawnSync("postconf", ["-d", "-h", "mail_version"], { env: { PATH } }).status !== 0)
    return "no postfix on this machine";
  return userInfo().uid === 0 ? false : "Postfix starts as root only";
}

/** For node:test's `skip`. */
export const noPostfix = findOut();

export interface Postfix {
  readonly port: number;
  readonly url: string;
  /** Whether nothing waits in its queue. */
  readonly isIdle: () => boolean;
  readonly stop: () => Promise<void>;
}

/** Mail to these addresses goes into a Maildir each, owned by nobody; any other is thrown away. */
export async function startPostfix(mailboxes: Readonly<Record<string, string>>): Promise<Postfix> {
  const dir = mkdtempSync(join(tmpdir(), "avx-"));
  spawnSync("chmod", ["755", dir]);
  const port = await freePort();
  mkdirSync(join(dir, "data"));
  mkdirSync(join(dir, "queue"));
  spawnSync("chown", ["postfix", join(dir, "data")]);
  writeFileSync(join(dir, "main.cf"), mainSettings(dir, mailboxes));
  writeFileSync(join(dir, "master.cf"), services(port));
  const child = spawn("postfix", ["-c", dir, "start-fg"], { env: { PATH }, stdio: "ignore" });
  await untilOpen(port);
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    isIdle: () => ["incoming", "active", "deferred"].every((name) => isEmpty(join(dir, "queue", name))),
    stop: () => stop(dir, child),
  };
}

/** Deferred mail lies in folders by its first letter. */
function isEmpty(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).every((entry) => entry.isDirectory());
}

/** The master has a session of its own: it is known by the file it writes. */
async function stop(dir: string, child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : null;
  const master = Number(readFileSync(join(dir, "queue", "pid", "master.pid"), "latin1"));
  process.kill(master, "SIGTERM");
  await ended;
  rmSync(dir, { recursive: true, force: true });
}

function mainSettings(dir: string, mailboxes: Readonly<Record<string, string>>): string {
  const maps = Object.entries(mailboxes).map(([address, maildir]) => `{ ${address} = ${maildir}/ }`);
  const domains = new Set(Object.keys(mailboxes).map((address) => address.split("@")[1] ?? ""));
  return `
compatibility_level = 3.6
config_directory = ${dir}
queue_directory = ${dir}/queue
data_directory = ${dir}/data
maillog_file_prefixes = ${dir}
maillog_file = ${dir}/log
myhostname = lists.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
disable_dns_lookups = yes
virtual_mailbox_base = /
virtual_mailbox_domains = ${[...domains].join(", ")}
virtual_mailbox_maps = inline:{ ${maps.join(", ")} }
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
default_transport = discard:
local_transport = discard:
virtual_transport = virtual
local_recipient_maps =
`;
}

function services(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;
}
