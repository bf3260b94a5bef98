import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { freePort } from "../sources/dovecot.ts";
import { noRedis } from "../store/test-redis.ts";
import { startHarness } from "./harness.ts";
import { seriesMails } from "./patches.ts";

const CLUSTER = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--save", ""];

/** One node that owns all slots: refuses every script whose keys stand in different slots. */
describe("a Redis Cluster", { skip: noRedis, timeout: 60_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "avc-"));
  let server: ChildProcess;
  let port: number;
  before(async () => {
    port = await freePort();
    const bind = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir];
    server = spawn("redis-server", [...bind, ...CLUSTER], { stdio: "ignore" });
    const cli = (...args: string[]) =>
      spawnSync("redis-cli", ["-p", String(port), ...args]).stdout.toString();
    while (!cli("ping").startsWith("PONG")) await new Promise((resolve) => setTimeout(resolve, 10));
    cli("cluster", "addslotsrange", "0", "16383");
    while (!cli("cluster", "info").includes("cluster_state:ok"))
      await new Promise((resolve) => setTimeout(resolve, 10));
  });
  after(async () => {
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });

  test("takes a series through queue and review: all keys stand in one slot", async () => {
    const url = `redis+cluster://127.0.0.1:${port}`;
    const bot = await startHarness({ url });
    await bot.work();
    for (const mail of seriesMails("one", 2)) await bot.deliver(mail);
    const series = await bot.untilState("one-1-1@x", "held");
    assert.equal(series.reviewed?.verdict, "changed");
    await bot.close();
  });
});
