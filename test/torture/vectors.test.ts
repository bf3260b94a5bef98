/** Every vector gets its verdict, within bounds of time and memory, and twice the size takes about twice the time. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, test } from "node:test";
import { doubling, LIMITS, runVector, startRunner, type Runner } from "./runner.ts";
import { VECTORS } from "./vectors/all.ts";

describe("vectors", { timeout: 600_000 }, () => {
  let runner: Runner;
  before(() => {
    runner = startRunner();
  });
  after(async () => {
    await runner.close();
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith("pwn")),
      [],
    );
  });

  for (const vector of VECTORS) {
    const { name, verdict, size } = vector;
    test(`class ${vector.class}: ${name}`, async (context) => {
      const answer = await runVector(runner, vector);
      context.diagnostic(`${Math.round(answer.cpuMs)} ms, ${Math.round(answer.peakMb)} MB`);
      assert.match(answer.verdict, verdict);
      assert.equal(answer.polluted, 0);
      assert.ok(answer.cpuMs <= LIMITS.cpuMs, `${answer.cpuMs} ms`);
      assert.ok(answer.peakMb <= LIMITS.peakMb, `${answer.peakMb} MB`);
      if (size === undefined) return;
      const growth = await doubling(runner, vector, size);
      assert.ok(growth <= LIMITS.doubling, `twice the size takes ${growth} times the time`);
    });
  }
});
