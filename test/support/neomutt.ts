/** neomutt on a terminal of its own, as a reader of the list has it. */
import { execFileSync, spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";

const has = (command: string, flag: string) => spawnSync(command, [flag]).status === 0;

/** For node:test's `skip`. */
export const noNeomutt =
  has("neomutt", "-v") && has("tmux", "-V") ? false : "no neomutt and tmux on this machine";

const SETTINGS = `
set ascii_chars = yes
set sort = threads
set index_format = "%4C %-10.10F %s"
set status_format = "INDEX %m"
set pager_format = "PAGER %C"
set header_cache = ""
set wait_key = no
set quit = yes
set imap_authenticators = login
set imap_pass = any
unset ssl_starttls
unset ssl_force_tls
unset help
unset markers
unset mark_old
ignore *
unignore from to cc subject
`;

/** Higher than the longest of our mails, wider than the table. */
const WIDTH = 140;
const HEIGHT = 200;
const LIMIT_MS = 30_000;

export interface Reader {
  /** The index of the folder once it has this many messages, a line a message, threads as a tree. */
  readonly index: (messages: number) => Promise<string[]>;
  /** The screen with the message of this number, counted from 1, and nothing else. */
  readonly read: (number: number) => Promise<string[]>;
  /** Presses keys, and gives the screen once it fits. */
  readonly press: (keys: string, fits: (lines: string[]) => boolean) => Promise<string[]>;
  readonly close: () => Promise<void>;
}

export interface ReaderOptions {
  /** Further lines of the muttrc. */
  readonly settings?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Lines as a terminal shows them: tabs are blanks there. */
export function readerLines(text: string): string[] {
  return text.split("\n").map((line) => line.trimEnd());
}

/** Opens an mbox (a byte string), or a folder of an IMAP server, in neomutt inside tmux. */
export async function openNeomutt(
  what: { mbox: string } | { imap: string } | { maildir: string },
  options: ReaderOptions = {},
): Promise<Reader> {
  const dir = mkdtempSync(join(tmpdir(), "avn-"));
  const folder = "imap" in what ? what.imap : "maildir" in what ? what.maildir : join(dir, "mbox");
  if ("mbox" in what) writeFileSync(folder, what.mbox, "latin1");
  writeFileSync(join(dir, "muttrc"), `set folder = "${dir}"\n${SETTINGS}${options.settings ?? ""}`);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: dir,
    TERM: "xterm",
    LC_ALL: "C.UTF-8",
    ...options.env,
  };
  const tmux = (...args: string[]) =>
    execFileSync("tmux", ["-S", join(dir, "tmux"), "-f", "/dev/null", ...args], { env, encoding: "utf8" });
  const screen = () => readerLines(tmux("capture-pane", "-p"));
  const until = async (fits: (lines: string[]) => boolean): Promise<string[]> => {
    const end = Date.now() + LIMIT_MS;
    for (let former = ""; Date.now() < end;) {
      const lines = screen();
      const text = lines.join("\n");
      // Twice the same: nothing is being drawn.
      if (text === former && fits(lines)) return lines;
      former = text;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`neomutt shows:\n${screen().join("\n").trim()}`);
  };
  const size = ["-x", String(WIDTH), "-y", String(HEIGHT)];
  // neomutt and what it starts hold the pipe open: it ends with the last of them.
  const pipe = join(dir, "alive");
  execFileSync("mkfifo", [pipe]);
  const alive = createReadStream(pipe).resume();
  const neomutt = `exec neomutt -n -F ${dir}/muttrc -R -f ${folder}`;
  tmux("new-session", "-d", ...size, `exec 9>${pipe}; ${neomutt}`);
  return {
    async index(messages) {
      const lines = await until((shown) => shown.includes(`INDEX ${messages}`));
      return lines.filter((line) => /^ +\d+ /.test(line));
    },
    async read(number) {
      tmux("send-keys", String(number), "Enter", "Enter");
      return until((shown) => shown.includes(`PAGER ${number}`));
    },
    press(keys, fits) {
      tmux("send-keys", keys);
      return until(fits);
    },
    async close() {
      tmux("kill-server");
      await finished(alive);
      rmSync(dir, { recursive: true });
    },
  };
}
