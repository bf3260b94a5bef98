/** Whether a patch does what its subject says. */
import type { Access } from "../../x2apic.ts";
import { findingFor } from "../finding.ts";
import type { Finding, PatchFacts, RuleInput } from "../finding.ts";
import { accessPhrase, INSTRUCTION } from "../phrase.ts";

/** The one access the subject names; null when it names none or both. */
function namedAccess(subject: string): Access | null {
  const reads = /\brdmsr/i.test(subject);
  const writes = /\bwrmsr/i.test(subject);
  if (reads === writes) return null;
  return reads ? "read" : "write";
}

function mismatch({ index, subject, changed }: PatchFacts): Finding[] {
  const named = namedAccess(subject);
  if (named === null) return [];
  const other = named === "read" ? "write" : "read";
  const msrs = changed.filter(({ access }) => access === other).map(({ msr }) => msr);
  const text = `The subject of patch ${index} names ${INSTRUCTION[named]} alone, and the patch changes ${accessPhrase(other, msrs)}.`;
  return findingFor({ rule: "subject-access-mismatch", severity: "info", access: other, msrs, text });
}

/** A subject that names RDMSR or WRMSR alone, over a patch that changes the other. */
export function subjectAccessMismatch({ patches }: RuleInput): Finding[] {
  return [...patches].sort((a, b) => a.index - b.index).flatMap(mismatch);
}
