/** Patch mails as people send them: made by git from the files before and after each patch. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Byte strings by path; null for a file that goes. */
export type Files = ReadonlyMap<string, string | null>;

export interface MailPatch {
  readonly subject: string;
  readonly message?: string;
  /** The files this patch changes, as they are after it. */
  readonly files: Files;
}

export interface MailOptions {
  readonly version?: number;
  /** Text of the cover letter's subject; without it there is none. */
  readonly cover?: string;
}

const ENV = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Jane Doe",
  GIT_AUTHOR_EMAIL: "jane@example.com",
  GIT_COMMITTER_NAME: "Jane Doe",
  GIT_COMMITTER_EMAIL: "jane@example.com",
  GIT_AUTHOR_DATE: "2026-05-04T09:15:00Z",
  GIT_COMMITTER_DATE: "2026-05-04T09:15:00Z",
};

function git(dir: string, ...args: string[]): string {
  return execFileSync("git", ["-C", dir, ...args], { env: ENV, encoding: "latin1", maxBuffer: 1 << 28 });
}

function writeFiles(dir: string, files: Files): void {
  for (const [path, text] of files) {
    const target = join(dir, path);
    if (text === null) {
      rmSync(target);
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, "latin1");
  }
}

function commit(dir: string, files: Files, subject: string, message = "What it does and why."): void {
  writeFiles(dir, files);
  git(dir, "add", "-A");
  git(dir, "commit", "-q", "--allow-empty", "-m", subject, "-m", message);
}

function formatPatch(dir: string, count: number, { version, cover }: MailOptions): string[] {
  const options = [
    "--thread=shallow",
    "--to=kvm@vger.kernel.org",
    "--cc=linux-kernel@vger.kernel.org",
    "-o",
    "mails",
  ];
  if (version !== undefined) options.push(`-v${version}`);
  if (cover !== undefined) options.push("--cover-letter");
  if (count === 1 && cover === undefined) options.push("-N");
  git(dir, "format-patch", "-q", ...options, `HEAD~${count}`);
  const names = readdirSync(join(dir, "mails")).sort();
  const mails = names.map((name) => readFileSync(join(dir, "mails", name), "latin1"));
  return cover === undefined
    ? mails
    : [mails[0]?.replace("*** SUBJECT HERE ***", cover) ?? "", ...mails.slice(1)];
}

/**
 * The mails of a series, the cover first when there is one. `base` holds the text before the series of every
 * file that a patch changes. Diffs, blob ids, ids of the mails and threading are git's own.
 */
export function makeMails(base: Files, patches: readonly MailPatch[], options: MailOptions = {}): string[] {
  const dir = mkdtempSync(join(tmpdir(), "avicbot-mails-"));
  try {
    git(dir, "init", "-q");
    commit(dir, base, "base");
    for (const { subject, message, files } of patches) commit(dir, files, subject, message);
    return formatPatch(dir, patches.length, options);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function reencode(mail: string, encoding: string, encode: (body: string) => string): string {
  const at = mail.indexOf("\n\n");
  const head = mail
    .slice(0, at)
    .replace(/^(MIME-Version|Content-[\w-]+):.*\n?/gim, "")
    .trimEnd();
  const mime = `MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: ${encoding}`;
  return `${head}\n${mime}\n\n${encode(mail.slice(at + 2))}`;
}

function quoteByte(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

/** RFC 2045, 6.7: everything but printable ASCII, and blanks at the end, quoted; soft breaks at 76. */
function quotedPrintable(body: string): string {
  const lines = body.split("\n").map((line) => {
    const quoted = line.replace(/[^\t\x20-\x3c\x3e-\x7e]/g, quoteByte).replace(/[\t ]$/, quoteByte);
    return (quoted.match(/(?:=[0-9A-F]{2}|[^=]){1,73}/g) ?? [""]).join("=\n");
  });
  return lines.join("\n");
}

export function asQuotedPrintable(mail: string): string {
  return reencode(mail, "quoted-printable", quotedPrintable);
}

export function asBase64(mail: string): string {
  return reencode(mail, "base64", (body) =>
    Buffer.from(body, "latin1").toString("base64").replace(/.{76}/g, "$&\n"),
  );
}

export function asCrlf(mail: string): string {
  return mail.replace(/\n/g, "\r\n");
}

/** An mboxrd of the mails. */
export function asMbox(mails: readonly string[]): string {
  return mails
    .map(
      (mail) =>
        `From mboxrd@z Thu Jan  1 00:00:00 1970\n${mail.replace(/^From [0-9a-f]{40} .*\n/, "").replace(/^(>*From )/gm, ">$1")}\n`,
    )
    .join("");
}

/** Bytes of a byte string, for files and stdin. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
