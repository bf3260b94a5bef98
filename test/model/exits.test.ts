import assert from "node:assert/strict";
import { test } from "node:test";
import { describeExits } from "../../src/model/exits.ts";
import type { ExitCause, ExitReason, Exits, UnacceleratedHandler } from "../../src/model/exits.ts";
import { exitLines } from "../../src/model/exits-text.ts";
import { apm } from "../../src/model/apm.ts";
import type { Profile } from "../../src/model/profile.ts";
import { zen4 } from "../../src/model/zen4.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { ANSWERS, reads, writes } from "./facts.ts";
import { NEW_SET, NOTHING, OLD_SET, range } from "./posted.ts";

/** The cases of Linux 6.12. */
const HANDLER: UnacceleratedHandler = {
  trap: [0x802, ...range(0x80b, 0x80f), 0x828, 0x830, ...range(0x832, 0x838), 0x83e],
  helpers: [
    { msr: 0x80d, name: "avic_handle_ldr_update" },
    { msr: 0x80e, name: "avic_handle_dfr_update" },
  ],
};

function exitsOf(old: AccessSet, now: AccessSet, profile: Profile = zen4, handler = HANDLER): Exits {
  return describeExits({
    old,
    new: now,
    oldAnswers: ANSWERS,
    newAnswers: ANSWERS,
    profile,
    handler,
  });
}

function causes(exits: Exits, wanted: ExitReason, side: "old" | "new"): readonly ExitCause[] {
  return exits.reasons.find(({ reason }) => reason === wanted)?.[side] ?? [];
}

const POSTED_EXITS = exitsOf(OLD_SET, NEW_SET);

test("after the posted series unaccelerated accesses are level-triggered EOIs alone", () => {
  assert.deepEqual(causes(POSTED_EXITS, "unaccelerated-fault", "new"), []);
  assert.deepEqual(causes(POSTED_EXITS, "unaccelerated-trap", "new"), [
    { access: "write", msrs: ["0x80b"], when: "the interrupt is level-triggered" },
  ]);
});

test("before it there were faults and traps", () => {
  assert.deepEqual(causes(POSTED_EXITS, "unaccelerated-fault", "old"), [
    { access: "read", msrs: ["0x809", "0x839"], when: null },
  ]);
  assert.deepEqual(causes(POSTED_EXITS, "unaccelerated-trap", "old"), [
    {
      access: "write",
      msrs: ["0x80f", "0x828", "0x833", "0x834", "0x835", "0x836", "0x837", "0x838", "0x83e"],
      when: null,
    },
    { access: "write", msrs: ["0x80b"], when: "the interrupt is level-triggered" },
  ]);
});

test("IPIs that hardware cannot deliver exit", () => {
  const msrs = (side: "old" | "new") =>
    causes(POSTED_EXITS, "incomplete-ipi", side).map((cause) => cause.msrs);
  assert.deepEqual(msrs("old"), [["0x830"]]);
  assert.deepEqual(msrs("new"), [["0x830", "0x83f"]]);
});

test("the account of the posted series, sentence by sentence", () => {
  assert.deepEqual(exitLines(POSTED_EXITS), [
    "MSR intercept: the MSR_INT cells of the table.",
    "AVIC_UNACCELERATED_ACCESS: before, fault on RDMSR of APIC_ARBPRI and APIC_TMCCT; trap on WRMSR of APIC_SPIV, APIC_ESR, APIC_LVTTHMR..APIC_TMICT and APIC_TDCR; EOI writes of level-triggered interrupts. Afterwards it remains for EOI writes of level-triggered interrupts alone.",
    "AVIC_INCOMPLETE_IPI: WRMSR of APIC_ICR, now also of APIC_SELF_IPI, when a target is not running or the IPI is of a kind hardware does not deliver.",
    "No longer reached with x2AVIC on: is_avic_unaccelerated_access_trap() for APIC_SPIV, APIC_ESR, APIC_LVTTHMR..APIC_TMICT and APIC_TDCR.",
  ]);
});

