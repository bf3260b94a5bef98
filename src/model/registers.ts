/**
 * The registers behind the x2APIC MSRs 0x800..0x8FF.
 *
 * Names are those of the kernel's asm/apicdef.h, which has none for the extended registers beyond
 * EFEAT, ECTRL and EILVT: these follow APM vol. 2, 16.3.
 */
import { X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";

/** Registers that are words of one: APIC_ISR1..7 share a row of the table as long as they behave alike. */
export interface WordOf {
  readonly stem: string;
  /** Number of the word, or null where the words have no number of their own. */
  readonly word: number | null;
}

export interface Register {
  readonly msr: number;
  /** The name that tables and sentences use, `APIC_TPR` for what the kernel calls APIC_TASKPRI. */
  readonly name: string;
  /** Has a row in every table; the others only when something is to be said about them. */
  readonly always: boolean;
  readonly wordOf: WordOf | null;
}

/** Name of the MSRs that have no register. */
export const NO_REGISTER = "(no register)";

/** The 29 rows of the table are made of these and of the words of ISR, TMR and IRR. */
const SINGLE: readonly (readonly [msr: number, name: string])[] = [
  [0x802, "APIC_ID"],
  [0x803, "APIC_LVR"],
  [0x808, "APIC_TPR"],
  [0x809, "APIC_ARBPRI"],
  [0x80a, "APIC_PPR"],
  [0x80b, "APIC_EOI"],
  [0x80c, "APIC_RRR"],
  [0x80d, "APIC_LDR"],
  [0x80e, "APIC_DFR"],
  [0x80f, "APIC_SPIV"],
  [0x828, "APIC_ESR"],
  [0x830, "APIC_ICR"],
  [0x831, "APIC_ICR2"],
  [0x832, "APIC_LVTT"],
  [0x833, "APIC_LVTTHMR"],
  [0x834, "APIC_LVTPC"],
  [0x835, "APIC_LVT0"],
  [0x836, "APIC_LVT1"],
  [0x837, "APIC_LVTERR"],
  [0x838, "APIC_TMICT"],
  [0x839, "APIC_TMCCT"],
  [0x83e, "APIC_TDCR"],
  [0x83f, "APIC_SELF_IPI"],
];

/** Registers that get a row only when they are passed through or change. */
const SELDOM: readonly (readonly [msr: number, name: string])[] = [
  [0x82f, "APIC_LVTCMCI"],
  [0x840, "APIC_EFEAT"],
  [0x841, "APIC_ECTRL"],
  [0x842, "APIC_SEOI"],
];

interface Words {
  readonly stem: string;
  readonly first: number;
  readonly words: number;
  readonly always: boolean;
}

const WORDS: readonly Words[] = [
  { stem: "APIC_ISR", first: 0x810, words: 8, always: true },
  { stem: "APIC_TMR", first: 0x818, words: 8, always: true },
  { stem: "APIC_IRR", first: 0x820, words: 8, always: true },
  { stem: "APIC_IER", first: 0x848, words: 8, always: false },
  { stem: "APIC_EILVT", first: 0x850, words: 4, always: false },
];

function word({ stem, first, always }: Words, index: number): Register {
  // Word 0 of ISR, TMR and IRR is the register the kernel names; only it was passed through for years,
  // so it has a row of its own.
  const named = always && index === 0;
  const name = named ? stem : `${stem}${index}`;
  return {
    msr: first + index,
    name,
    always,
    wordOf: named ? null : { stem, word: index },
  };
}

function noRegister(msr: number): Register {
  const wordOf = { stem: NO_REGISTER, word: null };
  return { msr, name: NO_REGISTER, always: false, wordOf };
}

function allRegisters(): ReadonlyMap<number, Register> {
  const registers = [
    ...SINGLE.map(([msr, name]) => {
      return { msr, name, always: true, wordOf: null };
    }),
    ...SELDOM.map(([msr, name]) => {
      return { msr, name, always: false, wordOf: null };
    }),
    ...WORDS.flatMap((words) => Array.from({ length: words.words }, (_, index) => word(words, index))),
  ];
  return new Map(registers.map((register) => [register.msr, register]));
}

const REGISTERS = allRegisters();

/** The register of an MSR; one named `(no register)` for an MSR that has none, whatever its number. */
export function registerAt(msr: number): Register {
  return REGISTERS.get(msr) ?? noRegister(msr);
}

/** Every MSR of the x2APIC range, ascending. */
export const X2APIC_MSRS: readonly number[] = Array.from(
  { length: X2APIC_MSR_LAST - X2APIC_MSR_FIRST + 1 },
  (_, index) => X2APIC_MSR_FIRST + index,
);

/** Whether two registers are words of one, so that they may stand in one row. */
export function sameWords(one: Register, other: Register): boolean {
  return one.wordOf !== null && one.wordOf.stem === other.wordOf?.stem;
}

/** `APIC_ISR1..7` for the words from one register to another, the plain name for a single one. */
export function rangeName(first: Register, last: Register): string {
  const word = last.wordOf?.word ?? null;
  return first.msr === last.msr || word === null ? first.name : `${first.name}..${word}`;
}
