/**
 * The table as text, in the form of the one posted on the list by hand: ASCII, a first column 14
 * characters wide and five of 15, cells left-aligned after one blank, `* ` in front of a new cell that
 * differs from the old one.
 */
import { accessPhrase, INSTRUCTION } from "../model/phrase.ts";
import type { Evidence } from "../model/profile.ts";
import type { Row, RowCell } from "../model/rows.ts";
import { ACCESSES } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";

const WIDTHS = [14, 15, 15, 15, 15, 15];
/** Of the table; `shown.ts` knows it by them. */
export const HEADINGS = ["MSR", "Register", "Current RDMSR", "New RDMSR", "Current WRMSR", "New WRMSR"];

/** A cell too long for its column keeps all of its text: a crooked line is better than a lost value. */
function line(cells: readonly string[]): string {
  return `|${cells.map((cell, column) => ` ${cell}`.padEnd(WIDTHS[column] ?? 0)).join("|")}|\n`;
}

function border(): string {
  return `+${WIDTHS.map((width) => "-".repeat(width)).join("+")}+\n`;
}

function newCell(cell: RowCell): string {
  return cell.changed ? `* ${cell.new}` : cell.new;
}

function rowCells({ label, register, read, write }: Row): string[] {
  return [label, register, read.old, newCell(read), write.old, newCell(write)];
}

/** Lines of six cells under six headings, in the columns of the table; every line ends with a line feed. */
export function renderGrid(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  return [border(), line(headings), border(), ...lines.map(line), border()].join("");
}

/** The table with its headings. */
export function renderTable(rows: readonly Row[]): string {
  return renderGrid(HEADINGS, rows.map(rowCells));
}

interface LegendEntry {
  readonly code: string;
  readonly meaning: string;
  readonly usedBy: (code: string) => boolean;
}

const LEGEND: readonly LegendEntry[] = [
  {
    code: "HW",
    meaning: "hardware-accelerated, no #VMEXIT",
    usedBy: (code) => code.startsWith("HW"),
  },
  {
    code: "#GP-direct",
    meaning: "the CPU delivers #GP from microcode, no #VMEXIT",
    usedBy: (code) => code === "#GP-direct",
  },
  {
    code: "UAA(f):X",
    meaning: "AVIC_UNACCELERATED_ACCESS exit, fault; KVM emulates, the guest sees X",
    usedBy: (code) => code.startsWith("UAA(f)"),
  },
  {
    code: "UAA(t)",
    meaning: "AVIC_UNACCELERATED_ACCESS exit, trap; the write is done, KVM post-processes",
    usedBy: (code) => code === "UAA(t)",
  },
  {
    code: "MSR_INT:X",
    meaning: "MSR intercept; KVM emulates, the guest sees X",
    usedBy: (code) => code.startsWith("MSR_INT"),
  },
  {
    code: "INC_IPI",
    meaning: "AVIC_INCOMPLETE_IPI exit; KVM emulates the delivery of the IPI",
    usedBy: (code) => code.includes("INC_IPI"),
  },
  {
    code: "unknown",
    meaning: "neither measured nor documented",
    usedBy: (code) => code === "unknown",
  },
];

/** What the codes in the rows mean, and `further` ones, one line a code that occurs; empty for none. */
export function renderLegend(rows: readonly Row[], further: readonly string[] = []): string {
  const shown = rows.flatMap(({ read, write }) => [read.old, read.new, write.old, write.new]);
  const codes = [...shown, ...further];
  const entries = LEGEND.filter(({ usedBy }) => codes.some(usedBy)).map(({ code, meaning }) => [
    code,
    meaning,
  ]);
  if (rows.some(({ read, write }) => read.changed || write.changed)) {
    entries.push(["*", "differs from the current outcome"]);
  }
  return entries.map(([code, meaning]) => `  ${(code ?? "").padEnd(11)} ${meaning}\n`).join("");
}

const UNMEASURED: readonly { evidence: Evidence; says: string }[] = [
  { evidence: "inferred", says: "inferred" },
  { evidence: "documented", says: "documented, not measured" },
  { evidence: "unknown", says: "unknown" },
];

/** `RDMSR of …`, or `every RDMSR` where all rows are meant; null for none. */
function accessesWith(rows: readonly Row[], access: Access, evidence: Evidence): string | null {
  const meant = rows.filter((row) => row[access].evidence === evidence);
  if (meant.length === 0) return null;
  if (meant.length === rows.length) return `every ${INSTRUCTION[access]}`;
  return accessPhrase(
    access,
    meant.flatMap(({ msrs }) => msrs.map(Number)),
  );
}

function evidencePart(rows: readonly Row[], evidence: Evidence, says: string): string[] {
  const parts = ACCESSES.flatMap((access) => accessesWith(rows, access, evidence) ?? []);
  return parts.length === 0 ? [] : [`${parts.join(" and ")} ${says}`];
}

/**
 * How far each cell is measured, in one line, so that the table itself needs no marks: what is not is named,
 * by kind of evidence. Empty for no rows.
 */
export function renderEvidence(rows: readonly Row[], profile: string): string {
  if (rows.length === 0) return "";
  const parts = UNMEASURED.flatMap(({ evidence, says }) => evidencePart(rows, evidence, says));
  const measured = rows.some(({ read, write }) => [read, write].some((one) => one.evidence === "measured"));
  const rest = parts.length === 0 ? ["every cell measured"] : ["every other cell measured"];
  return `Evidence (profile ${profile}): ${[...parts, ...(measured ? rest : [])].join("; ")}.\n`;
}
