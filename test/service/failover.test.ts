import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { listOpen, stateOf } from "../../src/store/series.ts";
import { seriesMails } from "../jobs/patches.ts";
import { noDovecot, startDovecot, type Dovecot } from "../sources/dovecot.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";
import { killLeftOvers, startBot, writeSettings } from "./bot.ts";

describe(
  "two watchers and two workers on one Redis",
  { skip: noRedis || noDovecot, timeout: 120_000 },
  () => {
    let redis: TestRedis;
    let dovecot: Dovecot;
    const dir = mkdtempSync(join(tmpdir(), "avf-"));
    before(async () => void ([redis, dovecot] = await Promise.all([startTestRedis(), startDovecot()])));
    after(async () => {
      killLeftOvers();
      await Promise.all([redis.stop(), dovecot.stop()]);
      rmSync(dir, { recursive: true, force: true });
    });

    test("one of each is killed at work: the others take over, every series is reviewed once", async () => {
      const config = writeSettings(dir, {
        redisUrl: redis.url,
        sources: [{ type: "imap", url: dovecot.url, folder: "INBOX", pollSeconds: 30 }],
        queue: { lockSeconds: 1, leaseSeconds: 1 },
      });
      const first = startBot("watch", config);
      await first.until((line) => line.msg === "reading");
      const second = startBot("watch", config);
      const dying = startBot("work", config, { AVIC_KILL_AT: "evaluating:1" });
      await dying.until((line) => line.msg === "working");

      for (const mail of seriesMails("one", 3).reverse()) dovecot.deliver(mail);
      assert.equal(await dying.ended, "SIGKILL");
      const worker = startBot("work", config);
      await reviewed("one-1-2@x");

      await first.kill();
      for (const mail of seriesMails("two", 2)) dovecot.deliver(mail);
      await second.until((line) => line.msg === "reading");
      await reviewed("two-1-1@x");

      const open = await listOpen(redis.db);
      assert.deepEqual(open.map((series) => series.id).sort(), ["one-1-0@x", "two-1-0@x"]);
      for (const series of open) {
        assert.equal(series.steps.filter((step) => step.stage === "review").length, 1, series.id);
        assert.equal(series.missing.length, 0);
      }
      assert.equal(await second.stop(), 0);
      assert.equal(await worker.stop(), 0);
    });

    function reviewed(id: string) {
      return untilStored(redis.redis, async () => {
        const found = await findSeriesByText(redis.db, id);
        return found !== null && stateOf(found.value) === "undetermined" ? found.value : null;
      });
    }
  },
);
