import { after, test } from "node:test";
import assert from "node:assert/strict";
import { Arena, type Slot } from "../../src/queue/scan/arena.ts";

const seed = Number(process.env["AVICBOT_SEED"] ?? Date.now() % 1_000_000);
after(() => console.log(`order of keeping and releasing made with AVICBOT_SEED=${seed}`));

function random(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("bytes hold until they are released, whatever comes and goes", () => {
  const below = random(seed);
  const arena = new Arena(1000);
  const kept: { slot: Slot; expected: string }[] = [];
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const expected = String.fromCharCode(33 + (round % 90)).repeat(below(below(20) === 0 ? 2000 : 120));
    const slot = arena.keep(Buffer.from(expected));
    if (slot === null) {
      refused++;
      const oldest = kept.shift();
      assert.ok(oldest, `round ${round}: an empty arena takes everything`);
      arena.release(oldest.slot);
    } else kept.push({ slot, expected });
    if (below(4) === 0) kept.splice(below(kept.length), 1).forEach((one) => arena.release(one.slot));
    for (const one of kept) assert.equal(arena.bytesOf(one.slot).toString(), one.expected, `round ${round}`);
  }
  assert.ok(refused > 100, "the arena was full at times");
});
