/** Hardware profiles as text for a terminal. */
import { INSTRUCTION } from "../model/phrase.ts";
import type { HardwareCell } from "../model/profile.ts";
import type { CellPair, ProfileDiff, ProfileReport, ProfileRow } from "../model/profile-report.ts";
import { ACCESSES } from "../x2apic.ts";
import { renderGrid } from "./table.ts";

function sourcesOf(rows: readonly ProfileRow[]): string[] {
  return [...new Set(rows.flatMap(({ read, write }) => [read.source, write.source]))];
}

function evidenceOf({ evidence, source }: HardwareCell, sources: readonly string[]): string {
  return `${evidence} [${sources.indexOf(source) + 1}]`;
}

function variantLines(row: ProfileRow): string[] {
  return ACCESSES.flatMap((access) =>
    row[access].variants.map(({ when, code, evidence, guest }) => {
      const outcome = guest === undefined ? code : `${code}:${guest}`;
      return `  ${INSTRUCTION[access]} of ${row.register}: ${outcome} when ${when} (${evidence})\n`;
    }),
  );
}

/** The profile as a table with the evidence of each cell, other states, and the sources by number. */
export function renderProfile({ profile, title, conditions, rows }: ProfileReport): string {
  const sources = sourcesOf(rows);
  const headings = ["MSR", "Register", "RDMSR", "Evidence", "WRMSR", "Evidence"];
  const lines = rows.map(({ label, register, read, write }) => [
    ...[label, register],
    ...[read.code, evidenceOf(read, sources), write.code, evidenceOf(write, sources)],
  ]);
  const variants = rows.flatMap(variantLines);
  return [
    `${profile}: ${title}; accesses passed through, ${conditions}\n`,
    renderGrid(headings, lines),
    ...(variants.length > 0 ? ["In other states:\n", ...variants] : []),
    "Sources:\n",
    ...sources.map((source, index) => `  [${index + 1}] ${source}\n`),
  ].join("");
}

function pairCells({ one, other, differs }: CellPair): string[] {
  return [one.code, differs ? `* ${other.code}` : other.code];
}

/** Registers of which two profiles say something else, `* ` at the cells that differ. */
export function renderProfileDiff({ one, other, rows }: ProfileDiff): string {
  if (rows.length === 0) return `${one} and ${other} do not differ.\n`;
  const headings = ["MSR", "Register", ...ACCESSES.flatMap(headingsOf(one, other))];
  return renderGrid(
    headings,
    rows.map(({ label, register, read, write }) => [
      ...[label, register],
      ...pairCells(read),
      ...pairCells(write),
    ]),
  );
}

function headingsOf(one: string, other: string): (access: "read" | "write") => string[] {
  return (access) => [`${one} ${INSTRUCTION[access]}`, `${other} ${INSTRUCTION[access]}`];
}
