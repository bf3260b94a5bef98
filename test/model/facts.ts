/** Inputs of the rules, small enough to write down. */
import { usualAnswers } from "../../src/model/answers.ts";
import type { KvmAnswer } from "../../src/model/answers.ts";
import { findFindings } from "../../src/model/findings.ts";
import type { Finding, FindingsInput, TreeFacts } from "../../src/model/finding.ts";
import { zen4 } from "../../src/model/zen4.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NOTHING } from "./posted.ts";

export const ANSWERS = usualAnswers("evaluated");

export function reads(...msrs: number[]): AccessSet {
  return { read: msrs, write: [] };
}

export function writes(...msrs: number[]): AccessSet {
  return { read: [], write: msrs };
}

/** Answers with one of them exchanged. */
export function answering(msr: number, access: "read" | "write", guest: string): KvmAnswer[] {
  return ANSWERS.map((answer) =>
    answer.msr === msr && answer.access === access ? { ...answer, guest } : answer,
  );
}

/** A tree with this active set, closed otherwise. */
export function tree(active: AccessSet, more: Partial<TreeFacts> = {}): TreeFacts {
  return {
    sets: { active, deactivated: NOTHING, "not-x2avic": NOTHING },
    outside: [],
    answers: ANSWERS,
    ...more,
  };
}

/** What is found between two trees. */
export function found(old: TreeFacts, now: TreeFacts, more: Partial<FindingsInput> = {}): Finding[] {
  return findFindings({ old, new: now, profile: zen4, patches: [], ...more });
}

/** The sentences of one rule. */
export function said(rule: string, findings: readonly Finding[]): string[] {
  return findings.filter((finding) => finding.rule === rule).map(({ text }) => text);
}
