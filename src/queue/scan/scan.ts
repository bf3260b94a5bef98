/**
 * Reviewing archives without a store: mails stream through a window that is wide enough for the parts of a
 * series to meet, so that memory does not grow with the archive. Nothing is written anywhere.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { KernelSource } from "../kernel/source.ts";
import { parseMessage, type Message } from "../mail/message.ts";
import { messageKey } from "../mail/part.ts";
import { assembleSeries, type Series } from "../mail/series.ts";
import { parseSubject } from "../mail/subject.ts";
import type { Profile } from "../model/profile.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { reviewSeries } from "../review/review.ts";
import type { Review, Verdict } from "../review/types.ts";
import { mayConcern } from "../sources/first-look.ts";
import { createMaildirSource } from "../sources/maildir.ts";
import { createMboxSource } from "../sources/mbox-source.ts";
import { createPublicInboxSource, isPublicInbox } from "../sources/public-inbox.ts";
import type { Source, SourceMessage } from "../sources/source.ts";
import { groupOfId, groupsOf } from "./placing.ts";
import { ruleOn } from "./rules.ts";

export interface ScanOptions {
  /** Milliseconds since the epoch, or null. */
  readonly since: number | null;
  readonly until: number | null;
  readonly source: KernelSource | null;
  readonly branches: readonly string[];
  readonly profile: Profile;
  readonly onReview: (review: Review) => void;
  /** Share of the bytes read, 0 to 1, and mails read. */
  readonly onProgress: (share: number, messages: number) => void;
}

export interface ScanCounts {
  messages: number;
  series: number;
  wouldSend: number;
  readonly verdicts: Map<Verdict, number>;
}

/** Mails of the window, and bytes: whatever is reached first. */
const WINDOW_MAILS = 1500;
const WINDOW_BYTES = 24 * 1024 * 1024;
const MESSAGE_BYTES = 8 * 1024 * 1024;

/** Reads all archives, one after the other; rejects with a line that names a path that is none. */
export async function scanArchives(paths: readonly string[], options: ScanOptions): Promise<ScanCounts> {
  const counts: ScanCounts = { messages: 0, series: 0, wouldSend: 0, verdicts: new Map() };
  const window = new Window();
  const review = createReviewer(options, counts);
  const sizes = await Promise.all(paths.map(sizeOf));
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  let before = 0;
  for (const [at, path] of paths.entries()) {
    let bytes = 0;
    for await (const mail of readArchive(path)) {
      counts.messages += 1;
      bytes += mail.size;
      // Of a packed archive only the unpacked bytes are known; it is about a quarter of them.
      const share = path.endsWith(".gz") ? bytes / 4 : bytes;
      options.onProgress((before + Math.min(share, sizes[at] ?? 0)) / total, counts.messages);
      const message = consider(mail, options);
      if (message === null) continue;
      window.add(message);
      while (window.isFull()) await review(window.takeOldest());
    }
    before += sizes[at] ?? 0;
  }
  while (!window.isEmpty()) await review(window.takeOldest());
  return counts;
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new Error(`${path}: no such file or folder`);
  return found.isDirectory() ? 0 : found.size;
}

async function* readArchive(path: string): AsyncGenerator<SourceMessage> {
  const source = await openArchive(path);
  const limits = { messageBytes: MESSAGE_BYTES };
  const { signal } = new AbortController();
  for await (const batch of source.read({ from: null, follow: false, signal, limits })) yield* batch.messages;
}

async function openArchive(path: string): Promise<Source> {
  const pollSeconds = 1;
  if (!(await stat(path)).isDirectory()) return createMboxSource({ path, pollSeconds });
  if (await isPublicInbox(path)) return createPublicInboxSource({ path, pollSeconds });
  const maildir = await stat(join(path, "cur")).catch(() => null);
  if (maildir !== null) return createMaildirSource({ path, pollSeconds });
  throw new Error(`${path} is no Maildir and no public-inbox archive`);
}

interface Candidate {
  readonly key: string;
  readonly groups: readonly string[];
  readonly concerns: boolean;
  readonly size: number;
  /** Null if a closer look says that it is no part of a series. Most are never asked. */
  readonly read: () => Message | null;
}

/** A part that says so in its subject, or a subject that has to be decoded first. */
const NUMBERED = /^subject:(?:[^\n]|\n[ \t])*?(?:\d\/\d|=\?)/im;
const HEADER_WITHIN = 16 * 1024;
const ANSWERS = /^(?:in-reply-to|references):((?:[^\n]|\n[ \t])*)/gim;
const OWN_ID = /^message-id:\s*<([^<>\s]+)>/im;
const FIRST_IDS = 6;
const LAST_IDS = 2;

/** Null for a mail that is no part of a series that may matter. */
function consider(mail: SourceMessage, options: ScanOptions): Candidate | null {
  if (mail.oversized || mail.deleted || mail.unreadable !== null) return null;
  const bytes = Buffer.from(mail.bytes.buffer, mail.bytes.byteOffset, mail.bytes.byteLength);
  if (mayConcern(bytes)) return considerParsed(bytes, options);
  const header = headerText(bytes);
  if (!NUMBERED.test(header)) return null;
  return considerUnparsed(bytes, header, options) ?? considerParsed(bytes, options);
}

