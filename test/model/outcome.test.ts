import assert from "node:assert/strict";
import { test } from "node:test";
import { answerLookup } from "../../src/model/answers.ts";
import type { Answer } from "../../src/model/answers.ts";
import { apm } from "../../src/model/apm.ts";
import { outcome } from "../../src/model/outcome.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { weakerEvidence } from "../../src/model/profile.ts";
import { findProfile, PROFILES } from "../../src/model/profiles.ts";
import { X2APIC_MSRS } from "../../src/model/registers.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { ACCESSES } from "../../src/x2apic.ts";
import type { Access } from "../../src/x2apic.ts";

const OK: Answer = { guest: "ok", from: "evaluated" };

function passed(msr: number, access: Access, answer = OK, profile = zen4): Outcome {
  return outcome({ msr, access, passed: true, profile, answer });
}

function intercepted(msr: number, access: Access, answer: Answer): Outcome {
  return outcome({ msr, access, passed: false, profile: zen4, answer });
}

function variants(msr: number, access: Access, answer = OK): string[] {
  return passed(msr, access, answer).variants.map(({ when, code }) => `${when}: ${code}`);
}

test("an unaccelerated fault shows the guest what KVM answers", () => {
  const { code, guest, evidence } = passed(0x809, "read", { guest: "#GP", from: "evaluated" });
  assert.deepEqual([code, guest, evidence], ["UAA(f):#GP", "#GP", "measured"]);
});

test("a fault whose answer is not the measured one is no longer measured", () => {
  const { code, evidence } = passed(0x809, "read", OK);
  assert.deepEqual([code, evidence], ["UAA(f):ok", "inferred"]);
});

test("a trap shows the guest no #GP, whatever KVM answers", () => {
  const { code, guest } = passed(0x802, "write", { guest: "#GP", from: "evaluated" }, apm);
  assert.deepEqual([code, guest], ["UAA(t)", "ok"]);
});

test("outcomes that depend on a state or value carry it", () => {
  assert.deepEqual(variants(0x80b, "write"), [
    "the interrupt is level-triggered: UAA(t)",
    "the value written is not 0: #GP-direct",
  ]);
  assert.deepEqual(variants(0x828, "write"), ["the value written is not 0: #GP-direct"]);
  assert.deepEqual(variants(0x832, "write"), ["bit 18, TSC-deadline, is set: #GP-direct"]);
  assert.deepEqual(variants(0x839, "read"), ["the timer is running: UAA(f):count"]);
  assert.ok(variants(0x830, "write").some((variant) => variant.endsWith("INC_IPI")));
});

test("an intercepted access carries what KVM answers to other values", () => {
  const answer: Answer = { ...OK, variants: [{ when: "not 0", guest: "#GP" }] };
  assert.deepEqual(intercepted(0x828, "write", answer).variants, [
    { when: "not 0", code: "MSR_INT:#GP", evidence: "inferred" },
  ]);
});

test("other values on a fault are KVM's to answer, where hardware does all they are not", () => {
  const answer: Answer = { guest: "ok", from: "documented", variants: [{ when: "not 0", guest: "#GP" }] };
  assert.deepEqual(passed(0x809, "read", answer).variants, [
    { when: "not 0", code: "UAA(f):#GP", evidence: "documented" },
  ]);
  assert.deepEqual(passed(0x802, "read", answer).variants, []);
});

for (const [msr, access, guest] of [
  [0x802, "read", "ok"],
  [0x802, "write", "#GP"],
  [0x830, "write", "ok"],
  [0x840, "read", null],
] as const) {
  test(`the guest sees ${guest} on a passed-through ${access} of 0x${msr.toString(16)}`, () => {
    assert.equal(passed(msr, access, { guest: "#GP", from: "evaluated" }).guest, guest);
  });
}

