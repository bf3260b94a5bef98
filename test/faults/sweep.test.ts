/** A short form of `npm run test:faults`: every row once, and some faults at random, on real servers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { killLeftOvers } from "../service/bot.ts";
import { noDovecot } from "../sources/dovecot.ts";
import { noRedis } from "../store/test-redis.ts";
import { RANDOM_ROW } from "./random.ts";
import { isProven, type FaultRow } from "./row.ts";
import { runTask } from "./sweep.ts";
import { ROWS } from "./table.ts";
import { makeReference, type Trial } from "./trial.ts";
import { startWorld } from "./world.ts";

/** Each is a case of some seconds. */
const SEEDS = [1, 2, 3, 4];

/** Worlds at a time. */
const LANES = 2;

describe(
  "a fault at every step",
  { skip: noRedis || noDovecot, timeout: 600_000, concurrency: LANES },
  () => {
    const idle: Trial[] = [];
    before(async () => {
      const worlds = await Promise.all(Array.from({ length: LANES }, startWorld));
      for (const world of worlds)
        idle.push({ world, program: "avicbot", reference: await makeReference(world) });
    });
    after(async () => {
      killLeftOvers();
      await Promise.all(idle.map(({ world }) => world.stop()));
    });

    /** As many run at a time as there are worlds. */
    async function runOnce(row: FaultRow, variant: string): Promise<void> {
      const trial = idle.pop();
      assert.ok(trial);
      try {
        const { faults, lost, duplicates, wrongThread, wrongBody } = await runTask(
          trial,
          { row, variant },
          1,
        );
        assert.deepEqual(
          { lost, duplicates, wrongThread, wrongBody },
          { lost: [], duplicates: [], wrongThread: [], wrongBody: [] },
        );
        assert.ok(faults > 0, `${variant}: nothing was injected`);
      } finally {
        idle.push(trial);
      }
    }

    test(`${RANDOM_ROW.id} ${RANDOM_ROW.what}`, async () => {
      for (const seed of SEEDS) await runOnce(RANDOM_ROW, String(seed));
    });
    for (const row of ROWS) {
      if (isProven(row)) continue;
      test(`${row.id} ${row.what}`, { skip: row.skip ?? false }, async () => {
        for (const variant of row.short ?? row.variants.slice(0, 1)) await runOnce(row, variant);
      });
    }
  },
);
