/** A redis-server or redis-sentinel process on loopback, known by what it logs. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../sources/dovecot.ts";

/** For node:test's `skip`. */
export const noSentinel =
  spawnSync("redis-sentinel", ["--version"]).status === 0
    ? false
    : "no redis-sentinel on this machine (redis-sentinel)";

export interface RedisProcess {
  readonly port: number;
  /** Where its files lie. */
  readonly dir: string;
  readonly pid: () => number;
  readonly isRunning: () => boolean;
  /** Resolves when a line of the log of this run, also a former one, holds the text; rejects when it ends first. */
  readonly logged: (text: string) => Promise<void>;
  /** Ends the process; its files stay. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
  /** After `end`: on the same port and files. Rejects when it does not start. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its files. */
  readonly kill: () => Promise<void>;
}

/** Starts `command` with these lines of configuration and waits until it takes connections. */
export async function startRedisProcess(
  command: "redis-server" | "redis-sentinel",
  settings: readonly string[],
): Promise<RedisProcess> {
  const dir = mkdtempSync(join(tmpdir(), "avp-"));
  const port = await freePort();
  const config = join(dir, "redis.conf");
  const common = [`port ${port}`, "bind 127.0.0.1", `dir ${dir}`, 'save ""'];
  const own = command === "redis-sentinel" ? common.slice(0, 3) : common;
  writeFileSync(config, [...own, ...settings, ""].join("\n"));
  const ready = command === "redis-sentinel" ? "Sentinel ID is" : "Ready to accept connections";
  let run = startRun(command, config);
  const server: RedisProcess = {
    port,
    dir,
    pid: () => run.child.pid ?? 0,
    isRunning: () => run.child.exitCode === null && run.child.signalCode === null,
    logged: (text) => run.logged(text),
    end: async (signal) => {
      run.child.kill(signal);
      await run.ended;
    },
    start: async () => {
      run = startRun(command, config);
      // Its port may be taken for a moment by a connection of somebody else.
      const taken = await Promise.race([
        run.logged(ready).then(() => false),
        run.logged("Address already in use"),
      ]);
      if (taken !== false) await server.start();
    },
    kill: async () => {
      await server.end("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.logged(ready);
  return server;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly logged: (text: string) => Promise<void>;
}

function startRun(command: string, config: string): Run {
  const child = spawn(command, [config], { stdio: ["ignore", "pipe", "ignore"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const wake = () => waiting.forEach((look) => look());
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    wake();
  });
  const ended = once(child, "close").then(() => {
    over = true;
    wake();
  });
  const logged = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const found = lines.some((line) => line.includes(text));
        if (!found && !over) return;
        waiting.delete(look);
        if (found) resolve();
        else reject(new Error(`${command} ended first: ${lines.slice(-3).join(" | ")}`));
      };
      waiting.add(look);
      look();
    });
  return { child, ended, logged };
}
