import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAP_BYTES, bitMeaning, openAccesses, x2apicBit } from "../../src/interception/permission-map.ts";

function map(): Uint8Array {
  return new Uint8Array(MAP_BYTES).fill(0xff);
}

describe("the MSR permission map", () => {
  const bits = [
    { bit: 0, msr: 0, access: "read" },
    { bit: 1, msr: 0, access: "write" },
    { bit: 0x200 * 8, msr: 0x800, access: "read" },
    { bit: 0x200 * 8 + 31, msr: 0x80f, access: "write" },
    { bit: 0x7ff * 8 + 7, msr: 0x1fff, access: "write" },
    { bit: 0x800 * 8, msr: 0xc0000000, access: "read" },
    { bit: 0x820 * 8 + 1, msr: 0xc0000080, access: "write" },
    { bit: 0x1000 * 8, msr: 0xc0010000, access: "read" },
  ] as const;
  for (const { bit, msr, access } of bits) {
    it(`keeps the ${access} of 0x${msr.toString(16)} at bit ${bit}`, () => {
      assert.deepEqual(bitMeaning(bit), { msr, access });
    });
  }

  it("means nothing in its last 0x800 bytes", () => {
    assert.equal(bitMeaning(0x1800 * 8), null);
    const last = map().fill(0, 0x1800);
    assert.deepEqual(openAccesses(last), { inside: { read: [], write: [] }, outside: [] });
  });

  it("agrees with itself on x2APIC MSRs", () => {
    for (const access of ["read", "write"] as const) {
      assert.deepEqual(bitMeaning(x2apicBit(0x83f, access)), { msr: 0x83f, access });
    }
  });

  it("intercepts all while every bit is set", () => {
    assert.deepEqual(openAccesses(map()), { inside: { read: [], write: [] }, outside: [] });
  });

  it("tells what is open within the range and beyond it", () => {
    const open = map();
    open[0x200] = 0b1110_1111; // the read of 0x802
    open[0x20c] = 0b1111_1100; // both of 0x830
    open[0x23f] = 0b0111_1111; // the write of 0x8ff
    open[0x1ff] = 0b1011_1111; // the read of 0x7ff
    open[0x240] = 0b1111_1101; // the write of 0x900
    open[0x820] = 0b1111_1101; // the write of EFER
    assert.deepEqual(openAccesses(open), {
      inside: { read: [0x802, 0x830], write: [0x830, 0x8ff] },
      outside: [
        { msr: 0x7ff, access: "read" },
        { msr: 0x900, access: "write" },
        { msr: 0xc0000080, access: "write" },
      ],
    });
  });
});
