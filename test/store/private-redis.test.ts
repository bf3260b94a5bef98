import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, truncateSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { startPrivateRedis } from "../../src/store/private-redis.ts";
import { awaitReady, connectRedis, findUnsafeSettings, type RedisClient } from "../../src/store/redis.ts";

const installed = spawnSync("redis-server", ["--version"]).status === 0;
const dirs: string[] = [];

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "avr-"));
  dirs.push(dir);
  return dir;
}

after(() => dirs.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

async function client(url: string): Promise<RedisClient> {
  const redis = connectRedis(url, "wait", () => undefined);
  await awaitReady(redis, 5000);
  return redis;
}

async function serverPid(redis: RedisClient): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await redis.info("server"))?.[1]);
}

async function untilDead(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("private Redis", { skip: installed ? false : "no redis-server on this machine" }, () => {
  test("keeps what it acknowledged over kill -9, and is started again", async () => {
    let restarted = () => {};
    const ended = new Promise<void>((resolve) => (restarted = resolve));
    const server = await startPrivateRedis(dataDir(), { ended: () => restarted() });
    const redis = await client(server.url);
    assert.deepEqual(await findUnsafeSettings(redis), []);
    await redis.set("kept", "yes");
    process.kill(await serverPid(redis), "SIGKILL");
    await ended;
    assert.equal(await redis.get("kept"), "yes");
    redis.disconnect();
    await server.stop();
  });

  test("a second process joins the first one's server and does not stop it", async () => {
    const dir = dataDir();
    const first = await startPrivateRedis(dir);
    const second = await startPrivateRedis(dir);
    assert.equal(second.pid(), null);
    await second.stop();
    const redis = await client(first.url);
    assert.equal(await redis.ping(), "PONG");
    redis.disconnect();
    await first.stop();
  });

  test("two that start at once share one server", async () => {
    const dir = dataDir();
    const both = await Promise.all([startPrivateRedis(dir), startPrivateRedis(dir)]);
    assert.equal(both.filter((one) => one.pid() !== null).length, 1);
    await Promise.all(both.map((one) => one.stop()));
  });

  test("ends with the process that started it, even by SIGKILL", async () => {
    const dir = dataDir();
    const module = JSON.stringify(new URL("../../src/store/private-redis.ts", import.meta.url).href);
    const script = `import(${module}).then(m => m.startPrivateRedis(process.argv[1])).then(() => { console.log("up"); setInterval(() => 0, 1e6); })`;
    const parent = spawn(process.execPath, ["--import", "tsx", "-e", script, dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    const redis = await client(`unix://${dir}/redis/redis.sock`);
    const pid = await serverPid(redis);
    redis.disconnect();
    parent.kill("SIGKILL");
    await untilDead(pid);
  });

  test("a cut append-only file is refused in one line", async () => {
    const dir = dataDir();
    const server = await startPrivateRedis(dir);
    const redis = await client(server.url);
    await redis.set("a", "x".repeat(1000));
    redis.disconnect();
    await server.stop();
    const files = join(dir, "redis", "appendonlydir");
    const file = readdirSync(files).find((name) => name.endsWith(".incr.aof"));
    const path = join(files, file ?? "");
    truncateSync(path, statSync(path).size - 10);
    await assert.rejects(startPrivateRedis(dir), (error: Error) => {
      assert.match(error.message, /^redis-server ended with 1: .*(Unexpected end of file|truncated)/i);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });

  test("no redis-server: one line that says how to get it", async () => {
    const path = process.env["PATH"];
    const bin = dataDir();
    spawnSync("sh", ["-c", 'ln -s "$(command -v sh)" "$(command -v flock)" "$1"', "sh", bin]);
    process.env["PATH"] = bin;
    try {
      await assert.rejects(startPrivateRedis(dataDir()), /redis-server is not installed: `apt-get install/);
    } finally {
      process.env["PATH"] = path;
    }
  });
});
