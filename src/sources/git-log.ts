/** The two git commands a public-inbox needs: what the new commits of a branch did, and the blobs they brought. */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Nothing from the system's or a user's settings, no questions, no fetching behind our back. */
export const GIT_ENVIRONMENT: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh",
  GIT_OPTIONAL_LOCKS: "0",
  // An archive may belong to another user than avicbot's; nothing of its configuration is executed.
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_KEY_1: "core.fsmonitor",
  GIT_CONFIG_VALUE_1: "false",
};

const MAX_OUTPUT = 256 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40,64}$/;

/** Rejects with git's own words. */
export async function git(dir: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { stdout } = await run("git", ["--git-dir", dir, ...args], {
    env: GIT_ENVIRONMENT,
    maxBuffer: MAX_OUTPUT,
    ...(signal === undefined ? {} : { signal }),
  });
  return stdout;
}

/** The commit a repository is at; null while it has none. */
export async function headCommit(dir: string): Promise<string | null> {
  const text = await git(dir, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).catch(() => "");
  const commit = text.trim();
  return COMMIT.test(commit) ? commit : null;
}

/** What a commit of an archive did: it brought a mail (`m`), or withdrew one (`d`). */
export interface MailChange {
  readonly commit: string;
  /** Id of the mail's blob. */
  readonly blob: string;
  readonly withdrawn: boolean;
}

const LOG =
  "-c log.showRoot=true log --reverse --first-parent -m --raw --no-renames --no-abbrev --format=%H".split(
    " ",
  );
/** A commit, or a file that it added or changed: `:100644 100644 <old> <new> M\tm`. */
const LOG_LINE = /^(?:([0-9a-f]{40,64})|:\d+ \d+ [0-9a-f]+ ([0-9a-f]{40,64}) [AMT]\t([md]))$/gm;

/**
 * What happened from `since` (exclusive; null: all) to `until`, oldest first. `since` being no ancestor means that
 * history was written anew (a purge): then all is given. Rejects with git's own words.
 */
export async function* changesBetween(
  dir: string,
  since: string | null,
  until: string,
): AsyncGenerator<MailChange> {
  const known = since !== null && COMMIT.test(since) && (await isAncestor(dir, since, until));
  const range = known ? [`^${since}`, until] : [until];
  let commit = "";
  for await (const lines of output(dir, [...LOG, ...range])) {
    for (const [, id, blob = "", name] of lines.matchAll(LOG_LINE)) {
      if (id !== undefined) commit = id;
      else yield { commit, blob, withdrawn: name === "d" };
    }
  }
}

/** What git prints, some whole lines at a time, as fast as it is taken. */
async function* output(dir: string, args: readonly string[]): AsyncGenerator<string> {
  const child = spawn("git", ["--git-dir", dir, ...args], {
    env: GIT_ENVIRONMENT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1000)));
  try {
    let rest = "";
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const text = rest + chunk.toString("latin1");
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      yield text.slice(0, end);
    }
    const [code] = await ended;
    if (code !== 0) throw new Error(said.trim() || `git log ended with ${code}`);
  } finally {
    child.kill();
  }
}

async function isAncestor(dir: string, since: string, until: string): Promise<boolean> {
  return git(dir, ["merge-base", "--is-ancestor", since, until]).then(
    () => true,
    () => false,
  );
}

export interface Blob {
  /** At most `limit` bytes of it. */
  readonly bytes: Buffer;
  readonly size: number;
}

const LF = 0x0a;

interface Question {
  readonly resolve: (blob: Blob | null) => void;
  readonly reject: (error: Error) => void;
}

/** An answer of which some bytes have come. */
interface Answer {
  readonly size: number;
  readonly kept: Buffer[];
  /** Bytes that are still to be kept, and to come, the LF behind them included. */
  wanted: number;
  left: number;
}

/** Git is let wait while more than so many bytes were read and not taken. */
const UNTAKEN_BYTES = 8 * 1024 * 1024;

/** One long-lived `git cat-file --batch`; many questions may be on their way, so that git need not wait for them. */
export class BlobReader {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #limit: number;
  readonly #questions: Question[] = [];
  #header = "";
  #answer: Answer | null = null;
  #ended: Error | null = null;
  /** Bytes of the answers that were read ahead. */
  #untaken = 0;

  constructor(dir: string, limit: number) {
    this.#limit = limit;
    this.#process = spawn("git", ["--git-dir", dir, "cat-file", "--batch"], { env: GIT_ENVIRONMENT });
    this.#process.stdout.on("data", (chunk: Buffer) => this.#notice(chunk));
    this.#process.on("error", (error) => this.#end(error));
    this.#process.on("close", () => this.#end(new Error(`git cat-file ended in ${dir}`)));
    this.#process.stdin.on("error", () => undefined);
    this.#process.stderr.resume();
  }

  /**
   * Null if there is no such object. `name` must be of the caller's making. The bytes may be a view of
   * what came along with them: to be copied by who keeps them. Answers come in the order of the questions; each is to
   * be reported as `taken`.
   */
  read(name: string): Promise<Blob | null> {
    const answered = new Promise<Blob | null>((resolve, reject) => {
      if (this.#ended !== null) return reject(this.#ended);
      this.#questions.push({ resolve, reject });
      this.#process.stdin.write(`${name}\n`);
    });
    // Who asked ahead may end before the answer.
    answered.catch(() => undefined);
    return answered;
  }

  taken(blob: Blob | null): void {
    this.#untaken -= blob?.bytes.length ?? 0;
    if (this.#untaken <= UNTAKEN_BYTES) this.#process.stdout.resume();
  }

  close(): void {
    this.#process.kill();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#questions.splice(0)) reject(this.#ended);
  }

  #notice(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0 && this.#ended === null;) {
      rest = this.#answer === null ? this.#begin(rest) : this.#goOn(this.#answer, rest);
    }
  }

  /** Reads the line in front of an answer; what is behind it is left. */
  #begin(chunk: Buffer): Buffer {
    const end = chunk.indexOf(LF);
    const line = this.#header + chunk.toString("latin1", 0, end < 0 ? chunk.length : end);
    this.#header = end < 0 ? line : "";
    if (end < 0) return chunk.subarray(chunk.length);
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(line)?.[1] ?? Number.NaN);
    if (!Number.isNaN(size)) {
      this.#answer = { size, kept: [], wanted: Math.min(size, this.#limit), left: size + 1 };
    } else if (/ missing$/.test(line)) {
      this.#questions.shift()?.resolve(null);
    } else {
      this.#end(new Error(`git cat-file answered ${line.slice(0, 100)}`));
      this.close();
    }
    return chunk.subarray(end + 1);
  }

  #goOn(answer: Answer, chunk: Buffer): Buffer {
    const used = chunk.subarray(0, answer.left);
    if (answer.wanted > 0) answer.kept.push(used.subarray(0, answer.wanted));
    answer.wanted -= Math.min(answer.wanted, used.length);
    answer.left -= used.length;
    if (answer.left === 0) {
      const [first] = answer.kept;
      const bytes = answer.kept.length === 1 && first !== undefined ? first : Buffer.concat(answer.kept);
      this.#answer = null;
      this.#untaken += bytes.length;
      if (this.#untaken > UNTAKEN_BYTES) this.#process.stdout.pause();
      this.#questions.shift()?.resolve({ bytes, size: answer.size });
    }
    return chunk.subarray(used.length);
  }
}
