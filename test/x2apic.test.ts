import assert from "node:assert/strict";
import { test } from "node:test";
import { msrHex, msrLabel } from "../src/x2apic.ts";

test("an MSR number is lower case in JSON and upper case in tables", () => {
  assert.equal(msrHex(0x80a), "0x80a");
  assert.equal(msrLabel(0x80a), "0x80A");
});
