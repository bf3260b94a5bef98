/** The harness finds what a naive loop loses and sends twice: else it would prove nothing. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { noDovecot } from "../sources/dovecot.ts";
import { noRedis } from "../store/test-redis.ts";
import { bundleProgram } from "../support/bundle.ts";
import { killLeftOvers } from "../service/bot.ts";
import { isProven, type FaultRow } from "./row.ts";
import { ROWS } from "./table.ts";
import { runCase } from "./trial.ts";
import { startWorld, type World } from "./world.ts";

/** Worlds at a time. */
const LANES = 2;

describe("a naive loop", { skip: noRedis || noDovecot, timeout: 600_000, concurrency: LANES }, () => {
  let worlds: World[];
  let idle: World[];
  let naive: string;
  before(async () => {
    worlds = await Promise.all(Array.from({ length: LANES }, startWorld));
    idle = [...worlds];
    naive = await bundleProgram(join(import.meta.dirname, "naive-loop.ts"), "naive");
  });
  after(async () => {
    killLeftOvers();
    await Promise.all(worlds.map((world) => world.stop()));
    rmSync(naive, { force: true });
  });

  function rowWith(id: string, variant: string): FaultRow {
    const row = ROWS.find((one) => one.id === id && !isProven(one) && one.variants.includes(variant));
    assert.ok(row !== undefined && !isProven(row));
    return row;
  }

  /** Its first mail is none that is answered: the second is lost. */
  const cases: [id: string, variant: string, pass: number, finds: "lost" | "duplicates"][] = [
    ["F01", "fetched", 2, "lost"],
    ["F04", "three times", 1, "lost"],
    ["F09", "closed", 1, "duplicates"],
    ["F10", "accepted", 1, "duplicates"],
    ["F19", "65536 bytes, taken", 1, "lost"],
    ["F22", "taken", 1, "duplicates"],
  ];
  for (const [id, variant, pass, finds] of cases) {
    test(`${id} ${variant}: the harness reports ${finds}`, async () => {
      const world = idle.pop();
      assert.ok(world);
      const trial = { world, program: { naive }, reference: null };
      const tally = await runCase(trial, rowWith(id, variant), { variant, pass });
      idle.push(world);
      assert.ok((tally?.[finds].length ?? 0) > 0, JSON.stringify(tally));
    });
  }
});
