/** Whether a review is answered: one pure function, asked when the reply is made and again right before SMTP. */
import type { Review } from "../../review/types.ts";
import { MODES, type Decision, type Mode, type PolicyFacts, type PolicyStep } from "./facts.ts";
import { rulesFor } from "./rules.ts";

/** Asks the rules in order; the first objection decides. Same facts, same decision. */
export function decideReply(facts: PolicyFacts): Decision {
  const trace: PolicyStep[] = [];
  if (facts.series.missing.length > 0) {
    const text = `reviewed without part ${facts.series.missing.join(", ")}`;
    trace.push({ rule: "missing-parts", outcome: "noted", text });
  }
  for (const rule of rulesFor(facts)) {
    const objection = rule.check(facts);
    if (objection !== null) {
      trace.push({ rule: rule.name, outcome: "stopped", text: objection.text });
      return { action: objection.action, rule: rule.name, reason: objection.text, trace };
    }
    trace.push({ rule: rule.name, outcome: "passed", text: rule.passes });
  }
  const reason = facts.approvedBy === null ? "every rule passed" : `approved by ${facts.approvedBy}`;
  trace.push({ rule: "send", outcome: "passed", text: reason });
  return { action: "send", rule: "send", reason, trace };
}

/** The strictest of the general mode and those of the lists a series came by. */
export function strictestMode(general: Mode, lists: readonly (Mode | undefined)[]): Mode {
  const ranks = [general, ...lists.filter((mode) => mode !== undefined)].map((mode) => MODES.indexOf(mode));
  return MODES[Math.min(...ranks)] ?? "dry-run";
}

/** Findings that may never be mailed to a list. */
export function criticalFindings(review: Review): string[] {
  return review.findings.filter(({ severity }) => severity === "critical").map(({ text }) => text);
}
