import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DecisionLog, provenanceOf } from "../../src/interception/provenance.ts";
import type { MapWrite } from "../../src/interception/provenance.ts";

type Byte = number | null;

/** A write whose innermost call stands on the given line. */
function write(line: number, offset: number, before: Byte[], after: Byte[]): MapWrite {
  const stack = [
    { function: "__clear_bit", file: "bits.h", line },
    { function: "avic_activate_vmcb", file: "avic.c", line: line + 100 },
  ];
  return { offset, before, after, stack } as MapWrite;
}

function decided(log: DecisionLog, msr: number, access: "read" | "write"): number | null {
  const decision = log.decisionOf(msr, access);
  return decision?.at.line ?? null;
}

describe("which write decided about a bit", () => {
  for (const { name, writes, lines } of [
    { name: "nothing is written", writes: [], lines: [null, null, null, null] },
    { name: "one bit", writes: [write(1, 0x200, [0xff], [0xfd])], lines: [null, 1, null, null] },
    {
      name: "a write that changes nothing",
      writes: [write(1, 0x200, [0xff], [0xff])],
      lines: [null, null, null, null],
    },
    {
      name: "two bits by two writes",
      writes: [write(1, 0x200, [0xff], [0xfe]), write(2, 0x200, [0xfe], [0xfa])],
      lines: [1, null, 2, null],
    },
    {
      name: "the later one of the same bit",
      writes: [write(1, 0x200, [0xff], [0xfe]), write(2, 0x200, [0xfe], [0xff])],
      lines: [2, null, null, null],
    },
    { name: "a whole byte", writes: [write(1, 0x200, [0xff], [0])], lines: [1, 1, 1, 1] },
    {
      name: "a bit after its whole byte",
      writes: [write(1, 0x200, [0xff], [0]), write(2, 0x200, [0], [2])],
      lines: [1, 2, 1, 1],
    },
    {
      name: "the second byte of a write",
      writes: [write(1, 0x1ff, [0xff, 0xff], [0xff, 0xfb])],
      lines: [null, null, 1, null],
    },
    { name: "to what is not known", writes: [write(1, 0x200, [0], [null])], lines: [1, 1, 1, 1] },
    { name: "from what is not known", writes: [write(1, 0x200, [null], [0])], lines: [1, 1, 1, 1] },
    { name: "beyond what was there", writes: [write(1, 0x200, [], [0])], lines: [1, 1, 1, 1] },
  ]) {
    it(name, () => {
      const log = new DecisionLog();
      for (const one of writes) log.record(one);
      const found = [0x800, 0x801].flatMap((msr) => [decided(log, msr, "read"), decided(log, msr, "write")]);
      assert.deepEqual(found, lines);
      assert.equal(log.touched, writes.length > 0);
    });
  }

  it("keeps a copy as it was", () => {
    const log = new DecisionLog();
    log.record(write(1, 0x200, [0xff], [0xfe]));
    const copy = log.copy();
    log.record(write(2, 0x200, [0xfe], [0xff]));
    assert.deepEqual([decided(copy, 0x800, "read"), decided(log, 0x800, "read")], [1, 2]);
  });

  it("tells the changed bytes, ascending", () => {
    const log = new DecisionLog();
    for (const offset of [0x20c, 0x208, 0x1000]) log.record(write(1, offset, [0xff], [0]));
    log.record(write(2, 0x300, [0xff], [0xff]));
    assert.deepEqual(log.changedBytes(), [0x208, 0x20c, 0x1000]);
  });

  it("gives all bits of a write one decision", () => {
    const log = new DecisionLog();
    log.record(write(1, 0x200, [0xff], [0xfc]));
    assert.equal(log.decisionOf(0x800, "read"), log.decisionOf(0x800, "write"));
  });
});

describe("the call that decided", () => {
  const link = (name: string, line: number) => ({ function: name, file: `${name}.c`, line });
  for (const { name, stack, at } of [
    {
      name: "who calls a setter",
      stack: [link("set_bit", 4), link("set_msr_interception", 3), link("toggle", 2), link("activate", 1)],
      at: link("toggle", 2),
    },
    {
      name: "who calls the outermost setter",
      stack: [link("set_msr_interception_bitmap", 4), link("set_msr_interception", 3), link("toggle", 2)],
      at: link("toggle", 2),
    },
    {
      name: "who writes the map without one",
      stack: [link("set_bit", 4), link("toggle", 2)],
      at: link("set_bit", 4),
    },
    {
      name: "a setter that nobody calls",
      stack: [link("set_bit", 4), link("set_msr_interception", 3)],
      at: link("set_bit", 4),
    },
    { name: "nobody", stack: [], at: { file: "", line: 0 } },
  ]) {
    it(name, () => {
      const log = new DecisionLog();
      log.record({ offset: 0x200, before: [0xff], after: [0xfe], stack } as unknown as MapWrite);
      const decision = log.decisionOf(0x800, "read");
      assert.deepEqual(decision?.at, { file: at.file, line: at.line });
      assert.deepEqual(decision.chain, [...stack].reverse());
    });
  }
});

it("every access of the range has a decision or none", () => {
  const decision = { at: { file: "avic.c", line: 7 }, chain: [{ function: "f", file: "avic.c", line: 7 }] };
  const found = provenanceOf("active", (msr, access) => {
    const passed = msr === 0x8ff && access === "write";
    return { passed, decision: passed ? decision : null };
  });
  assert.equal(found.length, 512);
  assert.deepEqual(found[0], {
    scenario: "active",
    msr: 0x800,
    access: "read",
    passed: false,
    at: null,
    chain: [],
  });
  assert.deepEqual(found.at(-1), {
    scenario: "active",
    msr: 0x8ff,
    access: "write",
    passed: true,
    ...decision,
  });
});
