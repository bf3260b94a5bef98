/** A redis-server or redis-sentinel process on loopback, known by what it logs. */
import { spawn, spawnSync } from "node:child_process";
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
  /** Resolves when a line of its log, also a former one, holds the text. */
  readonly logged: (text: string) => Promise<void>;
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
  const child = spawn(command, [config], { stdio: ["ignore", "pipe", "ignore"] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    waiting.forEach((look) => look());
  });
  const server: RedisProcess = {
    port,
    logged: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (!lines.some((line) => line.includes(text))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.logged(command === "redis-sentinel" ? "Sentinel ID is" : "Ready to accept connections");
  return server;
}
