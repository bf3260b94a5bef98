/** What the guest sees differently, and what that statement rests on. */
import type { Access } from "../../x2apic.ts";
import type { Answer } from "../answers.ts";
import type { AccessChange } from "../changes.ts";
import { findingFor, findingsByAccess, groupBy } from "../finding.ts";
import type { Finding, RuleInput } from "../finding.ts";
import { accessPhrase } from "../phrase.ts";

const LVTT = 0x832;

/** `ok` stands for any value, so it differs from #GP alone. */
function visiblyDiffers(before: string, after: string): boolean {
  if (before === after) return false;
  return before === "#GP" || after === "#GP" || (before !== "ok" && after !== "ok");
}

interface Seen {
  readonly msr: number;
  readonly access: Access;
  readonly before: string;
  readonly after: string;
  /** ` with x2AVIC active`, after the value written where it is not the usual one. */
  readonly where: string;
}

function sayChanges(seen: readonly Seen[]): Finding[] {
  const key = ({ access, before, after, where }: Seen) => [access, before, after, where].join();
  return groupBy(seen, key).flatMap(([, group]) => {
    const { access, before, after, where } = group[0] as Seen;
    const msrs = group.map(({ msr }) => msr);
    const text = `${accessPhrase(access, msrs)}${where} gives the guest ${after} instead of ${before}.`;
    return findingFor({ rule: "guest-visible-change", severity: "warning", access, msrs, text });
  });
}

const ACTIVE = " with x2AVIC active";
const INACTIVE = " with AVIC inactive";

/** The usual case: what is seen with x2AVIC active, or else KVM's answer where it shows only without. */
function usualChange({ msr, access, old, new: now }: AccessChange): Seen[] {
  const [before, after] = [old.outcome.guest, now.outcome.guest];
  if (before !== null && after !== null && visiblyDiffers(before, after)) {
    return [{ msr, access, before, after, where: ACTIVE }];
  }
  if (!visiblyDiffers(old.answer.guest, now.answer.guest)) return [];
  return [{ msr, access, before: old.answer.guest, after: now.answer.guest, where: INACTIVE }];
}

function guestWhen({ guest, variants }: Answer, wanted: string): string {
  return variants?.find(({ when }) => when === wanted)?.guest ?? guest;
}

/** Other values than the usual one, where KVM's answer to the usual one stays as it is. */
function variantChanges({ msr, access, old, new: now }: AccessChange): Seen[] {
  if (visiblyDiffers(old.answer.guest, now.answer.guest)) return [];
  const values = [old.answer, now.answer].flatMap(({ variants }) => (variants ?? []).map(({ when }) => when));
  const place = old.passed || now.passed ? INACTIVE : ACTIVE;
  return [...new Set(values)].flatMap((when) => {
    const [before, after] = [guestWhen(old.answer, when), guestWhen(now.answer, when)];
    return visiblyDiffers(before, after) ? [{ msr, access, before, after, where: ` (${when})${place}` }] : [];
  });
}

/**
 * The guest gets another result than before: with x2AVIC active, or only where KVM emulates all x2APIC
 * MSRs because AVIC is not active; for the usual value, or only for others.
 */
export function guestVisibleChange({ changes }: RuleInput): Finding[] {
  const seen = [...changes.flatMap(usualChange), ...changes.flatMap(variantChanges)];
  return sayChanges(seen);
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
