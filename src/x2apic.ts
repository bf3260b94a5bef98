/**
 * The words every room shares: which MSR accesses exist and how a set of them is written down.
 * The x2APIC MSR range is 0x800..0x8FF (APM vol. 2, 16.11).
 */

export const X2APIC_MSR_FIRST = 0x800;
export const X2APIC_MSR_LAST = 0x8ff;

/** RDMSR or WRMSR. */
export type Access = "read" | "write";
export const ACCESSES: readonly Access[] = ["read", "write"];

/** MSR numbers, ascending and without duplicates, of the accesses whose interception is off. */
export interface AccessSet {
  readonly read: readonly number[];
  readonly write: readonly number[];
}

/**
 * When a set is asked: after activation with x2AVIC; after activation and deactivation; with AVIC but
 * without x2AVIC.
 */
export type Scenario = "active" | "deactivated" | "not-x2avic";
export const SCENARIOS: readonly Scenario[] = ["active", "deactivated", "not-x2avic"];

export type ScenarioSets = Readonly<Record<Scenario, AccessSet>>;

/** A line of a source file, counted from 1. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** `0x80a`: the form of MSR numbers in JSON. */
export function msrHex(msr: number): string {
  return `0x${msr.toString(16)}`;
}

/** `0x80A`: the form of MSR numbers in tables and sentences. */
export function msrLabel(msr: number): string {
  return `0x${msr.toString(16).toUpperCase()}`;
}
