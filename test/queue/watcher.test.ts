import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { watchSource } from "../../src/queue/watcher.ts";
import { wholeMessage, type Source, type SourcePosition } from "../../src/sources/source.ts";
import { settledAmong } from "../../src/store/decisions.ts";
import { hashOf, key } from "../../src/store/keys.ts";
import { startHarness, type Harness } from "../jobs/harness.ts";
import { patchMail } from "../jobs/patches.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";
import { untilStored } from "../store/until-stored.ts";

/** More than are stored at a time. */
const COUNT = 30;
const ids = Array.from({ length: COUNT }, (_, at) => `m${at}@x`);

describe("a source that is read", { skip: noRedis }, () => {
  let server: TestRedis;
  let harness: Harness;
  before(async () => {
    server = await startTestRedis();
    harness = await startHarness(server);
  });
  after(async () => {
    await harness.close();
    await server.stop();
  });

  /** As a server that was started again without what it wrote last. */
  function loseFirst(): void {
    const ask = (...words: string[]) =>
      spawnSync("redis-cli", ["-s", new URL(server.url).pathname, ...words]);
    ask("DEL", key("decision", hashOf("m0@x")));
    ask("CLIENT", "KILL", "TYPE", "normal");
  }

  test("what Redis lost while a batch was stored is read again", async () => {
    const reads: (SourcePosition | null)[] = [];
    const source: Source = {
      name: "a folder",
      list: null,
      async *read({ from, signal }) {
        reads.push(from);
        const mails = ids.map((id) => wholeMessage(Buffer.from(patchMail({ id })), id));
        const last = mails.at(-1);
        assert.ok(last);
        const { bytes } = last;
        Object.defineProperty(last, "bytes", {
          get: () => {
            if (reads.length === 1) loseFirst();
            return bytes;
          },
        });
        yield { messages: mails, position: { uid: COUNT }, live: true };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    };
    const ending = new AbortController();
    const { context } = harness.service;
    const watching = watchSource(context, source, ending.signal);
    await untilStored(server.redis, async () =>
      reads.length === 2 && (await settledAmong(context.db, ids.map(hashOf))).size === COUNT ? true : null,
    );
    ending.abort();
    await watching;
    assert.deepEqual(reads, [null, null]);
  });
});
