/**
 * What AMD's manual documents for x2APIC MSR accesses that are passed through while x2AVIC is active.
 * Its table leaves out the x2APIC access checks that come first, so it differs from what CPUs do.
 */
import { cellLookup } from "./profile.ts";
import type { HardwareCell, HardwareCode, Profile, ProfileEntry, Variant } from "./profile.ts";

const TABLE = "AMD64 Architecture Programmer's Manual vol. 2, rev 3.44, table 15-22";
const NO_ENTRY = `no x2AVIC entry in ${TABLE}; inferred from the access checks of 15.29.10`;
const NOT_COVERED = `${TABLE} does not cover the extended registers`;

function documented(code: HardwareCode, ...variants: Variant[]): HardwareCell {
  return { code, evidence: "documented", source: TABLE, variants };
}

const ALLOWED = documented("HW");
const FAULT = documented("UAA(f)");
const TRAP = documented("UAA(t)");
const NONE: HardwareCell = { code: "#GP-direct", evidence: "inferred", source: NO_ENTRY, variants: [] };
const UNKNOWN: HardwareCell = { code: "unknown", evidence: "unknown", source: NOT_COVERED, variants: [] };
const IPI = documented("HW / INC_IPI", {
  when: "a target is not running or the IPI is of a kind hardware does not deliver",
  code: "INC_IPI",
  evidence: "documented",
});
const EOI = documented("HW", {
  when: "the interrupt is level-triggered",
  code: "UAA(t)",
  evidence: "documented",
});
const TMCCT = documented("UAA(f)", {
  when: "the timer is running",
  code: "UAA(f)",
  evidence: "documented",
  guest: "count",
});

function at(msr: number, read: HardwareCell, write: HardwareCell): ProfileEntry {
  return { first: msr, last: msr, read, write };
}

const ENTRIES: readonly ProfileEntry[] = [
  at(0x802, ALLOWED, TRAP),
  at(0x803, ALLOWED, FAULT),
  at(0x808, ALLOWED, ALLOWED),
  at(0x809, FAULT, FAULT),
  at(0x80a, ALLOWED, FAULT),
  at(0x80b, ALLOWED, EOI),
  at(0x80c, ALLOWED, TRAP),
  at(0x80d, ALLOWED, TRAP),
  at(0x80e, ALLOWED, TRAP),
  at(0x80f, ALLOWED, TRAP),
  { first: 0x810, last: 0x827, read: ALLOWED, write: FAULT },
  at(0x828, ALLOWED, TRAP),
  at(0x830, ALLOWED, IPI),
  { first: 0x832, last: 0x838, read: ALLOWED, write: TRAP },
  at(0x839, TMCCT, FAULT),
  at(0x83e, ALLOWED, TRAP),
  at(0x83f, NONE, IPI),
  { first: 0x840, last: 0x853, read: UNKNOWN, write: UNKNOWN },
];

export const apm: Profile = {
  name: "apm",
  title: "AMD64 Architecture Programmer's Manual, as documented",
  conditions: "the permission of the AVIC alone, without the x2APIC access checks that come before it",
  cell: cellLookup(ENTRIES, NONE),
  measuredGuest: () => null,
};
