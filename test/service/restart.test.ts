import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { findSeriesByText } from "../../src/store/lookup.ts";
import type { Db } from "../../src/store/record.ts";
import { connectRedis } from "../../src/store/redis.ts";
import { listOpen, stateOf, type SeriesRecord } from "../../src/store/series.ts";
import { seriesMails } from "../jobs/patches.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";
import { killLeftOvers, runVerb, startBot, writeSettings } from "./bot.ts";

/** A store on the service's own Redis, wherever that stands at the moment. */
function privateDb(dir: string): Db & { close: () => void } {
  const redis = connectRedis(`unix://${dir}/data/redis/redis.sock`, "wait", () => undefined);
  return { redis, now: () => Date.now(), close: () => redis.disconnect() };
}

function untilState(db: Db, id: string, state: string): Promise<SeriesRecord> {
  return untilStored(db.redis, async () => {
    const found = await findSeriesByText(db, id);
    return found !== null && stateOf(found.value) === state ? found.value : null;
  });
}

function assertOnce(open: readonly SeriesRecord[], ids: readonly string[]): void {
  assert.deepEqual(open.map((series) => series.id).sort(), [...ids].sort());
  for (const series of open) {
    assert.equal(series.steps.filter((step) => step.stage === "review").length, 1, series.id);
  }
}

describe("serve", { skip: noRedis, timeout: 180_000 }, () => {
  let dir: string;
  let db: Db & { close: () => void };
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "avs-"));
    db = privateDb(dir);
  });
  afterEach(() => {
    db.close();
    killLeftOvers();
    rmSync(dir, { recursive: true, force: true });
  });

  describe("against a live Dovecot", { skip: noDovecot }, () => {
    let dovecot: Dovecot;
    before(async () => void (dovecot = await startDovecot()));
    after(() => dovecot.stop());

    test("mail server, Redis and the process itself die one after the other: nothing lost, nothing twice", async () => {
      const config = writeSettings(dir, {
        web: { port: 0 },
        dataDir: `${dir}/data`,
        sources: [{ type: "imap", url: dovecot.url, folder: "INBOX", pollSeconds: 30 }],
        queue: { lockSeconds: 1, leaseSeconds: 1 },
      });
      const bot = startBot("serve", config);
      await bot.until((line) => line.msg === "reading");
      for (const mail of seriesMails("one", 3).reverse()) dovecot.deliver(mail);
      await untilState(db, "one-1-2@x", "undetermined");
      const pending = await runVerb(["pending", "--json", "--config", config]);
      assert.equal(JSON.parse(pending.out).messageId, "one-1-0@x");
      const query = await runVerb([
        "query",
        "https://lore.kernel.org/kvm/one-1-2%40x/",
        "--json",
        "--config",
        config,
      ]);
      assert.equal(query.code, 3, "undetermined");
      assert.equal(JSON.parse(query.out).series.messageId, "one-1-0@x");

      await dovecot.kill();
      await bot.until((line) => line.msg === "source failed");
      for (const mail of seriesMails("one", 3, 2)) dovecot.deliver(mail);
      await dovecot.start();
      await untilState(db, "one-2-1@x", "undetermined");
      await untilState(db, "one-1-1@x", "superseded");

      const redisPid = Number(/process_id:(\d+)/.exec(await db.redis.info("server"))?.[1]);
      process.kill(redisPid, "SIGKILL");
      await bot.until((line) => line.msg?.startsWith("private Redis ended") === true);
      for (const mail of seriesMails("two", 2)) dovecot.deliver(mail);
      await untilState(db, "two-1-2@x", "undetermined");

      await bot.kill();
      for (const mail of seriesMails("three", 2)) dovecot.deliver(mail);
      const again = startBot("serve", config);
      await untilState(db, "three-1-2@x", "undetermined");
      assertOnce(await listOpen(db), ["one-2-0@x", "two-1-0@x", "three-1-0@x"]);
      const why = await runVerb(["why", "one-1-2@x", "--json", "--config", config]);
      assert.equal(JSON.parse(why.out).series.state, "superseded");
      assert.equal(await again.stop(), 0);
    });
  });
});