function headerText(bytes: Buffer): string {
  const text = bytes.toString("latin1", 0, HEADER_WITHIN).replaceAll("\r\n", "\n");
  const end = text.indexOf("\n\n");
  return end < 0 ? text : text.slice(0, end);
}

function readPart(bytes: Buffer, options: ScanOptions): { message: Message; concerns: boolean } | null {
  const message = parseMessage(bytes);
  if (!isWithin(message, options)) return null;
  const ruling = ruleOn(message, []);
  return ruling.way === "part" ? { message, concerns: ruling.concerns } : null;
}

function considerParsed(bytes: Buffer, options: ScanOptions): Candidate | null {
  const part = readPart(bytes, options);
  if (part === null) return null;
  const { message, concerns } = part;
  const groups = groupsOf(message, parseSubject(message.subject));
  return { key: messageKey(message), groups, concerns, size: message.size, read: () => message };
}

/** By the ids in its header alone; null if it answers nothing, so that author and time have to be known. */
function considerUnparsed(bytes: Buffer, header: string, options: ScanOptions): Candidate | null {
  const key = OWN_ID.exec(header)?.[1];
  const answered = [...header.matchAll(ANSWERS)].flatMap(([, text = ""]) =>
    [...text.matchAll(/<([^<>\s]+)>/g)].map(([, id = ""]) => id),
  );
  if (key === undefined || answered.length === 0) return null;
  const ids = new Set([key, ...answered.slice(0, FIRST_IDS), ...answered.slice(-LAST_IDS)]);
  const groups = [...ids].map(groupOfId);
  const read = () => readPart(bytes, options)?.message ?? null;
  return { key, groups, concerns: false, size: bytes.length, read };
}

function isWithin(message: Message, { since, until }: ScanOptions): boolean {
  if (since === null && until === null) return true;
  const time = message.date === null ? Number.NaN : Date.parse(message.date);
  return (since === null || time >= since) && (until === null || time < until);
}

/** The latest candidates, by what may connect them. */
class Window {
  readonly #candidates = new Map<string, Candidate>();
  readonly #groups = new Map<string, Set<string>>();
  #bytes = 0;

  add(candidate: Candidate): void {
    if (this.#candidates.has(candidate.key)) return;
    this.#candidates.set(candidate.key, candidate);
    this.#bytes += candidate.size;
    for (const group of candidate.groups) {
      const members = this.#groups.get(group) ?? new Set();
      this.#groups.set(group, members.add(candidate.key));
    }
  }

  isFull(): boolean {
    return this.#candidates.size > WINDOW_MAILS || this.#bytes > WINDOW_BYTES;
  }

  isEmpty(): boolean {
    return this.#candidates.size === 0;
  }

  /** The oldest mail's whole thread; what is taken is forgotten. */
  takeOldest(): Candidate[] {
    const [oldest] = this.#candidates.values();
    if (oldest === undefined) return [];
    const taken = this.#connected(oldest);
    for (const candidate of taken) this.#remove(candidate);
    return taken;
  }

  #connected(start: Candidate): Candidate[] {
    const found = new Map([[start.key, start]]);
    const queue = [start];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const key of next.groups.flatMap((group) => [...(this.#groups.get(group) ?? [])])) {
        const other = this.#candidates.get(key);
        if (other === undefined || found.has(key)) continue;
        found.set(key, other);
        queue.push(other);
      }
    }
    return [...found.values()];
  }

  #remove(candidate: Candidate): void {
    this.#candidates.delete(candidate.key);
    this.#bytes -= candidate.size;
    for (const group of candidate.groups) {
      const members = this.#groups.get(group);
      members?.delete(candidate.key);
      if (members?.size === 0) this.#groups.delete(group);
    }
  }
}

/** Reviews the series of a thread that may concern AVIC. */
function createReviewer(options: ScanOptions, counts: ScanCounts) {
  const evaluate = createEvaluator();
  return async (candidates: readonly Candidate[]): Promise<void> => {
    const concerning = new Set(candidates.filter((one) => one.concerns).map((one) => one.read()));
    if (concerning.size === 0) return;
    const messages = candidates.map((one) => one.read()).filter((message) => message !== null);
    const { series } = assembleSeries(messages);
    for (const one of series) {
      if (!one.patches.some((patch) => concerning.has(patch.message))) continue;
      await reviewOne(one);
    }
  };

  async function reviewOne(series: Series): Promise<void> {
    const { profile, branches } = options;
    const review = await reviewSeries(series, options.source, { profile, branches, evaluate });
    counts.series += 1;
    counts.verdicts.set(review.verdict, (counts.verdicts.get(review.verdict) ?? 0) + 1);
    if (wouldSend(review)) counts.wouldSend += 1;
    if (review.verdict !== "not-applicable") options.onReview(review);
  }
}

/** Whether a reply to the list would come of it: a change, and nothing critical. */
export function wouldSend(review: Review): boolean {
  const critical = review.findings.some((finding) => finding.severity === "critical");
  return review.verdict === "changed" && !critical;
}
