/** A public-inbox v2 archive made by Debian's own tools, and its IMAP server on loopback. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, untilOpen } from "./dovecot.ts";

/** For node:test's `skip`. */
export const noPublicInbox =
  spawnSync("public-inbox-init", ["--help"]).status === 0
    ? false
    : "no public-inbox on this machine (public-inbox)";

export interface TestInbox {
  readonly path: string;
  readonly folder: string;
  readonly add: (mail: string) => void;
  readonly remove: (mail: string) => void;
  /** Starts the IMAP server; returns its URL. */
  readonly serveImap: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const ADDRESS = "kvm@example.org";

export function makeInbox(): TestInbox {
  const dir = mkdtempSync(join(tmpdir(), "avp-"));
  const path = join(dir, "kvm");
  const settings = join(dir, "config");
  const env = { ...process.env, HOME: dir, PI_CONFIG: settings, ORIGINAL_RECIPIENT: ADDRESS };
  const run = (command: string, args: string[], input = "") => {
    const { status, stderr } = spawnSync(command, args, { env, input: Buffer.from(input, "latin1") });
    if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
  };
  run("public-inbox-init", ["-V2", "kvm", path, "http://example.org/kvm", ADDRESS]);
  run("git", ["config", "-f", settings, "publicinboxmda.spamcheck", "none"]);
  run("git", ["config", "-f", settings, "publicinbox.kvm.newsgroup", "org.example.kvm"]);
  let server: ChildProcess | null = null;
  return {
    path,
    folder: "org.example.kvm.0",
    add: (mail) => run("public-inbox-mda", ["--no-precheck"], mail),
    remove: (mail) => run("public-inbox-learn", ["rm", "--all"], mail),
    serveImap: async () => {
      const port = await freePort();
      server = spawn("public-inbox-imapd", ["-W0", "-l", `imap://127.0.0.1:${port}`], {
        env,
        stdio: "ignore",
      });
      await untilOpen(port);
      return `imap://127.0.0.1:${port}/`;
    },
    stop: async () => {
      if (server !== null && server.exitCode === null) {
        const ended = once(server, "exit");
        server.kill("SIGKILL");
        await ended;
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
