/** An explanation of one cell as text. */
import { INSTRUCTION } from "../model/phrase.ts";
import type { ExplainedSide, Explanation } from "../review/explain.ts";
import type { QuotedLine } from "../review/grounds.ts";
import { msrLabel } from "../x2apic.ts";
import { cleanCode, cleanLine } from "./clean.ts";
import { wrap } from "./wrap.ts";

function place({ file, line }: QuotedLine): string {
  return `${file}:${line}`;
}

function code(line: QuotedLine | null): string[] {
  return line === null || line.text === null ? [] : [`      ${cleanCode(line.text)}`];
}

function chainLines(chain: readonly QuotedLine[]): string[] {
  return chain.flatMap((link) => [`    ${link.function ?? "?"}(), ${place(link)}`, ...code(link)]);
}

function interceptionLines({ passed, decidedAt, chain }: ExplainedSide, when: string | null): string[] {
  const state = passed ? "passed through" : "intercepted";
  if (decidedAt === null && when !== null) return [`  KVM's MSR map: ${state} when ${cleanLine(when, 200)}`];
  if (decidedAt === null)
    return [`  KVM's MSR map: ${state}; no call touches it, and the map starts out intercepting`];
  return [`  KVM's MSR map: ${state}, decided at ${place(decidedAt)}`, ...chainLines(chain)];
}

/** Text under its heading, in 80 columns. */
function indented(text: string): string {
  return `    ${wrap(text, 4, 76)}`;
}

function hardwareLines({ hardware }: ExplainedSide): string[] {
  const variants = hardware.variants.map(({ when, code: other, evidence }) =>
    indented(`${other} when ${when} (${evidence})`),
  );
  return [`  hardware: ${hardware.code} (${hardware.evidence})`, indented(hardware.source), ...variants];
}

const ANSWER_SOURCE = {
  evaluated: "evaluated from",
  documented: "documented, the code of this tree does not settle it",
  posted: "as Linux 6.12 and later answer",
} as const;

function answerLines({ answer }: ExplainedSide): string[] {
  const where = answer.at === null ? "the tree's lapic.c" : place(answer.at);
  const source = ANSWER_SOURCE[answer.from];
  const text = answer.from === "evaluated" ? `${source} ${where}` : source;
  return [`  KVM's emulation: the guest sees ${answer.guest}, ${text}`, ...code(answer.at)];
}

/** The stages that matter: hardware only when passed through, KVM's answer where KVM emulates. */
function sideLines(title: string, side: ExplainedSide, when: string | null): string[] {
  const emulated = !side.passed || side.code.startsWith("UAA(f)");
  return [
    `${title}: ${side.code} (${side.evidence})`,
    ...interceptionLines(side, when),
    ...(side.passed ? hardwareLines(side) : []),
    ...(emulated ? answerLines(side) : []),
  ];
}

export function renderExplanation(explanation: Explanation): string {
  const { msr, register, access, profile, when, old, by } = explanation;
  const changed = by.map(({ index, subject }) => `Changed by patch ${index}: ${cleanLine(subject)}`);
  return [
    cleanLine(explanation.series),
    `${INSTRUCTION[access]} of ${msrLabel(Number(msr))} ${register} with x2AVIC active, profile ${profile}`,
    "",
    ...sideLines("Current", old, when),
    "",
    ...sideLines("New", explanation.new, when),
    "",
    ...(changed.length > 0 ? changed : ["No patch of the series changes it."]),
    "",
  ].join("\n");
}
