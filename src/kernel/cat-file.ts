/**
 * One long-lived `git cat-file --batch`: object names go in, one a line, objects come out in the same order.
 * Nothing reaches a shell, the command line is fixed, and the machine's own git settings are left out.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createReplyReader, type Reply, type ReplyReader } from "./cat-file-reply.ts";
import { KernelError } from "./source.ts";

export interface CatFileOptions {
  /** The repository: a .git directory, a .git file of a work tree, or a bare repository. */
  readonly gitDir: string;
  /** The git executable. */
  readonly git: string;
  /** Silence of git, in ms, after which it is given up while an answer is due. */
  readonly timeout: number;
  /** Larger objects are passed over. */
  readonly maxSize: number;
}

export interface CatFile {
  /**
   * One object by its name, which the caller has validated. Rejects with KernelError: `no-git`,
   * `not-a-repository`, `git-failed` (it died twice on this request), `git-timeout`, `closed`.
   */
  request(name: string): Promise<Reply>;
  close(): Promise<void>;
}

interface Pending {
  readonly name: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: KernelError) => void;
  /** How often git died when this request was the next to be answered. */
  deaths: number;
}

interface State {
  readonly options: CatFileOptions;
  readonly pending: Pending[];
  child: ChildProcessWithoutNullStreams | null;
  timer: NodeJS.Timeout | null;
  closed: boolean;
}

/** Starts git at the first request; it is started again when it has ended. */
export function openCatFile(options: CatFileOptions): CatFile {
  const state: State = { options, pending: [], child: null, timer: null, closed: false };
  return {
    request: (name) => ask(state, name),
    close: () => close(state),
  };
}

function ask(state: State, name: string): Promise<Reply> {
  if (state.closed) return Promise.reject(new KernelError("closed", "the repository was closed"));
  // A line feed would be a second request, which would shift all answers.
  if (!/^[\x20-\xff]{1,4096}$/.test(name) || name.startsWith("-")) {
    return Promise.resolve({ kind: "missing" });
  }
  return new Promise((resolve, reject) => {
    state.pending.push({ name, resolve, reject, deaths: 0 });
    if (state.child === null) start(state);
    else state.child.stdin.write(`${name}\n`, "latin1");
    if (state.pending.length === 1) setBusy(state, true);
  });
}

/** Only what git needs to run and to read this one repository. */
function environment(gitDir: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LC_ALL: "C",
    GIT_DIR: gitDir,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
  };
}

const ARGUMENTS = ["-c", "protocol.allow=never", "-c", "core.fsmonitor=false", "cat-file", "--batch"];

function start(state: State): void {
  const { git, gitDir, maxSize } = state.options;
  const child = spawn(git, ARGUMENTS, { env: environment(gitDir), stdio: "pipe" });
  const reader = createReplyReader(maxSize);
  let said = "";
  let failure: NodeJS.ErrnoException | null = null;
  state.child = child;
  child.on("error", (error) => (failure = error));
  // A write to a process that has ended fails here; its end is dealt with below.
  child.stdin.on("error", () => undefined);
  child.stderr.on("data", (data: Buffer) => (said = (said + data.toString("latin1")).slice(-2000)));
  child.stdout.on("data", (data: Buffer) => onData(state, child, reader, data));
  child.on("close", (code, signal) => {
    if (state.child !== child) return;
    state.child = null;
    onDeath(state, failure ?? { said, how: signal ?? `exit ${code}` });
  });
  for (const { name } of state.pending) child.stdin.write(`${name}\n`, "latin1");
}

function onData(
  state: State,
  child: ChildProcessWithoutNullStreams,
  reader: ReplyReader,
  data: Buffer,
): void {
  // What a closed source still gets is nobody's: it must not count as idle before its process has ended.
  if (state.child !== child || state.closed) return;
  for (const reply of reader.push(data)) {
    const answered = state.pending.shift();
    if (reply.kind === "nonsense" || answered === undefined) {
      if (answered) state.pending.unshift(answered);
      child.kill("SIGKILL");
      return;
    }
    answered.resolve(reply);
  }
  setBusy(state, state.pending.length > 0);
}

type Death = NodeJS.ErrnoException | { readonly said: string; readonly how: string };

/** Restarts git once for the request it died on; a second death is that request's error, the others go on. */
function onDeath(state: State, death: Death): void {
  setBusy(state, false);
  const [head] = state.pending;
  if (head === undefined) return;
  const fatal = fatalError(state.options, death);
  if (fatal !== null) return rejectAll(state, fatal);
  head.deaths++;
  if (head.deaths > 1) {
    state.pending.shift();
    head.reject(failedError(state.options, head.name, death));
  }
  if (state.pending.length === 0 || state.closed) return;
  start(state);
  setBusy(state, true);
}

/** Errors that a second try does not mend. */
function fatalError(options: CatFileOptions, death: Death): KernelError | null {
  if (!("said" in death)) {
    const message = `git cannot be started (${death.code ?? death.message}): install git, or give the kernel source as a directory`;
    return new KernelError("no-git", message, { cause: death });
  }
  if (!/not a git repository|invalid gitfile/i.test(death.said)) return null;
  return notARepository(options.gitDir);
}

/** The error for what was named as a repository and is none. */
export function notARepository(path: string): KernelError {
  const message = `${path} is no git repository: name the directory that holds .git, or a bare repository`;
  return new KernelError("not-a-repository", message);
}

function failedError(options: CatFileOptions, name: string, death: Death): KernelError {
  const { said, how } = "said" in death ? death : { said: "", how: death.message };
  if (said.includes("promisor remote")) {
    const text = `${options.gitDir} is a partial clone without ${name}: fetch it, or clone without a filter`;
    return new KernelError("missing-object", text);
  }
  const line = said.trim().split("\n").at(-1) ?? "";
  const message = `git cat-file ended on ${name} (${how}${line === "" ? "" : `: ${line}`}): check it with git --git-dir=${options.gitDir} fsck`;
  return new KernelError("git-failed", message);
}

function rejectAll(state: State, error: KernelError): void {
  for (const { reject } of state.pending.splice(0)) reject(error);
}

function onTimeout(state: State): void {
  const { timeout, gitDir } = state.options;
  const child = state.child;
  state.child = null;
  setBusy(state, false);
  child?.kill("SIGKILL");
  const message = `git was silent for ${timeout} ms on ${gitDir}: look at the disk it is on and try again`;
  rejectAll(state, new KernelError("git-timeout", message));
}

/** While answers are due there is a time limit; while none are, git does not keep this process alive. */
function setBusy(state: State, busy: boolean): void {
  if (state.timer) clearTimeout(state.timer);
  state.timer = busy ? setTimeout(() => onTimeout(state), state.options.timeout) : null;
  const { child } = state;
  if (child === null) return;
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Partial<NodeJS.RefCounted>[];
  for (const handle of [child, ...pipes]) {
    if (busy) handle.ref?.();
    else handle.unref?.();
  }
}

async function close(state: State): Promise<void> {
  state.closed = true;
  rejectAll(state, new KernelError("closed", "the repository was closed"));
  const child = state.child;
  if (child === null) return;
  setBusy(state, true);
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await ended;
  setBusy(state, false);
}
