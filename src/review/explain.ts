/** Why a cell of the table is what it is, on both sides: the code that decided, the model's stage, the sources. */
import type { ChainLink, KernelBehaviour, Provenance } from "../interception/behaviour.ts";
import { readTree } from "../kernel/tree.ts";
import type { Answer } from "../model/answers.ts";
import { compareAccess } from "../model/changes.ts";
import type { AccessState } from "../model/changes.ts";
import type { HardwareCell, Profile } from "../model/profile.ts";
import { registerAt } from "../model/registers.ts";
import { msrHex } from "../x2apic.ts";
import type { Access, SourceLine } from "../x2apic.ts";
import type { StudiedTree, Study } from "./review.ts";

/** A place in the source with the line that stands there; null when the file cannot be read any more. */
export interface QuotedLine extends SourceLine {
  readonly function: string | null;
  readonly text: string | null;
}

export interface ExplainedSide {
  readonly code: string;
  readonly evidence: string;
  readonly passed: boolean;
  /** The call that last decided; null: nothing touched the access, and the map starts out intercepting. */
  readonly decidedAt: QuotedLine | null;
  /** From the entry point down to the write into the map. */
  readonly chain: readonly QuotedLine[];
  /** What the CPU does when the access is passed through. */
  readonly hardware: Pick<HardwareCell, "code" | "evidence" | "source" | "variants">;
  /** What KVM answers when it has to emulate. */
  readonly answer: Pick<Answer, "guest" | "from"> & { readonly at: QuotedLine | null };
}

export interface Explanation {
  readonly series: string;
  readonly msr: string;
  readonly register: string;
  readonly access: Access;
  readonly profile: string;
  readonly old: ExplainedSide;
  readonly new: ExplainedSide;
  /** Patches that change the cell. */
  readonly by: readonly { readonly index: number; readonly subject: string }[];
}

type Quote = (at: SourceLine | null, name?: string | null) => Promise<QuotedLine | null>;

/** Reads lines of a tree as UTF-8 text. */
function quoter({ tree }: StudiedTree): Quote {
  const files = new Map<string, string[] | null>();
  return async (at, name = null) => {
    if (at === null) return null;
    if (!files.has(at.file)) files.set(at.file, (await readTree(tree, at.file))?.split("\n") ?? null);
    const line = files.get(at.file)?.[at.line - 1];
    const text = line === undefined ? null : Buffer.from(line, "latin1").toString("utf8").trim();
    return { file: at.file, line: at.line, function: name, text };
  };
}

async function quoteChain(chain: readonly ChainLink[], quote: Quote): Promise<QuotedLine[]> {
  const lines = await Promise.all(chain.map((link) => quote(link, link.function)));
  return lines.filter((line) => line !== null);
}

function provenanceOf({ provenance }: KernelBehaviour, msr: number, access: Access): Provenance | null {
  const found = provenance.find(
    (one) => one.scenario === "active" && one.msr === msr && one.access === access,
  );
  return found ?? null;
}

interface Asked {
  readonly msr: number;
  readonly access: Access;
  readonly profile: Profile;
}

async function explainSide(studied: StudiedTree, state: AccessState, asked: Asked): Promise<ExplainedSide> {
  const { msr, access, profile } = asked;
  const quote = quoter(studied);
  const provenance = provenanceOf(studied.behaviour, msr, access);
  const answered = studied.behaviour.answers.find((one) => one.msr === msr && one.access === access);
  const { code, evidence, source, variants } = profile.cell(msr, access);
  return {
    code: state.outcome.code,
    evidence: state.outcome.evidence,
    passed: state.passed,
    decidedAt: await quote(provenance?.at ?? null),
    chain: await quoteChain(provenance?.chain ?? [], quote),
    hardware: { code, evidence, source, variants },
    answer: { guest: state.answer.guest, from: state.answer.from, at: await quote(answered?.at ?? null) },
  };
}

function changingPatches({ review }: Study, msr: number, access: Access): Explanation["by"] {
  const row = review.rows.find(({ msrs }) => msrs.includes(msrHex(msr)));
  const by = new Set(row?.[access].by ?? []);
  return review.series.patches
    .filter(({ index }) => by.has(index))
    .map(({ index, subject }) => ({ index, subject }));
}

/** Explains one access of a studied series; null when the review is undetermined or not applicable. */
export async function explainAccess(study: Study, asked: Asked): Promise<Explanation | null> {
  const { old, new: now, review } = study;
  if (old === null || now === null) return null;
  const { msr, access, profile } = asked;
  const change = compareAccess({
    old: old.behaviour.sets.active,
    new: now.behaviour.sets.active,
    oldAnswers: old.behaviour.answers,
    newAnswers: now.behaviour.answers,
    profile,
  })(msr, access);
  return {
    series: review.series.subject,
    msr: msrHex(msr),
    register: registerAt(msr).name,
    access,
    profile: profile.name,
    old: await explainSide(old, change.old, asked),
    new: await explainSide(now, change.new, asked),
    by: changingPatches(study, msr, access),
  };
}
