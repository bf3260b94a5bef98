/** Processes of the service under test: started as a person would, watched by their log lines. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BIN } from "../cli/run.ts";

export interface LogLine {
  readonly msg?: string;
  readonly [key: string]: unknown;
}

export interface Bot {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  readonly isRunning: () => boolean;
  /** The first line that fits, also a former one. */
  readonly until: (fits: (line: LogLine) => boolean) => Promise<LogLine>;
  /** Resolves with the signal or code it ended with. */
  readonly ended: Promise<string | number | null>;
  readonly kill: () => Promise<unknown>;
  /** SIGTERM; resolves with the exit code. */
  readonly stop: () => Promise<string | number | null>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test left behind. */
export function killLeftOvers(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function writeSettings(dir: string, settings: object): string {
  const path = join(dir, "settings.json");
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

/** Without what tests are told by (seeds, counts): the program refuses settings that it does not know. */
function surroundings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AVICBOT_")));
}

function launch(argv: readonly string[], env: Record<string, string>): ChildProcess {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...surroundings(), ...env },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** `through`: a command and its arguments that starts the one behind it, such as `prlimit`. */
export function startBot(
  verb: string,
  config: string,
  env: Record<string, string> = {},
  through: readonly string[] = [],
): Bot {
  return startProgram([...through, process.execPath, BIN, verb, "--config", config], env);
}

/** A program that logs as the service does. */
export function startProgram(argv: readonly string[], env: Record<string, string> = {}): Bot {
  const child = launch(argv, env);
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((look) => look());
  const ended = new Promise<string | number | null>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
  });
  void ended.then(wake);
  if (child.stderr === null) throw new Error("no stderr");
  createInterface({ input: child.stderr }).on("line", (text) => {
    lines.push(text.startsWith("{") ? (JSON.parse(text) as LogLine) : { msg: text });
    wake();
  });
  return {
    pid: child.pid ?? 0,
    lines,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    ended,
    until: (fits) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find(fits);
          const over = child.exitCode !== null || child.signalCode !== null;
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else
            reject(
              new Error(
                `${argv.join(" ")} ended first:\n${lines.map((line) => JSON.stringify(line)).join("\n")}`,
              ),
            );
        };
        waiting.add(look);
        look();
      }),
    kill: () => {
      child.kill("SIGKILL");
      return ended;
    },
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Runs a verb to its end. */
export async function runVerb(
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const child = launch([process.execPath, BIN, ...args], {});
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

/** Asks until the answer is not null: for what tells nobody when it is so. */
export async function untilFound<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await ask().catch(() => null);
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
