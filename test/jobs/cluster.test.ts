import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { startRedisProcess, type RedisProcess } from "../store/redis-process.ts";
import { noRedis } from "../store/test-redis.ts";
import { startHarness, type Harness } from "./harness.ts";
import { seriesMails } from "./patches.ts";

/** One node that owns all slots: refuses every script whose keys stand in different slots. */
describe("a Redis Cluster", { skip: noRedis, timeout: 60_000 }, () => {
  let server: RedisProcess;
  let bot: Harness;
  before(async () => {
    server = await startRedisProcess("redis-server", [
      "cluster-enabled yes",
      "cluster-announce-ip 127.0.0.1",
    ]);
    spawnSync("redis-cli", ["-p", String(server.port), "cluster", "addslotsrange", "0", "16383"]);
    await server.logged("Cluster state changed: ok");
    bot = await startHarness({ url: `redis+cluster://127.0.0.1:${server.port}` });
  });
  after(async () => {
    await bot.close();
    await server.kill();
  });

  test("takes a series through queue and review: all keys stand in one slot", async () => {
    await bot.work();
    for (const mail of seriesMails("one", 2)) await bot.deliver(mail);
    const series = await bot.untilState("one-1-1@x", "held");
    assert.equal(series.reviewed?.verdict, "changed");
  });
});
