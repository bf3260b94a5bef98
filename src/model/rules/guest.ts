/** What the guest sees differently, and what that statement rests on. */
import type { Access } from "../../x2apic.ts";
import type { AccessChange } from "../changes.ts";
import { findingFor, findingsByAccess, groupBy } from "../finding.ts";
import type { Finding, RuleInput } from "../finding.ts";
import { accessPhrase } from "../phrase.ts";

const LVTT = 0x832;

/** `ok` stands for any value, so it differs from #GP alone. */
function visiblyDiffers(before: string | null, after: string | null): boolean {
  if (before === null || after === null || before === after) return false;
  return before === "#GP" || after === "#GP" || (before !== "ok" && after !== "ok");
}

interface Seen {
  readonly msr: number;
  readonly access: Access;
  readonly before: string;
  readonly after: string;
}

function sayChange(seen: readonly Seen[], where: string): Finding[] {
  return groupBy(seen, ({ access, before, after }) => [access, before, after].join()).flatMap(([, group]) => {
    const { access, before, after } = group[0] as Seen;
    const msrs = group.map(({ msr }) => msr);
    const text = `${accessPhrase(access, msrs)} ${where} gives the guest ${after} instead of ${before}.`;
    return findingFor({ rule: "guest-visible-change", severity: "warning", access, msrs, text });
  });
}

function seenWithX2avic({ msr, access, old, new: now }: AccessChange): Seen {
  return { msr, access, before: old.outcome.guest ?? "", after: now.outcome.guest ?? "" };
}

function changesWithX2avic({ old, new: now }: AccessChange): boolean {
  return visiblyDiffers(old.outcome.guest, now.outcome.guest);
}

/** KVM's answer, where the change of it is not visible with x2AVIC active. */
function changesWithoutX2avic(change: AccessChange): boolean {
  const { old, new: now } = change;
  return !changesWithX2avic(change) && visiblyDiffers(old.answer.guest, now.answer.guest);
}

/**
 * The guest gets another result than before: with x2AVIC active, or only where KVM emulates all x2APIC
 * MSRs because AVIC is not active.
 */
export function guestVisibleChange({ changes }: RuleInput): Finding[] {
  const without = changes.filter(changesWithoutX2avic).map(({ msr, access, old, new: now }) => {
    return { msr, access, before: old.answer.guest, after: now.answer.guest };
  });
  return [
    ...sayChange(changes.filter(changesWithX2avic).map(seenWithX2avic), "with x2AVIC active"),
    ...sayChange(without, "with AVIC inactive"),
  ];
}

/** TSC-deadline mode is not virtualized: what KVM would emulate becomes a #GP. */
export function lvttWritePassedThrough({ changes }: RuleInput): Finding[] {
  const caused = changes.filter(
    ({ msr, access, old, new: now }) => msr === LVTT && access === "write" && now.passed && !old.passed,
  );
  return findingsByAccess(caused, (access, msrs) => {
    const text = `${accessPhrase(access, msrs)} is passed through: the CPU delivers #GP without an exit when bit 18, TSC-deadline, is set.`;
    return { rule: "lvtt-write-passed-through", severity: "warning", access, msrs, text };
  });
}

/** A changed outcome of hardware that nobody measured. */
export function unmeasuredCell({ changes, profile }: RuleInput): Finding[] {
  const resting = changes.filter(
    ({ msr, access, old, new: now }) =>
      old.outcome.code !== now.outcome.code &&
      (old.passed || now.passed) &&
      profile.cell(msr, access).evidence !== "measured",
  );
  const evidence = ({ msr, access }: AccessChange) => profile.cell(msr, access).evidence;
  return groupBy(resting, evidence).flatMap(([kind, group]) =>
    findingsByAccess(group, (access, msrs) => {
      const text = `What hardware does on a passed-through ${accessPhrase(access, msrs)} is ${kind} in profile ${profile.name}, not measured.`;
      return { rule: "unmeasured-cell", severity: "info", access, msrs, text };
    }),
  );
}
