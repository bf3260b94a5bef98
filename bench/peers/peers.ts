/** What a scan is measured beside: parsers, and the indexers of mail archives, on the same mails. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packagePath } from "../../src/package-root.ts";
import { has, runMeasured, type Command } from "../harness/process.ts";
import type { Sample } from "../harness/report.ts";
import type { CorpusFiles } from "../corpus/write.ts";

export interface Peer {
  readonly name: string;
  /** Why it cannot run here and what would help; null: it can. */
  readonly lacking: string | null;
  readonly run: () => Sample;
  /** So many times its time a scan has to take at most. */
  readonly times: number | null;
  /** It takes minutes, and is not run in every round. */
  readonly slow: boolean;
}

/** Debian's, which sees Debian's modules whatever other Python stands first in the path. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const INDEXER = 40;

export function peersOf(files: CorpusFiles, dir: string, patchwork: string): Peer[] {
  return [
    ...parsersOf(files),
    {
      ...python("patchwork_parser.py", [patchwork, files.paths.mbox ?? ""], files),
      name: "patchwork's parser",
      lacking: lackingPatchwork(patchwork),
      slow: true,
    },
    notmuch(files, dir),
    mu(files, dir),
    publicInbox(files, dir),
    gitMailinfo(files, dir),
  ];
}

/** Those that read an mbox into objects and keep nothing. */
export function parsersOf(files: CorpusFiles): Peer[] {
  const mbox = files.paths.mbox ?? "";
  const mailparser = { command: process.execPath, args: ["--import", "tsx", script("mailparser.ts"), mbox] };
  return [
    parser("mailparser", 15, mailparser, files),
    { ...python("email_package.py", [mbox, "compat32"], files), name: "Python email, compat32", times: 5 },
    {
      ...python("email_package.py", [mbox, "default"], files),
      name: "Python email, default policy",
      times: INDEXER,
    },
  ];
}

function script(name: string): string {
  return packagePath("bench", "peers", name);
}

/** Runs a parser and sees that it read every mail. */
function parser(name: string, times: number, command: Command, { mails }: CorpusFiles): Peer {
  return {
    name,
    times,
    slow: false,
    lacking: null,
    run: () => {
      const ran = runMeasured(command);
      const count = Number(ran.out.trim().split(" ")[0]);
      if (count !== mails) throw new Error(`${name} read ${count} of ${mails} mails`);
      return ran;
    },
  };
}

function python(file: string, args: readonly string[], files: CorpusFiles): Peer {
  const found = parser(file, INDEXER, { command: PYTHON, args: [script(file), ...args] }, files);
  return { ...found, lacking: has(PYTHON) ? null : "Python is not installed: apt-get install python3" };
}

function lackingPatchwork(checkout: string): string | null {
  if (!existsSync(join(checkout, "patchwork", "parser.py")))
    return `no checkout of patchwork at ${checkout}: git clone https://github.com/getpatchwork/patchwork, then --patchwork=FOLDER`;
  const django = has(PYTHON) && runQuietly(PYTHON, ["-c", "import django"]);
  return django ? null : "patchwork's parser needs Django: apt-get install python3-django";
}

function runQuietly(command: string, args: readonly string[]): boolean {
  try {
    runMeasured({ command, args });
    return true;
  } catch {
    return false;
  }
}

/** Indexes anew: what `clear` names goes first, and `prepare` is not counted. */
function indexer(
  name: string,
  debian: string,
  made: { clear: readonly string[]; prepare?: Command; index: Command },
): Peer {
  return {
    name,
    times: INDEXER,
    slow: true,
    lacking: has(made.index.command) ? null : `${name} is not installed: apt-get install ${debian}`,
    run: () => {
      for (const path of made.clear) rmSync(path, { recursive: true, force: true });
      if (made.prepare !== undefined) runMeasured(made.prepare);
      return runMeasured(made.index);
    },
  };
}

function notmuch({ paths }: CorpusFiles, dir: string): Peer {
  const maildir = paths.maildir ?? "";
  const settings = join(dir, "notmuch.conf");
  writeFileSync(settings, `[database]\npath=${maildir}\n[new]\ntags=new\n`);
  return indexer("notmuch new", "notmuch", {
    clear: [join(maildir, ".notmuch")],
    index: { command: "notmuch", args: ["new", "--quiet"], env: { NOTMUCH_CONFIG: settings, HOME: dir } },
  });
}

function mu({ paths }: CorpusFiles, dir: string): Peer {
  const home = `--muhome=${join(dir, "mu")}`;
  return indexer("mu index", "maildir-utils", {
    clear: [join(dir, "mu")],
    prepare: { command: "mu", args: ["init", "--quiet", home, `--maildir=${paths.maildir}`] },
    index: { command: "mu", args: ["index", "--quiet", home] },
  });
}

function publicInbox({ paths }: CorpusFiles, dir: string): Peer {
  const inbox = paths.inbox ?? "";
  const env = { HOME: dir, PI_CONFIG: join(dir, "public-inbox.config") };
  const names = ["bench", inbox, "http://example.org/bench", "bench@example.org"];
  return indexer("public-inbox-index", "public-inbox", {
    clear: ["msgmap.sqlite3", "xap15", "all.git"].map((name) => join(inbox, name)),
    prepare: { command: "public-inbox-init", args: ["-V2", ...names], env },
    index: { command: "public-inbox-index", args: [inbox], env },
  });
}

/** It takes one mail a process: a part of them stands for all. */
const MAILINFO_MAILS = 500;
const MAILINFO = `
git mailsplit --mboxrd -d6 -f0 "-o$1" "$0" > /dev/null
for mail in $(ls "$1" | head -n ${MAILINFO_MAILS}); do
  git mailinfo /dev/null /dev/null < "$1/$mail" > /dev/null 2>&1 || :
done`;

function gitMailinfo({ paths, mails }: CorpusFiles, dir: string): Peer {
  const split = join(dir, "mailsplit");
  return {
    name: "git mailinfo",
    times: INDEXER,
    slow: true,
    lacking: null,
    run: () => {
      rmSync(split, { recursive: true, force: true });
      mkdirSync(split);
      const all = runMeasured({ command: "sh", args: ["-c", MAILINFO, paths.mbox ?? "", split] });
      const share = Math.min(1, MAILINFO_MAILS / mails);
      return { ...all, wall: all.wall / share, cpu: all.cpu === null ? null : all.cpu / share };
    },
  };
}
