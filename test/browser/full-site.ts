/** A site with a bit of everything: what a maintainer sees on a working day. */
import { sealReview } from "../../src/review/digest.ts";
import type { Review, UnsealedReview } from "../../src/review/types.ts";
import type { SeriesRecord } from "../../src/store/series.ts";
import { patchMail, type PatchMail } from "../jobs/patches.ts";
import { deliverDemo, readDemo, startSite, storeFor, studyDemo, type Site } from "../web/site.ts";

/** Version 1 of the sample series, sent a week before. */
async function deliverFirstVersion(site: Site): Promise<void> {
  const mails = (await readDemo()).map((mail) =>
    mail
      .replace("[PATCH v2", "[PATCH")
      .replaceAll("20260504091500.1-", "20260427091500.1-")
      .replace(/^Date: \w+, (\d+) May 2026/m, "Date: Mon, 27 Apr 2026"),
  );
  for (const mail of mails) await site.harness.deliver(mail);
  const series = await site.harness.find("20260427091500.1-1-jane@example.com");
  const { review, grounds } = await studyDemo();
  const rows = review.rows.map((row) =>
    row.label === "0x80F" ? { ...row, write: { ...row.write, new: "UAA(t)", changed: false, by: [] } } : row,
  );
  if (series !== null) await storeFor(site, series, { review: sealReview({ ...review, rows }), grounds });
}

interface Other extends PatchMail {
  readonly review?: Partial<UnsealedReview>;
}

const OTHERS: readonly Other[] = [
  {
    id: "20260506120000.7-1-sam@example.net",
    title: "KVM: SVM: Keep TPR writes accelerated while IPIV is off",
    author: "sam@example.net",
    review: { verdict: "unchanged", rows: [], findings: [] },
  },
  {
    id: "20260505080000.3-1-lee@example.org",
    title: "KVM: x86: Read TMCCT without an exit",
    author: "lee@example.org",
    review: {
      verdict: "undetermined",
      reason: "patch 1: arch/x86/kvm/lapic.c, hunk 2 applies nowhere",
      base: null,
      sets: null,
      rows: [],
      findings: [],
    },
  },
  {
    id: "20260508100000.9-1-kim@example.com",
    title: "KVM: SVM: AVIC: Split the toggle of x2APIC MSR interception",
    author: "kim@example.com",
    tag: "1/3",
  },
];

async function deliverOther(site: Site, { review, ...mail }: Other, base: Review): Promise<void> {
  await site.harness.deliver(patchMail(mail));
  const series = await site.harness.find(mail.id);
  if (series === null || review === undefined) return;
  await storeFor(site, series, { review: sealReview({ ...base, ...review }), grounds: null });
}

export async function startFullSite(): Promise<{ site: Site; series: SeriesRecord }> {
  const site = await startSite();
  await deliverFirstVersion(site);
  const series = await deliverDemo(site);
  const { review } = await studyDemo();
  for (const other of OTHERS) await deliverOther(site, other, review);
  return { site, series };
}
