/** The two git commands a public-inbox needs: new commits of a branch, and the blobs they brought. */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
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

/**
 * Commits from `since` (exclusive; null: all) to `until`, oldest first. `since` being no ancestor means that
 * history was written anew (a purge): then all are given.
 */
export async function commitsBetween(dir: string, since: string | null, until: string): Promise<string[]> {
  const known = since !== null && COMMIT.test(since) && (await isAncestor(dir, since, until));
  const range = known ? [`^${since}`, until] : [until];
  const text = await git(dir, ["rev-list", "--reverse", "--first-parent", ...range]);
  return text.split("\n").filter((line) => COMMIT.test(line));
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

/** One long-lived `git cat-file --batch`; answers come in the order of the questions. */
export class BlobReader {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #wake: (() => void) | null = null;
  #ended: Error | null = null;

  constructor(dir: string, limit: number) {
    this.#limit = limit;
    this.#process = spawn("git", ["--git-dir", dir, "cat-file", "--batch"], { env: GIT_ENVIRONMENT });
    this.#process.stdout.on("data", (chunk: Buffer) => this.#notice(chunk));
    this.#process.on("error", (error) => this.#end(error));
    this.#process.on("close", () => this.#end(new Error(`git cat-file ended in ${dir}`)));
    this.#process.stdin.on("error", () => undefined);
    this.#process.stderr.resume();
  }

  /** Null if there is no such object. `name` must be of the caller's making: `COMMIT:m`. */
  async read(name: string): Promise<Blob | null> {
    this.#process.stdin.write(`${name}\n`);
    const header = await this.#line();
    const size = Number(/^[0-9a-f]+ blob (\d+)$/.exec(header)?.[1] ?? Number.NaN);
    if (Number.isNaN(size)) {
      if (/ missing$/.test(header)) return null;
      throw new Error(`git cat-file answered ${header.slice(0, 100)}`);
    }
    const bytes = await this.#take(size, Math.min(size, this.#limit));
    await this.#take(1, 0);
    return { bytes, size };
  }

  close(): void {
    this.#process.kill();
  }

  #notice(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#process.stdout.pause();
    this.#wake?.();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake?.();
  }

  async #next(): Promise<Buffer> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) return chunk;
      if (this.#ended !== null) throw this.#ended;
      this.#process.stdout.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = null;
    }
  }

  async #line(): Promise<string> {
    let text = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.#next();
      const end = chunk.indexOf(0x0a);
      if (end >= 0) {
        this.#chunks.unshift(chunk.subarray(end + 1));
        return Buffer.concat([text, chunk.subarray(0, end)]).toString("latin1");
      }
      text = Buffer.concat([text, chunk]);
    }
  }

  /** Reads `size` bytes and keeps the first `keep`. */
  async #take(size: number, keep: number): Promise<Buffer> {
    const kept: Buffer[] = [];
    let left = size;
    let wanted = keep;
    while (left > 0) {
      const chunk = await this.#next();
      const used = chunk.subarray(0, left);
      if (used.length < chunk.length) this.#chunks.unshift(chunk.subarray(used.length));
      if (wanted > 0) kept.push(used.subarray(0, wanted));
      wanted -= Math.min(wanted, used.length);
      left -= used.length;
    }
    return Buffer.concat(kept);
  }
}
