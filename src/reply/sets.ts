/** The passthrough sets of one kernel, as text and as JSON. */
import type { KernelBehaviour, Provenance } from "../interception/behaviour.ts";
import { registerAt } from "../model/registers.ts";
import { ACCESSES, msrHex, msrLabel, SCENARIOS } from "../x2apic.ts";
import type { Access, AccessSet, Scenario, ScenarioSets, SourceLine } from "../x2apic.ts";
import { renderGrid } from "./table.ts";

function hexSets(sets: ScenarioSets): object {
  const hex = (set: AccessSet) => ({ read: set.read.map(msrHex), write: set.write.map(msrHex) });
  return Object.fromEntries(SCENARIOS.map((scenario) => [scenario, hex(sets[scenario])]));
}

/** `{"revision", "sets", "conditions", "outside", "provenance"}` with MSRs as hex strings. */
export function setsJson(revision: string, behaviour: KernelBehaviour): object {
  const { sets, conditions, outside, provenance } = behaviour;
  return {
    revision,
    sets: hexSets(sets),
    conditions: conditions.map((way) => ({ when: way.when, at: way.at, sets: hexSets(way.sets) })),
    outside: outside.map((one) => ({ ...one, msr: msrHex(one.msr) })),
    provenance: provenance.map((one) => ({ ...one, msr: msrHex(one.msr) })),
  };
}

/** `svm.c:907`: the file's name is enough on a terminal where the path is known. */
function place(at: SourceLine | null): string {
  return at === null ? "" : `${at.file.split("/").pop() ?? at.file}:${at.line}`;
}

function provenanceLookup(all: readonly Provenance[], scenario: Scenario) {
  const known = new Map(
    all.filter((one) => one.scenario === scenario).map((one) => [`${one.msr} ${one.access}`, one]),
  );
  return (msr: number, access: Access) => known.get(`${msr} ${access}`) ?? null;
}

function scenarioTable(behaviour: KernelBehaviour, scenario: Scenario): string {
  const set = behaviour.sets[scenario];
  const provenance = provenanceLookup(behaviour.provenance, scenario);
  const msrs = [...new Set([...set.read, ...set.write])].sort((a, b) => a - b);
  const cells = (msr: number) =>
    ACCESSES.flatMap((access) => {
      const passed = set[access].includes(msr);
      return [passed ? "passed" : "intercepted", place(provenance(msr, access)?.at ?? null)];
    });
  return renderGrid(
    ["MSR", "Register", "RDMSR", "decided at", "WRMSR", "decided at"],
    msrs.map((msr) => [msrLabel(msr), registerAt(msr).name, ...cells(msr)]),
  );
}

const TITLES: Readonly<Record<Scenario, string>> = {
  active: "x2AVIC active",
  deactivated: "deactivated after that",
  "not-x2avic": "AVIC without x2AVIC",
};

function scenarioText(behaviour: KernelBehaviour, scenario: Scenario): string {
  const { read, write } = behaviour.sets[scenario];
  if (read.length + write.length === 0) return `${TITLES[scenario]}: every access is intercepted.\n`;
  const count = `${read.length} RDMSR and ${write.length} WRMSR are passed through`;
  return `${TITLES[scenario]}: ${count}.\n${scenarioTable(behaviour, scenario)}`;
}

function conditionText({ when, sets }: KernelBehaviour["conditions"][number]): string {
  const counts = SCENARIOS.map(
    (scenario) => `${scenario} ${sets[scenario].read.length} RDMSR, ${sets[scenario].write.length} WRMSR`,
  );
  return `When ${when}: ${counts.join("; ")}.\n`;
}

/** For a terminal: each scenario, what lies outside the range, and the ways of conditions. */
export function renderSets(title: string, behaviour: KernelBehaviour): string {
  const outside = behaviour.outside.map(
    ({ scenario, msr, access }) =>
      `Outside 0x800..0x8FF, ${TITLES[scenario]}: ${access} of ${msrLabel(msr)} is open.\n`,
  );
  return [
    `${title}\n\n`,
    SCENARIOS.map((scenario) => scenarioText(behaviour, scenario)).join("\n"),
    ...(outside.length > 0 ? ["\n", ...outside] : []),
    ...(behaviour.conditions.length > 0 ? ["\n", ...behaviour.conditions.map(conditionText)] : []),
  ].join("");
}
