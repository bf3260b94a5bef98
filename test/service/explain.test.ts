import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runVerb } from "../cli/in-process.ts";
import { noRedis } from "../store/test-redis.ts";
import { deliverDemo, startSite, type Site } from "../web/site.ts";

describe("explain by message-id", { skip: noRedis, timeout: 60_000 }, () => {
  let site: Site;
  let config: string[];
  let ids: string[];
  before(async () => {
    site = await startSite();
    const path = join(site.redis.dataDir, "settings.json");
    writeFileSync(path, JSON.stringify({ redisUrl: site.redis.url }));
    config = ["--config", path];
    const { id } = await deliverDemo(site);
    ids = [id, `<${id}>`, `https://lore.kernel.org/kvm/${encodeURIComponent(id)}/`];
  });
  after(() => site.close());

  test("any form of any id gives code, stage and source of both sides", async () => {
    const texts = [];
    for (const id of ids) {
      const { code, out, err } = await runVerb(["explain", id, "0x80b", "read", ...config]);
      assert.deepEqual([code, err], [0, ""]);
      texts.push(out);
    }
    assert.equal(new Set(texts).size, 1);
    assert.match(
      texts[0] ?? "",
      /Current: #GP-direct \(measured\)[^]*decided at arch\/x86\/kvm\/svm\/avic\.c:\d+/,
    );
    assert.match(texts[0] ?? "", /New: MSR_INT:#GP [^]*evaluated from arch\/x86\/kvm\/lapic\.c:\d+/);
  });

  test("an id that nobody knows, and that is no file", async () => {
    const { code, out, err } = await runVerb(["explain", "nobody@x", "0x80b", "read", ...config]);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^avicbot: no file nobody@x, and no series with that id: [^\n]*avicbot why[^\n]*\n$/);
  });
});
