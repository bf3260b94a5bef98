/**
 * Reviewing archives without a store: mails stream through a window that is wide enough for the parts of a
 * series to meet, so that memory does not grow with the archive. Nothing is written anywhere.
 */
import type { KernelSource } from "../../kernel/source.ts";
import { parseMessage } from "../../mail/message.ts";
import { assembleSeries, type Series } from "../../mail/series.ts";
import type { Profile } from "../../model/profile.ts";
import { createEvaluator } from "../../review/evaluate.ts";
import { reviewSeries } from "../../review/review.ts";
import type { Review, Verdict } from "../../review/types.ts";
import { openArchive, sizeOf } from "./archives.ts";
import { isWithin, type Candidate, type Span } from "./candidate.ts";
import { startLooking } from "./looking.ts";
import { Window } from "./window.ts";

export interface ScanOptions extends Span {
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

/** Reads all archives, one after the other; rejects with a line that names a path that is none. */
export async function scanArchives(paths: readonly string[], options: ScanOptions): Promise<ScanCounts> {
  const counts: ScanCounts = { messages: 0, series: 0, wouldSend: 0, verdicts: new Map() };
  const window = new Window();
  const review = createReviewer(options, counts);
  const looking = startLooking();
  const keep = async (candidates: readonly Candidate[]) => {
    for (const candidate of candidates) while (!window.add(candidate)) await review(window.takeOldest());
  };
  try {
    for await (const { mails, share, idleCores } of readAll(paths)) {
      await keep(await looking.take(mails, idleCores));
      counts.messages += mails.length;
      options.onProgress(share, counts.messages);
    }
    await keep(await looking.rest());
  } finally {
    await looking.close();
  }
  while (!window.isEmpty()) await review(window.takeOldest());
  return counts;
}

/** All batches, each with the share of all bytes that it ends at. */
async function* readAll(paths: readonly string[]) {
  const sizes = await Promise.all(paths.map(sizeOf));
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  let before = 0;
  for (const [at, path] of paths.entries()) {
    let bytes = 0;
    const { idleCores, batches } = await openArchive(path);
    for await (const mails of batches) {
      bytes += mails.reduce((sum, { size }) => sum + size, 0);
      // Of a packed archive only the unpacked bytes are known; it is about a quarter of them.
      const share = path.endsWith(".gz") ? bytes / 4 : bytes;
      yield { mails, idleCores, share: (before + Math.min(share, sizes[at] ?? 0)) / total };
    }
    before += sizes[at] ?? 0;
  }
}

/** Reviews the series of a thread that may concern AVIC. */
function createReviewer(options: ScanOptions, counts: ScanCounts) {
  const evaluate = createEvaluator();
  return async (thread: readonly Candidate[]): Promise<void> => {
    if (!thread.some((one) => one.concerns)) return;
    const mails = thread
      .map(({ bytes, concerns }) => ({ message: parseMessage(bytes), concerns }))
      .filter(({ message }) => isWithin(message, options));
    const concerning = new Set(mails.filter(({ concerns }) => concerns).map(({ message }) => message));
    const { series } = assembleSeries(mails.map(({ message }) => message));
    for (const one of series) {
      const concerns = one.foreign === null && one.patches.some(({ message }) => concerning.has(message));
      if (concerns) await reviewOne(one);
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
