/**
 * Partial rerolls: single parts of a newer version sent in answer to the parts they replace. Such a version is
 * completed with the parts of the one before.
 */
import { type Part, isFile } from "./part.ts";

export interface Draft {
  readonly parts: Part[];
  /** Numbers taken over from the version before. */
  readonly inherited: readonly number[];
}

/** Fills drafts that are partial rerolls; the others stay as they are, also those that are rerolled. */
export function fillRerolls(drafts: readonly Draft[]): Draft[] {
  const owner = new Map<string, Draft>();
  for (const draft of drafts) for (const part of draft.parts) owner.set(part.id, draft);
  const filled = new Map<Draft, Draft>();
  const ordered = [...drafts].sort((a, b) => firstTime(a) - firstTime(b) || versionOf(a) - versionOf(b));
  for (const draft of ordered) filled.set(draft, fill(draft, owner, filled));
  return drafts.map((draft) => filled.get(draft) ?? draft);
}

function fill(draft: Draft, owner: ReadonlyMap<string, Draft>, filled: ReadonlyMap<Draft, Draft>): Draft {
  const former = rerolled(draft, owner);
  const base = former && (filled.get(former) ?? former);
  if (!base || base === draft) return draft;
  const own = new Set(draft.parts.map((part) => part.subject.index));
  const kept = base.parts.filter((part) => !own.has(part.subject.index));
  const inherited = kept.flatMap((part) => (part.subject.index ? [part.subject.index] : []));
  return { parts: [...draft.parts, ...kept].sort(compareNumbers), inherited };
}

/** The draft whose parts this one replaces, or null if it is none of the kind. */
function rerolled(draft: Draft, owner: ReadonlyMap<string, Draft>): Draft | null {
  const { parts } = draft;
  const total = parts[0]?.subject.total ?? null;
  const whole = total === null || parts.some((part) => part.subject.index === 0) || parts.length >= total;
  if (whole || parts.some(isFile)) return null;
  const targets = parts.map((part) => replacedPart(part, owner));
  const former = targets[0] ? owner.get(targets[0].id) : undefined;
  const same = targets.every((target) => target !== null && owner.get(target.id) === former);
  return former && former !== draft && same ? former : null;
}

/** The part with the same number and sender that this one answers and is newer than. */
function replacedPart(part: Part, owner: ReadonlyMap<string, Draft>): Part | null {
  for (const parent of part.parents) {
    const former = owner.get(parent)?.parts ?? [];
    const target = former.find((other) => other.subject.index === part.subject.index);
    const direct =
      target?.id === parent || former.some((other) => other.id === parent && other.subject.index === 0);
    if (target && direct && replaces(part, target)) return target;
  }
  return null;
}

/** A newer version of the part, or the same part sent again. */
function replaces(part: Part, target: Part): boolean {
  if (part.author !== target.author || part.subject.total !== target.subject.total) return false;
  if (part.id === target.id || (part.time ?? 0) < (target.time ?? 0)) return false;
  const again =
    part.subject.version === target.subject.version && part.subject.title === target.subject.title;
  return again || part.subject.version > target.subject.version;
}

function firstTime(draft: Draft): number {
  return Math.min(...draft.parts.map((part) => part.time ?? 0));
}

function versionOf(draft: Draft): number {
  return draft.parts[0]?.subject.version ?? 1;
}

function compareNumbers(a: Part, b: Part): number {
  return (a.subject.index ?? 1) - (b.subject.index ?? 1);
}
