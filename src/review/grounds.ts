/**
 * What a review rests on, small enough to be kept beside it: for every access the call that decided and KVM's
 * answer, with the lines of code quoted, before and after. Cells are explained from it, with any hardware profile.
 */
import type { EvaluatedAnswer, KernelBehaviour, Provenance } from "../interception/behaviour.ts";
import { readTree } from "../kernel/tree.ts";
import { memo } from "../memo.ts";
import type { Answer } from "../model/answers.ts";
import type { KvmAnswer } from "../model/answers.ts";
import { PROFILES } from "../model/profiles.ts";
import { ACCESSES, msrHex, X2APIC_MSR_FIRST } from "../x2apic.ts";
import type { Access, SourceLine } from "../x2apic.ts";
import { patchEffects } from "./assemble.ts";
import type { StudiedTree, Study } from "./review.ts";

/** A place in the source with the line that stands there; null when the file cannot be read any more. */
export interface QuotedLine extends SourceLine {
  readonly function: string | null;
  readonly text: string | null;
}

/** The call that decided about some accesses, and the way to it from the entry point. */
export interface GroundsDecision {
  readonly at: QuotedLine;
  readonly chain: readonly QuotedLine[];
}

export interface GroundsAnswer extends Answer {
  readonly at: QuotedLine | null;
}

/** Positions in the lists beside them, by MSR from 0x800 on; null: nothing touched it, or nothing is known. */
type Positions = Readonly<Record<Access, readonly (number | null)[]>>;

export interface GroundsSide {
  readonly decisions: readonly GroundsDecision[];
  readonly decided: Positions;
  readonly answers: readonly GroundsAnswer[];
  readonly answered: Positions;
}

/** The accesses, as hex strings, that a patch changes with one profile. */
export type ChangedByPatch = Readonly<Record<Access, readonly string[]>> & { readonly index: number };

export interface Grounds {
  readonly old: GroundsSide;
  readonly new: GroundsSide;
  /** By name of the profile. */
  readonly changedBy: Readonly<Record<string, readonly ChangedByPatch[]>>;
}

const LIST_MAX = 300;
const CHAIN_MAX = 24;
const LINE_MAX = 300;
const MSR_COUNT = 256;

/** Each different value once, and for each access which of them is its. */
interface Shelved<T> {
  readonly items: readonly T[];
  readonly positions: Positions;
}

type Quote = (at: SourceLine, name?: string | null) => Promise<QuotedLine>;
type Decision = { readonly at: SourceLine } & Pick<Provenance, "chain">;

/** Lines of a text by number, from 1: few of many are asked for. */
function lineReader(text: string): (line: number) => string | undefined {
  const starts = [0];
  for (let lf = text.indexOf("\n"); lf >= 0; lf = text.indexOf("\n", lf + 1)) starts.push(lf + 1);
  return (line) => {
    const start = starts[line - 1];
    return start === undefined ? undefined : text.slice(start, (starts[line] ?? text.length + 1) - 1);
  };
}

/** Reads lines of a tree as UTF-8 text. */
function quoter({ tree }: StudiedTree): Quote {
  const files = new Map<string, Promise<((line: number) => string | undefined) | null>>();
  const openLines = async (path: string) => {
    const text = await readTree(tree, path);
    return text === null ? null : lineReader(text);
  };
  return async (at, name = null) => {
    const known = files.get(at.file) ?? openLines(at.file);
    files.set(at.file, known);
    const line = (await known)?.(at.line);
    const text =
      line === undefined ? null : Buffer.from(line.slice(0, LINE_MAX), "latin1").toString("utf8").trim();
    return { file: at.file, line: at.line, function: name, text };
  };
}

/** Each different value once, in the order of first use. */
class Shelf<T> {
  readonly items: T[] = [];
  readonly #known = new Map<string, number>();

