import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { avicbot } from "../cli/run.ts";
import { noRedis } from "../store/test-redis.ts";

const dir = mkdtempSync(join(tmpdir(), "avd-"));
after(() => rmSync(dir, { recursive: true, force: true }));

test(
  "demo: four threads, what became of each, and nothing left behind",
  { skip: noRedis, timeout: 120_000 },
  async () => {
    const { code, stdout, stderr } = await avicbot(["demo"], { env: { TMPDIR: dir } });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(stdout.split("\n").slice(3), [
      "[PATCH] net: core: Count sixteen queues",
      "  1 mail",
      "  passed over: no diff of a file that is evaluated and no command",
      "",
      "[PATCH] KVM: SVM: Mend a comment of AVIC's deactivation",
      "  1 mail",
      "  nothing changes for any access, no reply",
      "",
      "[PATCH v2 0/5] KVM: SVM: Fix x2AVIC MSR interception",
      "  6 mails, the last one first",
      "  32 cells of the table change: a reply is made and held until somebody approves it",
      "",
      "[PATCH] KVM: SVM: Do not touch the MSR map of a guest in x2APIC mode",
      "  1 mail",
      "  something changes outside of the table: a critical finding, told to the moderators alone",
      "",
      "",
    ]);
    assert.deepEqual(readdirSync(dir), []);
  },
);
