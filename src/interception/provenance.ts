/** Keeps which call last changed each bit of the permission map. */
import type { Frame } from "../c/index.ts";
import type { Access, Scenario, SourceLine } from "../x2apic.ts";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import type { ChainLink, Provenance } from "./behaviour.ts";
import { SETTERS } from "./entries.ts";
import { x2apicBit } from "./permission-map.ts";

/** A write into the map: bytes before and after, null where a bit is not known. */
export interface MapWrite {
  readonly offset: number;
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  /** The calls under way, innermost first. */
  readonly stack: readonly Frame[];
}

/** The decision about one bit, shared by all bits that the same write changed. */
export interface Decision {
  readonly at: SourceLine;
  /** From the entry point inwards. */
  readonly chain: readonly ChainLink[];
}

/** Of the bits of a byte, lowest first. */
type Deciders = readonly (MapWrite | undefined)[];

export class DecisionLog {
  /** By offset of the byte; a write alone decided all of its bits. */
  readonly #deciders: Map<number, MapWrite | Deciders>;
  readonly #decisions = new Map<MapWrite, Decision>();
  /** Whether anything was written at all. */
  touched = false;

  constructor(deciders: ReadonlyMap<number, MapWrite | Deciders> = new Map()) {
    this.#deciders = new Map(deciders);
  }

  /** The state of now, independent of what is recorded later. */
  copy(): DecisionLog {
    return new DecisionLog(this.#deciders);
  }

  /** Takes note of a write: it decides the bits that it changes. */
  record(write: MapWrite): void {
    this.touched = true;
    write.after.forEach((after, i) => {
      const before = write.before[i];
      if (after === before) return;
      const changed = after === null || before === null || before === undefined ? 0xff : after ^ before;
      const byte = write.offset + i;
      const mixed = () =>
        this.#decidersOf(byte).map((former, bit) => ((changed >> bit) & 1 ? write : former));
      this.#deciders.set(byte, changed === 0xff ? write : mixed());
    });
  }

  #decidersOf(byte: number): Deciders {
    const found = this.#deciders.get(byte);
    return Array.isArray(found)
      ? (found as Deciders)
      : Array<MapWrite | undefined>(8).fill(found as MapWrite);
  }

  /** Offsets of the bytes that some write has changed. */
  changedBytes(): number[] {
    return [...this.#deciders.keys()].sort((a, b) => a - b);
  }

  decisionOf(msr: number, access: Access): Decision | null {
    const bit = x2apicBit(msr, access);
    const write = this.#decidersOf(bit >> 3)[bit & 7];
    if (!write) return null;
    const known = this.#decisions.get(write) ?? decide(write);
    this.#decisions.set(write, known);
    return known;
  }
}

function decide({ stack }: MapWrite): Decision {
  const chain = [...stack].reverse().map((frame) => {
    return { function: frame.function, file: frame.file, line: frame.line };
  });
  return { at: decidingCall(chain), chain };
}

/** The line that calls the outermost setter; where the code writes the map itself, that line. */
function decidingCall(chain: readonly ChainLink[]): SourceLine {
  const setter = chain.findIndex((link) => SETTERS.has(link.function));
  const caller = chain[setter - 1] ?? chain.at(-1);
  return { file: caller?.file ?? "", line: caller?.line ?? 0 };
}

/** Every access of the range with what decided it. */
export function provenanceOf(
  scenario: Scenario,
  stateOf: (msr: number, access: Access) => { passed: boolean; decision: Decision | null },
): Provenance[] {
  const found: Provenance[] = [];
  for (let msr = X2APIC_MSR_FIRST; msr <= X2APIC_MSR_LAST; msr++) {
    for (const access of ACCESSES) {
      const { passed, decision } = stateOf(msr, access);
      found.push({
        scenario,
        msr,
        access,
        passed,
        at: decision?.at ?? null,
        chain: decision?.chain ?? [],
      });
    }
  }
  return found;
}
