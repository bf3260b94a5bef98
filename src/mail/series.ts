/**
 * Mails to series. A series is what one author sent as one version: cover and numbered parts that answer each
 * other, or parts without threading sent together; a patch without a number is a series of its own. Two series
 * are never made one on a guess: `cluster.ts` has the rules.
 */
import type { Address } from "./addresses.ts";
import { type Annotations, readAnnotations } from "./annotations.ts";
import type { ClassifyOptions } from "./classify.ts";
import { clusterParts, compareParts } from "./cluster.ts";
import type { Message } from "./message.ts";
import { type Part, holdsDiff, isFile, makePart, messageKey } from "./part.ts";
import type { Problem } from "./problem.ts";
import { fillRerolls } from "./reroll.ts";
import type { SubjectTag } from "./subject.ts";

export interface SeriesPatch {
  /** Number in the series, from 1. */
  readonly index: number;
  readonly message: Message;
  readonly subject: SubjectTag;
}

export interface Series {
  /** Message-ID of the cover or of the first part that is there (see `messageKey` for files without one). */
  readonly id: string;
  readonly title: string;
  readonly author: Address;
  /** The author's identity, for comparing: see `authorOf`. */
  readonly authorKey: string;
  readonly version: number;
  /** How many parts the series says it has. */
  readonly total: number;
  readonly rfc: boolean;
  readonly resend: boolean;
  /** Of the cover or first part. */
  readonly date: string | null;
  readonly cover: Message | null;
  /** Ascending; a number above `total` is an extra patch sent behind the series. */
  readonly patches: readonly SeriesPatch[];
  readonly missing: readonly number[];
  /** Numbers taken over from the version before, where this one is a partial reroll. */
  readonly inherited: readonly number[];
  readonly baseCommit: string | null;
  readonly changeId: string | null;
  readonly prerequisites: readonly string[];
  readonly supersedes: readonly string[];
  /** The stable tree it is for, e.g. `6.1`. */
  readonly stable: string | null;
  /** The repository other than the kernel that it is for, e.g. `kvm-unit-tests`. */
  readonly foreign: string | null;
  readonly problems: readonly Problem[];
}

export interface Assembled {
  /** By date, then id. */
  readonly series: readonly Series[];
  /** Mails that look like submissions and are in no series. */
  readonly unplaced: readonly { readonly message: Message; readonly reason: string }[];
}

const NOBODY: Address = { name: "", address: "" };

/** Sorts mails into series. The order in which they come in makes no difference, nor do duplicates. */
export function assembleSeries(messages: readonly Message[], options: ClassifyOptions = {}): Assembled {
  const parts: Part[] = [];
  const others: Part[] = [];
  const unplaced: { message: Message; reason: string }[] = [];
  for (const { part, reason } of distinct(messages).map((message) => makePart(message, options))) {
    if (part.kind === "patch" || part.kind === "cover" || part.kind === "stable-copy") parts.push(part);
    else others.push(part);
    if (looksLikeSubmission(part)) unplaced.push({ message: part.message, reason });
  }
  parts.sort(compareParts);
  const numbered = clusterParts(parts.filter((part) => part.subject.index !== null));
  const single = parts.filter((part) => part.subject.index === null).map((part) => [part]);
  const covers = new Map(others.filter(mayBeNakedCover).map((part) => [part.id, part]));
  const all = fillRerolls([...numbered, ...single].map((group) => ({ parts: group, inherited: [] })));
  const twice = sentTwice(parts);
  const series = all.map((draft) => makeSeries(draft.parts, draft.inherited, { covers, twice }));
  return { series: series.sort(compareSeries), unplaced: withoutCovers(unplaced, series) };
}

/** One mail of each id: the earliest, then the one that sorts first, whatever came first. */
function distinct(messages: readonly Message[]): Message[] {
  const byId = new Map<string, Message>();
  for (const message of messages) {
    const id = messageKey(message);
    const known = byId.get(id);
    if (!known || precedes(message, known)) byId.set(id, message);
  }
  return [...byId.values()];
}

function precedes(a: Message, b: Message): boolean {
  if (a.date !== b.date) return b.date === null || (a.date !== null && a.date < b.date);
  return a.size !== b.size ? a.size < b.size : Buffer.compare(a.bytes, b.bytes) < 0;
}

function looksLikeSubmission({ kind, subject, message }: Part): boolean {
  return kind === "other" && !subject.isReply && (subject.isPatch || holdsDiff(message));
}

/** A mail that opens a thread, without a tag and a diff: what some authors send in front of their patch. */
function mayBeNakedCover(part: Part): boolean {
  return (
    part.kind === "other" && part.parents.length === 0 && !part.subject.isPatch && !holdsDiff(part.message)
  );
}

interface Context {
  /** Untagged mails that may be covers, by id. */
  readonly covers: ReadonlyMap<string, Part>;
  readonly twice: ReadonlySet<Part>;
}

