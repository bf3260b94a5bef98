/**
 * A Redis of avicbot's own: a child process on a unix socket under the data directory, for machines where
 * nobody set one up. It is tied to the life of the process that started it, and only one runs for a
 * directory: further processes find its socket and join.
 *
 * Durability (Redis 7.0, tried with kill -9): an acknowledged write survives with `appendfsync always`; a
 * cut file must stop the start, since `aof-load-truncated yes` silently drops what came after the cut.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface PrivateRedis {
  /** Address for `connectRedis`. */
  readonly url: string;
  /** Process id of the server this process started, or null when it joined another's. */
  readonly pid: () => number | null;
  /** Ends supervision, and the server when this process started it. */
  stop(): Promise<void>;
}

export interface PrivateRedisEvents {
  started?(pid: number): void;
  /** The server ended though nobody stopped it; a new one is started. */
  ended?(reason: string): void;
}

const MISSING = "redis-server is not installed: `apt-get install redis-server`, or set redisUrl";
/** flock's own exit code: another server holds the directory. */
const HELD = 75;
const NO_SUCH_COMMAND = 127;
const FLOCK_CANNOT_EXEC = 69;
const START_LIMIT_MS = 15_000;
/** Linux takes at most 107 bytes as the path of a unix socket. */
const SOCKET_PATH_LIMIT = 107;

/**
 * Starts or joins the server of `dataDir` and keeps it running until `stop`. Rejects with one line for the
 * operator when there is no redis-server or it refuses its files.
 */
export async function startPrivateRedis(
  dataDir: string,
  events: PrivateRedisEvents = {},
): Promise<PrivateRedis> {
  const dir = resolve(dataDir, "redis");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socket = join(dir, "redis.sock");
  if (Buffer.byteLength(socket) > SOCKET_PATH_LIMIT) {
    throw new Error(`dataDir is too long a path for a unix socket (${socket}): choose a shorter one`);
  }
  const state: Supervision = { dir, socket, events, child: null, stopping: false };
  await ensureRunning(state);
  const watching = supervise(state);
  return {
    url: `unix://${encodeURI(socket)}`,
    pid: () => state.child?.pid ?? null,
    stop: async () => {
      state.stopping = true;
      state.wake?.();
      // A new server may just be starting: only then it is known which one to end.
      await watching;
      if (state.child !== null) await endChild(state.child);
    },
  };
}

interface Supervision {
  dir: string;
  socket: string;
  events: PrivateRedisEvents;
  child: ChildProcess | null;
  stopping: boolean;
  /** Ends the present wait for the server's end. */
  wake?: () => void;
}

/** Waits for the server's end, whoever started it, and sees to a new one. */
async function supervise(state: Supervision): Promise<void> {
  while (!state.stopping) {
    await untilGone(state);
    if (state.stopping) return;
    state.events.ended?.(describeEnd(state.child));
    try {
      await ensureRunning(state);
    } catch (error) {
      state.events.ended?.((error as Error).message);
      await sleep(1000);
    }
  }
}

async function ensureRunning(state: Supervision): Promise<void> {
  const until = Date.now() + START_LIMIT_MS;
  let last = "";
  while (!state.stopping && Date.now() < until) {
    if (await answers(state.socket)) return;
    const outcome = await startServer(state);
    if (outcome === "ready") return;
    if (outcome !== "held") throw new Error(outcome);
    last = "another redis-server holds the directory and does not answer";
    await sleep(50);
  }
  if (!state.stopping) throw new Error(`no private Redis in ${state.dir}: ${last}`);
}

function describeEnd(child: ChildProcess | null): string {
  const how = child?.signalCode ?? child?.exitCode ?? null;
  return how === null ? "connection closed" : `ended with ${how}`;
}

/** Whether a server accepts connections and has loaded its data. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => connection.write("PING\r\n"));
    const settle = (value: boolean) => {
      connection.destroy();
      resolve(value);
    };
    connection.setTimeout(2000, () => settle(false));
    connection.once("data", (data) => settle(data.toString("latin1").startsWith("+PONG")));
    connection.once("error", () => settle(false));
    connection.once("close", () => settle(false));
  });
}

/** Resolves when the server closes a connection that is only held, or when `stop` is called. */
function untilGone(state: Supervision): Promise<void> {
  return new Promise((resolve) => {
    const connection = connect(state.socket);
    const settle = () => {
      connection.destroy();
      resolve();
    };
    connection.once("error", settle);
    connection.once("close", settle);
    connection.resume();
    state.wake = settle;
    if (state.stopping) settle();
  });
}

/**
 * The shell ends the server when fd 3 closes, that is when this process ends in any way; flock keeps a
 * second server off the directory (Redis itself would unlink the first one's socket and write its files).
 */
const GUARD = `
flock -n -F -E ${HELD} "$1/lock" redis-server "$1/redis.conf" 3<&- & server=$!
(read -r _ <&3; kill -TERM $server 2>/dev/null) & guard=$!
wait $server; code=$?
kill $guard 2>/dev/null
exit $code`;

function serverSettings(dir: string, socket: string): string {
  return [
    "port 0",
    `unixsocket "${socket}"`,
    "unixsocketperm 700",
    `dir "${dir}"`,
    "daemonize no",
    "appendonly yes",
    "appendfsync always",
    "aof-load-truncated no",
    'save ""',
    "maxmemory-policy noeviction",
    'logfile ""',
    "",
  ].join("\n");
}

/** `ready`, `held` when another server owns the directory, else why it does not start. */
async function startServer(state: Supervision): Promise<string> {
  writeFileSync(join(state.dir, "redis.conf"), serverSettings(state.dir, state.socket), { mode: 0o600 });
  const child = spawn("sh", ["-c", GUARD, "sh", state.dir], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
    detached: true,
  });
  const output = collectTail(child);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  const outcome = await Promise.race([ended, untilAnswers(state.socket, ended, output)]);
  if (outcome !== "ready") return explainEnd(outcome, output());
  state.child = child;
  child.once("exit", () => (child.stdio[3] as Socket | null)?.destroy());
  child.unref();
  state.events.started?.(child.pid ?? 0);
  return "ready";
}

/** An answer alone may come from another's server; ours has said that it is ready too. */
async function untilAnswers(
  socket: string,
  ended: Promise<number>,
  output: () => string,
): Promise<"ready" | number> {
  let code: number | null = null;
  void ended.then((value) => (code = value));
  while (code === null) {
    if (/ready to accept connections/i.test(output()) && (await answers(socket))) return "ready";
    await sleep(10);
  }
  return code;
}

function collectTail(child: ChildProcess): () => string {
  let tail = "";
  child.stdout?.on("data", (chunk: Buffer) => (tail = (tail + chunk.toString("utf8")).slice(-2000)));
  (child.stdout as Socket).unref();
  (child.stdio[3] as Socket).unref();
  return () => tail;
}

function explainEnd(code: number, output: string): string {
  if (code === HELD) return "held";
  if (code === NO_SUCH_COMMAND || code === FLOCK_CANNOT_EXEC) return MISSING;
  const lines = output.split("\n").filter((line) => line.includes("#") || line.includes("***"));
  return `redis-server ended with ${code}: ${lines.at(-1)?.trim() ?? "no reason given"}`;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.ref();
  (child.stdio[3] as Socket | null)?.destroy();
  await ended;
}
