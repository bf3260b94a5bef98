/** Backup, loss and restore as docs/operating.md tells them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { splitMessages } from "../../src/sources/mbox.ts";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { connectRedis } from "../../src/store/redis.ts";
import { stateOf } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";
import { startScriptedSmtp, type ScriptedSmtp } from "../support/smtp.ts";
import { killLeftOvers, runVerb, startBot, writeSettings } from "./bot.ts";

const SERIES = "20260504091500.1-1-jane@example.com";
const OPEN = "20260505100000.1-1-jane@example.com";
const COMMENT = "20260504083000.1-1-jane@example.com";

describe("backup and restore", { skip: noRedis, timeout: 120_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), "avb-"));
  let smtp: ScriptedSmtp;
  before(async () => void (smtp = await startScriptedSmtp()));
  after(async () => {
    killLeftOvers();
    await smtp.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("every record is lost and put back: the same states, nothing sent a second time", async () => {
    for (const part of ["tmp", "new", "cur"]) mkdirSync(join(dir, "Maildir", part), { recursive: true });
    const config = writeSettings(dir, {
      web: { port: 0 },
      dataDir: `${dir}/data`,
      sources: [{ type: "maildir", path: join(dir, "Maildir"), pollSeconds: 1 }],
      kernel: { tree: packagePath("demo", "linux") },
      smtp: { url: smtp.url },
      mail: { from: "bot@example.net" },
      limits: { replyWithinDays: 100_000 },
    });
    const deliver = (file: string) => {
      for (const [at, { bytes }] of splitMessages(readFileSync(packagePath("demo", file))).entries()) {
        const name = `${file.replaceAll("/", "-")}.${at}`;
        writeFileSync(join(dir, "Maildir", "tmp", name), bytes);
        renameSync(join(dir, "Maildir", "tmp", name), join(dir, "Maildir", "new", name));
      }
    };
    const untilState = async (id: string, state: string) => {
      const redis = connectRedis(`unix://${dir}/data/redis/redis.sock`, "wait", () => undefined);
      const db = { redis, now: () => Date.now() };
      await untilStored(redis, async () => {
        const found = await findSeriesByText(db, id);
        return found !== null && stateOf(found.value) === state ? found : null;
      });
      redis.disconnect();
    };
    const shown = async (...args: string[]) => (await runVerb([...args, "--json", "--config", config])).out;
    const records = async () => [
      await shown("pending", "--state", "all"),
      await shown("outbox"),
      await shown("why", OPEN),
    ];

    const bot = startBot("serve", config);
    deliver("series.mbox");
    deliver("list/4-open.mbox");
    await untilState(SERIES, "held");
    await untilState(OPEN, "held");
    assert.equal((await runVerb(["approve", SERIES, "--config", config])).code, 0);
    await untilState(SERIES, "replied");
    assert.equal(await bot.stop(), 0);
    assert.equal(smtp.taken.length, 1);
    const before = await records();

    const backup = join(dir, "backup.tar");
    execFileSync("tar", ["-cf", backup, "-C", dir, "data"]);
    rmSync(join(dir, "data"), { recursive: true });
    execFileSync("tar", ["-xf", backup, "-C", dir]);
    assert.deepEqual(await records(), before);

    const again = startBot("serve", config);
    deliver("list/2-comment.mbox");
    await untilState(COMMENT, "unchanged");
    await untilState(SERIES, "replied");
    assert.equal(await again.stop(), 0);
    assert.equal(smtp.taken.length, 1);
    const rows = (await records())[0]?.trim().split("\n") ?? [];
    const states = rows.map((row) => (JSON.parse(row) as { state: string }).state).toSorted();
    assert.deepEqual(states, ["held", "replied", "unchanged"]);
  });
});