/** Parts of which one run of the sending tool made two: nobody can say which one was meant. */
function sentTwice(parts: readonly Part[]): Set<Part> {
  const seen = new Map<string, Part>();
  const twice = new Set<Part>();
  for (const part of parts) {
    if (!part.batch || part.subject.index === null) continue;
    const key = `${part.author} ${part.subject.index} ${part.batch.key}`;
    const other = seen.get(key);
    if (other) twice.add(other).add(part);
    else seen.set(key, part);
  }
  return twice;
}

function makeSeries(
  group: readonly Part[],
  inherited: readonly number[],
  { covers, twice }: Context,
): Series {
  const cover = group.find((part) => part.subject.index === 0) ?? nakedCover(group, covers);
  const patches = group.filter((part) => part !== cover).sort((a, b) => numberOf(a) - numberOf(b));
  // By number: the first part may be the one that was sent late.
  const own = patches.filter((part) => !inherited.includes(numberOf(part)));
  const first = cover ?? own[0] ?? (group[0] as Part);
  const head = own.length > 0 && inherited.length > 0 ? (own[0] as Part) : first;
  const total = totalOf(patches, cover);
  const numbers = new Set(patches.map(numberOf));
  return {
    ...describe(first, group),
    ...annotations(group),
    id: head.id,
    date: head.message.date,
    version: Math.max(...group.map((part) => part.subject.version)),
    total,
    cover: cover?.message ?? null,
    patches: patches.map((part) => ({ index: numberOf(part), message: part.message, subject: part.subject })),
    missing: Array.from({ length: total }, (_, i) => i + 1).filter((number) => !numbers.has(number)),
    inherited: [...inherited].sort((a, b) => a - b),
    problems: problemsOf(group, twice),
  };
}

function describe(first: Part, group: readonly Part[]) {
  return {
    title: first.subject.title,
    author: first.message.from ?? NOBODY,
    authorKey: isFile(first) ? (first.message.from?.address.toLowerCase() ?? "") : first.author,
    rfc: group.some((part) => part.subject.rfc),
    resend: group.some((part) => part.subject.resend),
    stable: group.map((part) => part.subject.stable).find((stable) => stable !== null) ?? null,
    foreign: group.map((part) => part.subject.foreign).find((foreign) => foreign !== null) ?? null,
  };
}

/** Of the cover first, then of the patches in their order. */
function annotations(group: readonly Part[]): Annotations {
  const ordered = [...group].sort((a, b) => numberOf(a) - numberOf(b));
  const found = ordered.map((part) => readAnnotations(part.message.patchText));
  return {
    baseCommit: found.map((one) => one.baseCommit).find((commit) => commit !== null) ?? null,
    changeId: found.map((one) => one.changeId).find((id) => id !== null) ?? null,
    prerequisites: [...new Set(found.flatMap((one) => one.prerequisites))],
    supersedes: [...new Set(found.flatMap((one) => one.supersedes))],
  };
}

/** The untagged mail of the same author that every part answers. */
function nakedCover(group: readonly Part[], covers: Context["covers"]): Part | null {
  const parents = group[0]?.parents ?? [];
  const cover = parents.map((id) => covers.get(id)).find((part) => part !== undefined) ?? null;
  const holds =
    cover && group.every((part) => part.author === cover.author && part.parents.includes(cover.id));
  return holds ? cover : null;
}

function numberOf(part: Part): number {
  return part.subject.index ?? (part.kind === "other" ? 0 : 1);
}

/** What most parts say; the cover's word if they are equally many. */
function totalOf(patches: readonly Part[], cover: Part | null): number {
  const votes = new Map<number, number>();
  const voters = cover && cover.subject.total !== null ? [cover, ...patches] : patches;
  for (const { subject } of voters) votes.set(subject.total ?? 1, (votes.get(subject.total ?? 1) ?? 0) + 1);
  return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best), [1, 0])[0];
}

function problemsOf(group: readonly Part[], twice: Context["twice"]): Problem[] {
  const problems: Problem[] = [];
  const differ = (values: readonly unknown[]) => new Set(values).size > 1;
  if (differ(group.flatMap((part) => part.subject.total ?? [])))
    problems.push({ code: "totals-differ", text: "the mails do not agree on how many parts there are" });
  if (differ(group.map((part) => part.subject.version)))
    problems.push({ code: "versions-differ", text: "the mails do not agree on the version" });
  const doubled = group.filter((part) => twice.has(part)).map(numberOf);
  if (doubled.length > 0)
    problems.push({ code: "sent-twice", text: `sent twice with one number: ${doubled.join(", ")}` });
  return problems;
}

function compareSeries(a: Series, b: Series): number {
  const [x, y] = [a.date ?? "~", b.date ?? "~"];
  return x < y ? -1 : x > y ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function withoutCovers(unplaced: Assembled["unplaced"], series: readonly Series[]): Assembled["unplaced"] {
  const covers = new Set(series.map((one) => one.cover));
  return unplaced.filter(({ message }) => !covers.has(message));
}
