/**
 * The MSR permission map of AMD SVM (APM vol. 2, 15.11): two bits an MSR, even for read and odd for
 * write, set means intercepted. Three ranges of 0x2000 MSRs of 0x800 bytes each are in use.
 */
import type { Access, AccessSet } from "../x2apic.ts";
import { X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";

/** Two pages, of which the last 0x800 bytes are reserved. */
export const MAP_BYTES = 0x2000;
const RANGE_BYTES = 0x800;
const MSRS_PER_BYTE = 4;
const RANGE_STARTS = [0, 0xc0000000, 0xc0010000] as const;

/** One access of one MSR. */
export interface MapBit {
  readonly msr: number;
  readonly access: Access;
}

/** The MSR and access that a bit of the map stands for, or null in its reserved last part. */
export function bitMeaning(bit: number): MapBit | null {
  const byte = bit >> 3;
  const start = RANGE_STARTS[Math.floor(byte / RANGE_BYTES)];
  if (start === undefined) return null;
  const msr = start + (byte % RANGE_BYTES) * MSRS_PER_BYTE + ((bit & 7) >> 1);
  return { msr, access: (bit & 1) === 0 ? "read" : "write" };
}

/** Number of the bit of an x2APIC MSR's access; these lie in the first range. */
export function x2apicBit(msr: number, access: Access): number {
  return msr * 2 + (access === "write" ? 1 : 0);
}

export function isX2apicMsr(msr: number): boolean {
  return msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST;
}

/** Accesses whose bit is clear, within 0x800..0x8FF and beyond it. */
export interface OpenAccesses {
  readonly inside: AccessSet;
  readonly outside: readonly MapBit[];
}

/** Reads the map; `map` has MAP_BYTES bytes, nearly all of which intercept everything. */
export function openAccesses(map: Uint8Array): OpenAccesses {
  const inside = { read: [] as number[], write: [] as number[] };
  const outside: MapBit[] = [];
  for (let byte = 0; byte < map.length; byte++) {
    const bits = map[byte] ?? 0xff;
    if (bits === 0xff) continue;
    for (let bit = byte * 8; bit < byte * 8 + 8; bit++) {
      if ((bits >> (bit & 7)) & 1) continue;
      const meaning = bitMeaning(bit);
      if (!meaning) continue;
      if (isX2apicMsr(meaning.msr)) inside[meaning.access].push(meaning.msr);
      else outside.push(meaning);
    }
  }
  return { inside, outside };
}
