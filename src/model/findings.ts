/** The rules over one series: what it causes, most severe first. */
import { compareAll } from "./changes.ts";
import type { Finding, FindingsInput, Rule, RuleInput } from "./finding.ts";
import { acceleratedLeftIntercepted, readFaults, writeNotAccelerated } from "./rules/acceleration.ts";
import { guestVisibleChange, lvttWritePassedThrough, unmeasuredCell } from "./rules/guest.ts";
import { leftOpenWhenDeactivated, openWithoutX2avic, outsideX2apicRange } from "./rules/open.ts";
import { subjectAccessMismatch } from "./rules/subject.ts";

const CRITICAL_RULES: readonly Rule[] = [leftOpenWhenDeactivated, openWithoutX2avic, outsideX2apicRange];

const OTHER_RULES: readonly Rule[] = [
  guestVisibleChange,
  lvttWritePassedThrough,
  writeNotAccelerated,
  readFaults,
  acceleratedLeftIntercepted,
  unmeasuredCell,
  subjectAccessMismatch,
];

/** The criticals of the other ways of a condition that the usual way does not have. */
function conditionalFindings(input: RuleInput, usual: readonly Finding[]): Finding[] {
  return (input.ways ?? []).flatMap(({ when, old, new: now }) => {
    const way = { ...input, old: { ...input.old, ...old }, new: { ...input.new, ...now } };
    return CRITICAL_RULES.flatMap((rule) => rule(way))
      .filter((finding) => !usual.some((known) => known.text === finding.text))
      .map((finding) => {
        return { ...finding, text: `Where ${when}: ${finding.text}` };
      });
  });
}

/**
 * What the rules find: criticals first, then the rules in their fixed order, reads before writes. Only
 * what the series causes is found; what the base does already is not.
 */
export function findFindings(input: FindingsInput): Finding[] {
  const { old, new: now, profile } = input;
  const changes = compareAll({
    old: old.sets.active,
    new: now.sets.active,
    oldAnswers: old.answers,
    newAnswers: now.answers,
    profile,
  });
  const rules = { ...input, changes };
  const critical = CRITICAL_RULES.flatMap((rule) => rule(rules));
  return [
    ...critical,
    ...conditionalFindings(rules, critical),
    ...OTHER_RULES.flatMap((rule) => rule(rules)),
  ];
}
