/** Series as people send them: a cover or none, threaded or not, later versions, parts that come late or never. */
import type { Pools } from "./pools.ts";

export type Encoding = "8bit" | "quoted-printable" | "base64";

/** A part that waits to be sent. */
export interface PlannedPart {
  readonly series: PlannedSeries;
  /** 0: the cover. */
  readonly index: number;
  readonly id: string;
  /** What the others answer: the cover, or the first part. */
  readonly root: string;
  readonly title: string;
  readonly encoding: Encoding;
  /** Paths that its diff changes. */
  readonly files: readonly string[];
  /** Bytes of diff that it has about. */
  readonly diffBytes: number;
}

export interface PlannedSeries {
  readonly number: number;
  readonly author: string;
  readonly version: number;
  readonly total: number;
  readonly titles: readonly string[];
  readonly threaded: boolean;
  readonly cover: boolean;
  /** Whether a part of it changes avic.c. */
  readonly avic: boolean;
  /** The cover, or the first part, of the version before, where the author answers it. */
  readonly answers: string | null;
}

const AVIC = "arch/x86/kvm/svm/avic.c";
/** None of them is evaluated, some only just. */
const FILES = [
  "arch/x86/kvm/vmx/vmx.c",
  "arch/x86/kvm/mmu/mmu.c",
  "arch/x86/kvm/Kconfig",
  "arch/arm64/kvm/arm.c",
  "virt/kvm/kvm_main.c",
  "drivers/iommu/amd/iommu.c",
  "tools/testing/selftests/kvm/x86/avic.c",
  "Documentation/virt/kvm/x86/avic.rst",
  "include/linux/kvm_host.h",
  "include/linux/mm.h",
  "net/core/dev.c",
  "mm/page_alloc.c",
  "fs/btrfs/inode.c",
  "sound/soc/codecs/foo.c",
];
const PREFIXES = [
  "net: foo",
  "drm/amd",
  "KVM: x86",
  "mm/page_alloc",
  "ASoC: codecs",
  "btrfs",
  "KVM: SVM",
  "iommu/amd",
];
const KILOBYTE = 1024;

export interface SeriesPlan {
  readonly series: PlannedSeries;
  readonly parts: readonly PlannedPart[];
}

/** A new series; `avic`: one or two of its patches change avic.c. */
export function planSeries(pools: Pools, number: number, avic: boolean): SeriesPlan {
  const { random, pick } = pools;
  const total = random(100) < 45 ? 1 : 2 + random(random(10) === 0 ? 20 : 7);
  const series: PlannedSeries = {
    number,
    author: `${pools.words(2)} <author-${number}@example.com>`,
    version: 1,
    total,
    titles: Array.from({ length: total }, () => `${avic ? "KVM: SVM" : pick(PREFIXES)}: ${pools.words(5)}`),
    threaded: random(10) > 0,
    cover: total > 1 && random(5) > 0,
    avic,
    answers: null,
  };
  return { series, parts: planParts(pools, series) };
}

/** The next version of a series; only one that is about something else answers the version before. */
export function planReroll(pools: Pools, { series, parts }: SeriesPlan): SeriesPlan {
  const answers = !series.avic && pools.random(7) === 0 ? (parts[0]?.id ?? null) : null;
  const next = { ...series, version: series.version + 1, answers };
  return { series: next, parts: planParts(pools, next) };
}

function planParts(pools: Pools, series: PlannedSeries): PlannedPart[] {
  const { random, pick } = pools;
  const first = series.cover ? 0 : 1;
  const touching = new Set(series.avic ? [1 + random(series.total), 1 + random(series.total)] : []);
  const stem = `${pools.hex(10)}.${series.number}.v${series.version}`;
  const idOf = (index: number) => `${stem}-${index}.${pools.hex(8)}@example.com`;
  const root = idOf(first);
  return Array.from({ length: series.total + 1 - first }, (_, at) => first + at).map((index) => ({
    series,
    index,
    id: index === first ? root : idOf(index),
    root,
    title: index === 0 ? pools.words(6) : (series.titles[index - 1] ?? ""),
    encoding: index === 0 ? "8bit" : encodingOf(pools, series.avic),
    files: touching.has(index) ? [...(random(2) === 0 ? [pick(FILES)] : []), AVIC] : fewFiles(pools),
    diffBytes: index === 0 ? 0 : diffSize(pools),
  }));
}

function fewFiles({ random, pick }: Pools): string[] {
  return [...new Set(Array.from({ length: 1 + random(4) }, () => pick(FILES)))];
}

/** A reader that looks at raw bytes alone would miss what is encoded: that is tried hardest where it counts. */
function encodingOf({ random }: Pools, avic: boolean): Encoding {
  const of100 = random(100);
  if (of100 < (avic ? 20 : 1)) return "base64";
  return of100 < (avic ? 40 : 4) ? "quoted-printable" : "8bit";
}

/** 1 to 30 KB, small ones more often than large ones; five of a thousand have 200 KB. */
function diffSize({ random }: Pools): number {
  if (random(200) === 0) return 200 * KILOBYTE;
  return Math.round(KILOBYTE * 30 ** (random(1000) / 1000));
}

export function touchesAvic({ files }: PlannedPart): boolean {
  return files.includes(AVIC);
}

/** `[PATCH v2 03/11] title`. */
export function subjectOf({ series, index, title }: PlannedPart): string {
  const version = series.version > 1 ? ` v${series.version}` : "";
  const width = String(series.total).length;
  const alone = series.total === 1 && !series.cover;
  const counter = alone ? "" : ` ${String(index).padStart(width, "0")}/${series.total}`;
  return `[PATCH${version}${counter}] ${title}`;
}
