import { DEFAULT_PROFILE } from "../model/profiles.ts";
import type { HardwareCell, Profile } from "../model/profile.ts";
import { INSTRUCTION } from "../model/phrase.ts";
import { rangeName, registerAt, sameWords, X2APIC_MSRS } from "../model/registers.ts";
import { ACCESSES, msrHex, msrLabel } from "../x2apic.ts";
import { EXIT } from "./exit.ts";
import { profileOption, PROFILE_NAMES } from "./options.ts";
import { textTable } from "./text-table.ts";
import type { ConfigureVerb } from "./verbs.ts";

interface ProfileOptions {
  readonly diff?: string;
  readonly json?: boolean;
}

/** Consecutive MSRs of which every profile shown says the same. */
interface Entry {
  readonly first: number;
  readonly last: number;
  readonly label: string;
  readonly register: string;
  readonly cells: readonly { readonly read: HardwareCell; readonly write: HardwareCell }[];
}

function cellsAt(profiles: readonly Profile[], msr: number): Entry["cells"] {
  return profiles.map((profile) => ({ read: profile.cell(msr, "read"), write: profile.cell(msr, "write") }));
}

/** Entries over the whole range, words of one register together as long as their cells are equal. */
function entriesOf(profiles: readonly Profile[]): Entry[] {
  const entries: Entry[] = [];
  for (const msr of X2APIC_MSRS) {
    const cells = cellsAt(profiles, msr);
    const former = entries.at(-1);
    const joins =
      former !== undefined &&
      sameWords(registerAt(former.first), registerAt(msr)) &&
      JSON.stringify(former.cells) === JSON.stringify(cells);
    if (joins) entries.pop();
    entries.push(newEntry(joins ? former.first : msr, msr, cells));
  }
  return entries;
}

function newEntry(first: number, last: number, cells: Entry["cells"]): Entry {
  const label = first === last ? msrLabel(first) : `${msrLabel(first)}..${msrLabel(last)}`;
  return { first, last, label, register: rangeName(registerAt(first), registerAt(last)), cells };
}

function variantLines(entries: readonly Entry[]): string[] {
  return entries.flatMap(({ label, register, cells }) =>
    ACCESSES.flatMap((access) =>
      (cells[0]?.[access].variants ?? []).map(
        ({ code, when, evidence }) =>
          `  ${INSTRUCTION[access]} of ${label} ${register}: ${code} when ${when} (${evidence})\n`,
      ),
    ),
  );
}

function sourceLines(entries: readonly Entry[]): string[] {
  const sources = entries.flatMap(({ cells }) =>
    ACCESSES.flatMap((access) => cells[0]?.[access].source ?? []),
  );
  return [...new Set(sources)].map((source) => `  ${source}\n`);
}

function renderProfile(profile: Profile): string {
  const entries = entriesOf([profile]);
  const rows = entries.map(({ label, register, cells }) => {
    const cell = cells[0];
    return [
      label,
      register,
      cell?.read.code ?? "",
      cell?.read.evidence ?? "",
      cell?.write.code ?? "",
      cell?.write.evidence ?? "",
    ];
  });
  return [
    `${profile.name}: ${profile.title}\n${profile.conditions}\n\n`,
    textTable(["MSR", "Register", "RDMSR", "evidence", "WRMSR", "evidence"], rows),
    "\nIn other states or with other values:\n",
    ...variantLines(entries),
    "\nSources:\n",
    ...sourceLines(entries),
  ].join("");
}

function differing(one: Profile, other: Profile): Entry[] {
  return entriesOf([one, other]).filter(
    ({ cells: [a, b] }) => a?.read.code !== b?.read.code || a?.write.code !== b?.write.code,
  );
}

function renderDifference(one: Profile, other: Profile): string {
  const rows = differing(one, other).map(({ label, register, cells: [a, b] }) => {
    const pair = ACCESSES.map((access) => [a?.[access].code ?? "", b?.[access].code ?? ""]);
    return [label, register, ...pair.flatMap(([x, y]) => (x === y ? ["", ""] : [x ?? "", y ?? ""]))];
  });
  const headings = ACCESSES.flatMap((access) =>
    [one, other].map(({ name }) => `${INSTRUCTION[access]} ${name}`),
  );
  return `${one.name} against ${other.name}: accesses passed through that differ\n\n${textTable(["MSR", "Register", ...headings], rows)}`;
}

function entryJson(profiles: readonly Profile[]) {
  return ({ first, last, label, register, cells }: Entry): object => ({
    first: msrHex(first),
    last: msrHex(last),
    label,
    register,
    ...(profiles.length === 1
      ? cells[0]
      : Object.fromEntries(profiles.map(({ name }, index) => [name, cells[index]]))),
  });
}

function profileJson(profile: Profile, other: Profile | null): object {
  const { name, title, conditions } = profile;
  if (other === null)
    return { name, title, conditions, registers: entriesOf([profile]).map(entryJson([profile])) };
  return {
    one: name,
    other: other.name,
    registers: differing(profile, other).map(entryJson([profile, other])),
  };
}

/** `avicbot profile`: what hardware does with accesses that are passed through, and who says so. */
export const configureProfile: ConfigureVerb = (command, io, done) => {
  command
    .argument("[name]", `one of ${PROFILE_NAMES}`, DEFAULT_PROFILE.name)
    .option("--diff <other>", "only the cells in which the other profile differs")
    .option("--json", "print JSON")
    .action((name: string, options: ProfileOptions) => {
      const profile = profileOption(name);
      const other = options.diff === undefined ? null : profileOption(options.diff);
      if (options.json) io.out(`${JSON.stringify(profileJson(profile, other), null, 2)}\n`);
      else if (other !== null) io.out(renderDifference(profile, other));
      else io.out(renderProfile(profile));
      done(EXIT.done);
    });
};