  /** Null when the shelf is full. */
  place(key: string, item: T): number | null {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.items.length === LIST_MAX) return null;
    this.#known.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}

/** Asks `place` about every access, in order. */
function positions(place: (msr: number, access: Access) => number | null): Record<Access, (number | null)[]> {
  const of = (access: Access) =>
    Array.from({ length: MSR_COUNT }, (_, at) => place(X2APIC_MSR_FIRST + at, access));
  return { read: of("read"), write: of("write") };
}

function byAccess<T extends { readonly msr: number; readonly access: Access }>(
  items: readonly T[],
): (msr: number, access: Access) => T | undefined {
  const known = new Map(items.map((item) => [`${item.msr} ${item.access}`, item]));
  return (msr, access) => known.get(`${msr} ${access}`);
}

function activeDecisions({ provenance }: KernelBehaviour): Provenance[] {
  return provenance.filter(({ scenario }) => scenario === "active");
}

/** What tells decisions apart; many accesses share one. */
function decisionKeys(): (decision: Decision) => string {
  const keys = new Map<Provenance["chain"], string>();
  return ({ at, chain }) => {
    const key = keys.get(chain) ?? JSON.stringify([at, chain]);
    keys.set(chain, key);
    return key;
  };
}

async function quoteDecision({ at, chain }: Decision, quote: Quote): Promise<GroundsDecision> {
  const links = await Promise.all(chain.slice(0, CHAIN_MAX).map((link) => quote(link, link.function)));
  return { at: await quote(at), chain: links };
}

async function quoteAnswer({ guest, from, variants, at }: EvaluatedAnswer, quote: Quote) {
  return { guest, from, variants, at: at && (await quote(at)) };
}

/** By the list they come from: most trees have the lists of a tree before them. */
const shelvedDecisions = new WeakMap<KernelBehaviour["provenance"], Shelved<Decision>>();
const shelvedAnswers = new WeakMap<KernelBehaviour["answers"], Shelved<EvaluatedAnswer>>();

function decisionsOf(behaviour: KernelBehaviour): Shelved<Decision> {
  const shelf = new Shelf<Decision>();
  const keyOf = decisionKeys();
  const decisionOf = byAccess(activeDecisions(behaviour));
  const decided = positions((msr, access) => {
    const { at = null, chain = [] } = decisionOf(msr, access) ?? {};
    return at === null ? null : shelf.place(keyOf({ at, chain }), { at, chain });
  });
  return { items: shelf.items, positions: decided };
}

function evaluatedAnswersOf({ answers }: KernelBehaviour): Shelved<EvaluatedAnswer> {
  const shelf = new Shelf<EvaluatedAnswer>();
  const answerOf = byAccess(answers);
  const answered = positions((msr, access) => {
    const found = answerOf(msr, access);
    if (found === undefined) return null;
    return shelf.place(JSON.stringify([found.guest, found.from, found.variants, found.at]), found);
  });
  return { items: shelf.items, positions: answered };
}

async function gatherSide(studied: StudiedTree): Promise<GroundsSide> {
  const quote = quoter(studied);
  const { behaviour } = studied;
  const decisions = memo(shelvedDecisions, behaviour.provenance, () => decisionsOf(behaviour));
  const answers = memo(shelvedAnswers, behaviour.answers, () => evaluatedAnswersOf(behaviour));
  return {
    decisions: await Promise.all(decisions.items.map((decision) => quoteDecision(decision, quote))),
    decided: decisions.positions,
    answers: await Promise.all(answers.items.map((answer) => quoteAnswer(answer, quote))),
    answered: answers.positions,
  };
}

function changedByPatch(study: Study): Grounds["changedBy"] {
  const { evaluated } = study;
  if (evaluated === null) return {};
  const effects = PROFILES.map((profile) => {
    const patches = patchEffects({ ...evaluated, profile }).map(({ index, changed }) => {
      const of = (access: Access) =>
        changed.filter((one) => one.access === access).map(({ msr }) => msrHex(msr));
      return { index, read: of("read"), write: of("write") };
    });
    return [profile.name, patches] as const;
  });
  return Object.fromEntries(effects);
}

/** Null when the review is undetermined or not applicable: there is nothing to explain. */
export async function gatherGrounds(study: Study): Promise<Grounds | null> {
  if (study.old === null || study.new === null) return null;
  const [old, now] = [await gatherSide(study.old), await gatherSide(study.new)];
  return { old, new: now, changedBy: changedByPatch(study) };
}

/** KVM's answers of one side, as far as they are known. */
export function answersOf({ answers, answered }: GroundsSide): KvmAnswer[] {
  return ACCESSES.flatMap((access) =>
    answered[access].flatMap((position, at) => {
      const found = position === null ? undefined : answers[position];
      return found === undefined ? [] : [{ ...found, msr: X2APIC_MSR_FIRST + at, access }];
    }),
  );
}

export function decisionAt({ decisions, decided }: GroundsSide, msr: number, access: Access) {
  const position = decided[access][msr - X2APIC_MSR_FIRST] ?? null;
  return position === null ? null : (decisions[position] ?? null);
}

export function answerAt({ answers, answered }: GroundsSide, msr: number, access: Access) {
  const position = answered[access][msr - X2APIC_MSR_FIRST] ?? null;
  return position === null ? null : (answers[position] ?? null);
}