test("the weaker evidence of two", () => {
  const ascending = ["unknown", "documented", "inferred", "measured"] as const;
  for (const [at, weaker] of ascending.entries()) {
    for (const other of ascending.slice(at)) {
      assert.equal(weakerEvidence(weaker, other), weaker);
      assert.equal(weakerEvidence(other, weaker), weaker);
    }
  }
});

test("an access without an answer gets the documented one", () => {
  const answerOf = answerLookup([{ msr: 0x839, access: "write", guest: "ok", from: "evaluated" }]);
  assert.deepEqual(answerOf(0x839, "read"), { guest: "0", from: "documented" });
  assert.equal(answerOf(0x839, "write").guest, "ok");
});

for (const [title, msr, access, answer, evidence] of [
  ["seen intercepted, same answer", 0x832, "read", { guest: "ok", from: "evaluated" }, "measured"],
  ["seen intercepted, other answer", 0x832, "read", { guest: "#GP", from: "evaluated" }, "inferred"],
  ["never seen intercepted", 0x808, "write", { guest: "ok", from: "evaluated" }, "inferred"],
  ["not evaluated", 0x832, "read", { guest: "ok", from: "documented" }, "documented"],
  ["no tree, seen intercepted", 0x832, "read", { guest: "ok", from: "posted" }, "measured"],
  ["no tree, never seen intercepted", 0x808, "write", { guest: "ok", from: "posted" }, "documented"],
  ["never seen intercepted, refused", 0x808, "write", { guest: "#GP", from: "evaluated" }, "inferred"],
  ["no register", 0x8ff, "read", { guest: "#GP", from: "evaluated" }, "inferred"],
  ["no register, written", 0x8ff, "write", { guest: "#GP", from: "evaluated" }, "inferred"],
] as const) {
  test(`evidence of an intercepted access: ${title}`, () => {
    const result = intercepted(msr, access, answer);
    assert.deepEqual([result.code, result.evidence], [`MSR_INT:${answer.guest}`, evidence]);
  });
}

test("no profile presents a cell without a source, or an unknown one as known", () => {
  for (const profile of PROFILES) {
    for (const msr of X2APIC_MSRS) {
      for (const access of ACCESSES) {
        const cell = profile.cell(msr, access);
        assert.notEqual(cell.source, "");
        assert.equal(cell.code === "unknown", cell.evidence === "unknown");
      }
    }
  }
});

test("what was inferred or never tried is not called measured", () => {
  const evidenceOf = (msr: number, access: Access) => zen4.cell(msr, access).evidence;
  for (let msr = 0x811; msr <= 0x827; msr++) {
    assert.equal(evidenceOf(msr, "write"), msr % 8 === 0 ? "measured" : "inferred");
    assert.equal(evidenceOf(msr, "read"), "measured");
  }
  assert.equal(evidenceOf(0x832, "write"), "inferred");
  assert.equal(evidenceOf(0x83f, "read"), "inferred");
  assert.equal(evidenceOf(0x82f, "read"), "inferred");
  assert.equal(evidenceOf(0x840, "read"), "unknown");
  assert.equal(evidenceOf(0x853, "write"), "unknown");
  assert.equal(evidenceOf(0x854, "write"), "inferred");
});

test("the manual's picture: traps, faults and allowed accesses", () => {
  const codes = (access: Access, code: string) =>
    X2APIC_MSRS.filter((msr) => apm.cell(msr, access).code === code).map((msr) => msr.toString(16));
  assert.deepEqual(codes("read", "UAA(f)"), ["809", "839"]);
  assert.deepEqual(
    codes("write", "UAA(t)").join(" "),
    "802 80c 80d 80e 80f 828 832 833 834 835 836 837 838 83e",
  );
  assert.deepEqual(codes("write", "UAA(f)").length, 3 + 24 + 1);
  assert.deepEqual(codes("write", "HW"), ["808", "80b"]);
});

test("profiles are found by name", () => {
  assert.equal(findProfile("zen4"), zen4);
  assert.equal(findProfile("zen9"), null);
});
