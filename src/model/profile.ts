/** What a hardware profile is: for every access that is passed through, what one CPU does with it. */
import type { Access } from "../x2apic.ts";

/**
 * How near a statement is to what it speaks about: `measured` on it; `inferred` from rules or code that
 * hold for it; `documented` by a text about it; `unknown`.
 */
export type Evidence = "measured" | "inferred" | "documented" | "unknown";

/** Weakest first. */
const STRENGTH: readonly Evidence[] = ["unknown", "documented", "inferred", "measured"];

export function weakerEvidence(one: Evidence, other: Evidence): Evidence {
  return STRENGTH.find((evidence) => evidence === one || evidence === other) ?? one;
}

/** What hardware does with an access that is passed through. `UAA(f)` leaves the result to KVM. */
export type HardwareCode = "HW" | "#GP-direct" | "UAA(f)" | "UAA(t)" | "HW / INC_IPI" | "unknown";

/** An outcome other than that of the measured case, and the value or state that leads to it. */
export interface Variant {
  /** Fits after "when": `the interrupt is level-triggered`. */
  readonly when: string;
  readonly code: HardwareCode | "INC_IPI";
  readonly evidence: Evidence;
  /** What KVM's emulation then shows the guest, where that differs from the measured case. */
  readonly guest?: string;
}

/** One register and access, bit clear. */
export interface HardwareCell {
  /** The measured, or else the common, case. */
  readonly code: HardwareCode;
  readonly evidence: Evidence;
  /** Who says so, where and when. */
  readonly source: string;
  readonly variants: readonly Variant[];
}

export interface Profile {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Under which the cells hold; variants leave them. */
  readonly conditions: string;
  readonly cell: (msr: number, access: Access) => HardwareCell;
  /** What the guest saw when the access was intercepted in the measurement; null where that was not tried. */
  readonly measuredGuest: (msr: number, access: Access) => string | null;
}

/** Cells of consecutive MSRs, as profiles are written down. */
export interface ProfileEntry {
  readonly first: number;
  readonly last: number;
  readonly read: HardwareCell;
  readonly write: HardwareCell;
}

/** Lookup in entries; what none of them holds is `rest`. */
export function cellLookup(entries: readonly ProfileEntry[], rest: HardwareCell): Profile["cell"] {
  const entryOf = new Map<number, ProfileEntry>();
  for (const entry of entries) {
    for (let msr = entry.first; msr <= entry.last; msr++) entryOf.set(msr, entry);
  }
  return (msr, access) => entryOf.get(msr)?.[access] ?? rest;
}
