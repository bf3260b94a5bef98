/** Series and reviews as the store holds them, with only what a test names. */
import type { Review, Verdict } from "../../src/review/types.ts";
import { hashOf } from "../../src/store/keys.ts";
import { inputsOf, seriesKey, type Progress, type SeriesRecord } from "../../src/store/series.ts";

export interface Sample {
  id?: string;
  /** Message-IDs of the patches. */
  parts?: string[];
  /** Titles of the patches. */
  titles?: string[];
  title?: string;
  author?: string;
  version?: number;
  date?: string;
  changeId?: string;
  stable?: string;
  supersedes?: string[];
  progress?: Progress;
  authorName?: string;
  lists?: string[];
  total?: number;
  reviewed?: SeriesRecord["reviewed"];
  closed?: SeriesRecord["closed"];
}

export function aSeries(sample: Sample): SeriesRecord {
  const id = sample.id ?? "cover@x";
  const title = sample.title ?? "Open the timer registers";
  const patches = sample.parts ?? ["p1@x"];
  const parts = [{ index: 0, messageId: id, key: hashOf(id), title, inherited: false }].concat(
    patches.map((messageId, at) => ({
      index: at + 1,
      messageId,
      key: hashOf(messageId),
      title: sample.titles?.[at] ?? `Patch ${at + 1}`,
      inherited: false,
    })),
  );
  return {
    key: seriesKey(id),
    id,
    title,
    author: { name: sample.authorName ?? "A", address: sample.author ?? "a@x" },
    authorKey: sample.author ?? "a@x",
    version: sample.version ?? 1,
    total: sample.total ?? patches.length,
    rfc: false,
    resend: false,
    stable: sample.stable ?? null,
    foreign: null,
    date: sample.date ?? "2026-01-01T00:00:00Z",
    changeId: sample.changeId ?? null,
    supersedes: sample.supersedes ?? [],
    lists: sample.lists ?? ["kvm.vger.kernel.org"],
    parts,
    missing: [],
    inputs: inputsOf(parts),
    progress: sample.progress ?? "held",
    reason: null,
    closed: sample.closed ?? null,
    reviewed: sample.reviewed ?? null,
    waitUntil: null,
    live: true,
    steps: [],
  };
}

export function aReview(verdict: Verdict): Review {
  return {
    schema: "avicbot.review/1",
    verdict,
    reason: null,
    place: null,
    series: {
      messageId: "cover@x",
      subject: "s",
      author: { name: "A", address: "a@x" },
      date: null,
      version: 1,
      total: 1,
      patches: [],
      missing: [],
    },
    base: null,
    profile: "zen4",
    sets: null,
    conditions: [],
    rows: [],
    answers: [],
    findings: [],
    exits: [],
    digest: "sha256:00",
  };
}
