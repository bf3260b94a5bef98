import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { noSentinel, startRedisProcess, type RedisProcess } from "../store/redis-process.ts";
import { noRedis } from "../store/test-redis.ts";
import { startHarness, type Harness } from "./harness.ts";
import { seriesMails } from "./patches.ts";

/** A master, a replica, and a Sentinel that needs nobody's agreement. */
describe("Redis behind Sentinel", { skip: noRedis || noSentinel, timeout: 120_000 }, () => {
  let master: RedisProcess;
  let replica: RedisProcess;
  let sentinel: RedisProcess;
  let bot: Harness;
  before(async () => {
    master = await startRedisProcess("redis-server", ["repl-diskless-sync-delay 0"]);
    replica = await startRedisProcess("redis-server", [`replicaof 127.0.0.1 ${master.port}`]);
    await replica.logged("MASTER <-> REPLICA sync: Finished with success");
    sentinel = await startRedisProcess("redis-sentinel", [
      `sentinel monitor avic 127.0.0.1 ${master.port} 1`,
      "sentinel down-after-milliseconds avic 500",
      "sentinel failover-timeout avic 5000",
    ]);
    await sentinel.logged("+slave slave");
    bot = await startHarness({ url: `redis+sentinel://127.0.0.1:${sentinel.port}/avic` });
  });
  after(async () => {
    await bot.close();
    await Promise.all([sentinel, replica, master].map((server) => server.kill()));
  });

  test("the master is killed: the replica goes on with what was known, and new series are reviewed", async () => {
    await bot.work();
    for (const mail of seriesMails("one", 2)) await bot.deliver(mail);
    await bot.untilState("one-1-1@x", "held");
    const { redis } = bot.service.context.db;
    assert.equal(await redis.call("WAIT", "1", "10000"), 1);

    // Errors on the way are expected.
    const again = new Promise((resolve) => redis.once("ready", resolve));
    await master.kill();
    await sentinel.logged("+switch-master avic");
    await again;
    for (const mail of seriesMails("two", 2)) await bot.deliver(mail);
    const series = await bot.untilState("two-1-1@x", "held");
    assert.equal(series.reviewed?.verdict, "changed");
    assert.equal((await bot.find("one-1-1@x"))?.id, "one-1-0@x");
  });
});
