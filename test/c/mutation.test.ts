/**
 * Damaged C: programs with tokens dropped, doubled, swapped or replaced. Whatever comes out, it is a value
 * or a stop with a reason; nothing is thrown and nothing hangs. AVICBOT_SEED sets where the seeds begin.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { program, PRELUDE } from "./differential/program.ts";
import { type Random, seeded } from "./differential/random.ts";
import { machineOf } from "./evaluate.ts";

const COUNT = 150;
const FIRST = Number(process.env["AVICBOT_SEED"] ?? 1);
const SPARE = ["(", "{", "*", "&", "struct", "->", "0", "sizeof", "[", "~", "=", ";", "}", "1 << 99", "case"];
/** Tokens of the prelude stay whole. */
const KEPT = 300;

function mutate(tokens: string[], random: Random): void {
  const at = KEPT + random.below(tokens.length - KEPT);
  const other = KEPT + random.below(tokens.length - KEPT);
  const [here = "", there = ""] = [tokens[at], tokens[other]];
  random.pick([
    () => tokens.splice(at, 1),
    () => tokens.splice(at, 0, there),
    () => tokens.splice(at, 1, random.pick(SPARE)),
    () => {
      tokens[at] = there;
      tokens[other] = here;
    },
  ])();
}

function mutant(seed: number): { text: string; entry: string } {
  const random = seeded(seed);
  const origin = 100 + random.below(40);
  const tokens = (PRELUDE + program(origin)).split(/(\s+|\b)/);
  for (let i = random.below(4); i >= 0; i--) mutate(tokens, random);
  return { text: tokens.join(""), entry: `program${origin}` };
}

test(`${COUNT} damaged programs from seed ${FIRST} end with a value or a reason`, () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const { text, entry } = mutant(seed);
    const machine = machineOf(text, { decide: () => true, limits: { steps: 100_000 } });
    const outcome = machine.call(entry, [], "a.c");
    if ("stopped" in outcome) assert.ok(outcome.stopped.reason !== "", `seed ${seed}`);
  }
});
