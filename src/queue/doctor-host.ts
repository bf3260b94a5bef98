/** What avicbot needs of this machine, and settings that contradict each other. */
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, resolve } from "node:path";
import type { Config } from "../config.ts";
import { describeError } from "../log.ts";
import { failed, passed, type Check } from "./check.ts";

/** The oldest Node that the package takes. */
const OLDEST_NODE = [20, 19] as const;
/** Below this the append-only file of a busy week does not fit. */
const LEAST_BYTES = 1024 ** 3;
const ANSWER_MS = 3000;

export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  const fits = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
  const oldest = OLDEST_NODE.join(".");
  return fits
    ? passed("Node", version)
    : failed("Node", `${version} is older than ${oldest}`, `install Node ${oldest} or later`);
}

/** The directory of the records, or the one that it will be made in. */
export function checkDataDir({ dataDir, redisUrl }: Config, least: number = LEAST_BYTES): Check {
  const what = "dataDir";
  const path = resolve(dataDir);
  if (redisUrl !== undefined) return passed(what, `${path} is not used: the records are in redisUrl`);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return failed(
      what,
      describeError(error).text,
      `give ${existing(path)} to the user avicbot runs as, or set dataDir`,
    );
  }
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const megabytes = `${Math.floor(free / 1024 ** 2)} MB free`;
  return free < least
    ? failed(what, `${path}: ${megabytes}`, "make room, or set dataDir: Redis stops when the disk is full")
    : passed(what, `${path}: ${megabytes}`);
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

/** Whether the web server can listen; beside a running avicbot its own port is taken, and that is right. */
export async function checkWeb({ web }: Config): Promise<Check> {
  const what = "web";
  const address = `${web.host}:${web.port}`;
  const tokens =
    web.tokens.length > 0
      ? undefined
      : "to approve on the page, set web.tokens to a secret of 16 characters or more (openssl rand -base64 24)";
  const problem = await listening(web.host, web.port);
  if (problem === null) return passed(what, `${address} is free`, tokens);
  if (problem === "EADDRINUSE" && (await isAvicbot(web.host, web.port)))
    return passed(what, `avicbot answers at ${address}`, tokens);
  const mends: Record<string, string> = {
    EADDRINUSE: "end what listens there, or set another web.port",
    EACCES: "set web.port above 1023",
  };
  return failed(
    what,
    `${address}: ${problem}`,
    mends[problem] ?? "set web.host to an address of this machine",
  );
}

function listening(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => done(null)));
  });
}

async function isAvicbot(host: string, port: number): Promise<boolean> {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return (await answer.text()).includes("avicbot_");
  } catch {
    return false;
  }
}

/** Settings that are each right and wrong together. */
export function checkSettings(config: Config): Check[] {
  const { mode, sources, lists, mail, maintainers, smtp } = config;
  const own = mail.from?.toLowerCase();
  const contradictions: [boolean, string, string][] = [
    [
      sources.length === 0,
      "no sources: nothing is read",
      "add an imap, public-inbox, maildir or mbox source",
    ],
    [
      mode !== "dry-run" && mail.from !== undefined && lists.length === 0,
      `mode ${mode} with no lists: no reply has a list to go to`,
      'add the list: "lists": [{ "address": "kvm@vger.kernel.org" }]',
    ],
    [
      own !== undefined && maintainers.some((address) => address.toLowerCase() === own),
      `${own} is mail.from and among the maintainers`,
      "take it out of maintainers: avicbot does not obey itself",
    ],
    [
      own !== undefined && mail.moderators?.toLowerCase() === own,
      `${own} is mail.from and mail.moderators`,
      "set mail.moderators to an address that people read",
    ],
    [
      smtp.url !== undefined && new URL(smtp.url).username !== "" && !hasPassword(smtp.url, smtp.password),
      "smtp.url names a user and there is no password",
      "set smtp.password, or AVICBOT_SMTP_PASSWORD in the environment of the service",
    ],
  ];
  const found = contradictions.filter(([holds]) => holds);
  const summary = passed("settings", `mode ${mode}, ${sources.length} sources`);
  return found.length === 0 ? [summary] : found.map(([, text, mend]) => failed("settings", text, mend));
}

export function hasPassword(url: string, password: string | undefined): boolean {
  return (password ?? new URL(url).password) !== "";
}