test("the way back: what comes anew is named beside what was there", () => {
  assert.deepEqual(exitLines(exitsOf(NEW_SET, OLD_SET)).slice(1), [
    "AVIC_UNACCELERATED_ACCESS: before, trap on EOI writes of level-triggered interrupts; after, fault on RDMSR of APIC_ARBPRI and APIC_TMCCT; trap on WRMSR of APIC_SPIV, APIC_ESR, APIC_LVTTHMR..APIC_TMICT and APIC_TDCR; EOI writes of level-triggered interrupts.",
    "AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_ICR and APIC_SELF_IPI when a target is not running or the IPI is of a kind hardware does not deliver; after, WRMSR of APIC_ICR when a target is not running or the IPI is of a kind hardware does not deliver.",
  ]);
});

test("an MSR without a register is no news among the intercepts", () => {
  const [intercepted] = causes(exitsOf(NOTHING, NOTHING), "msr-intercept", "new");
  assert.equal(intercepted?.msrs.includes("0x844"), false);
});

test("cases of the handler that x2AVIC reaches", () => {
  const cases = (old: boolean, now: boolean) =>
    POSTED_EXITS.handler
      .filter(({ reachable }) => reachable.old === old && reachable.new === now)
      .map(({ msr, helper }) => helper ?? msr);
  assert.deepEqual(cases(true, true), ["0x80b"]);
  assert.deepEqual(cases(true, false), [
    ...["0x80f", "0x828", "0x833", "0x834", "0x835", "0x836", "0x837", "0x838", "0x83e"],
  ]);
  assert.deepEqual(cases(false, false), [
    ...["0x802", "0x80c", "0x80d", "0x80e", "0x830", "0x832"],
    ...["avic_handle_ldr_update", "avic_handle_dfr_update"],
  ]);
});

test("by the manual the posted series makes the LDR and DFR helpers unreachable", () => {
  const helpers = exitsOf(OLD_SET, NEW_SET, apm).handler.filter(({ helper }) => helper !== null);
  assert.deepEqual(
    helpers.map(({ reachable }) => reachable),
    [
      { old: true, new: false },
      { old: true, new: false },
    ],
  );
});

test("nothing to say where no exit changes", () => {
  assert.deepEqual(exitLines(exitsOf(OLD_SET, OLD_SET)), []);
  assert.deepEqual(exitLines(exitsOf(NOTHING, NOTHING)), []);
});

test("nothing remains when the last unaccelerated access is intercepted", () => {
  const lines = exitLines(exitsOf(reads(0x809), NOTHING));
  assert.ok(
    lines.includes(
      "AVIC_UNACCELERATED_ACCESS: before, fault on RDMSR of APIC_ARBPRI. Afterwards it can no longer occur.",
    ),
  );
});

test("an unknown cell limits what is said", () => {
  const lines = exitLines(exitsOf({ read: [0x809], write: [0x840] }, writes(0x840)));
  assert.ok(lines.includes("Unknown whether it exits: as before, WRMSR of APIC_EFEAT."));
  assert.match(lines.join("\n"), /Afterwards it, as far as is known, can no longer occur\./);
});

test("reads come before writes", () => {
  const found = causes(exitsOf(NOTHING, NOTHING), "msr-intercept", "new");
  assert.deepEqual(
    found.map(({ access }) => access),
    ["read", "write"],
  );
});

test("where nobody knows what the hardware does, a case of the handler may be reached", () => {
  const { handler } = exitsOf(NOTHING, writes(0x840), zen4, { trap: [0x840], helpers: [] });
  assert.deepEqual(handler, [{ msr: "0x840", helper: null, reachable: { old: false, new: true } }]);
});

test("states that lead to an exit of one kind stand by themselves", () => {
  const variant = (when: string) => ({ when, code: "UAA(t)", evidence: "documented" }) as const;
  const stated: Profile = {
    ...zen4,
    cell: (msr, access) => {
      return { ...zen4.cell(msr, access), code: "HW", variants: [variant(msr === 0x808 ? "odd" : "even")] };
    },
  };
  assert.deepEqual(causes(exitsOf(NOTHING, writes(0x808, 0x80b), stated), "unaccelerated-trap", "new"), [
    { access: "write", msrs: ["0x808"], when: "odd" },
    { access: "write", msrs: ["0x80b"], when: "even" },
  ]);
});
