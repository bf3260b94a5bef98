/** A short form of `npm run test:faults`: every row once, on real servers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { noDovecot } from "../sources/dovecot.ts";
import { noRedis } from "../store/test-redis.ts";
import { killLeftOvers } from "../service/bot.ts";
import { isProven, type FaultRow } from "./row.ts";
import { runTask } from "./sweep.ts";
import { ROWS } from "./table.ts";
import { makeReference, type Trial } from "./trial.ts";
import { startWorld, type World } from "./world.ts";

describe("a fault at every step", { skip: noRedis || noDovecot, timeout: 600_000 }, () => {
  let world: World;
  let trial: Trial;
  before(async () => {
    world = await startWorld();
    trial = { world, program: "avicbot", reference: await makeReference(world) };
  });
  after(async () => {
    killLeftOvers();
    await world.stop();
  });

  const rows = ROWS.filter((row): row is FaultRow => !isProven(row));
  for (const row of rows) {
    test(`${row.id} ${row.what}`, { skip: row.skip ?? false }, async () => {
      for (const variant of row.short ?? row.variants.slice(0, 1)) {
        const { faults, lost, duplicates, wrongThread, wrongBody } = await runTask(
          trial,
          { row, variant },
          1,
        );
        assert.ok(faults > 0, `${variant}: nothing was injected`);
        assert.deepEqual(
          { lost, duplicates, wrongThread, wrongBody },
          { lost: [], duplicates: [], wrongThread: [], wrongBody: [] },
        );
      }
    });
  }
});
