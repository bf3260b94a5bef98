/** Small reviews written down by hand, for the tests of what is made from a review. */
import { sealReview } from "../../src/review/digest.ts";
import type {
  HexSet,
  OldNew,
  Review,
  ReviewCell,
  ReviewSets,
  UnsealedReview,
} from "../../src/review/types.ts";

const none: HexSet = { read: [], write: [] };
const closed: OldNew<HexSet> = { old: none, new: none };

export const sampleSets: ReviewSets = {
  active: {
    old: { read: ["0x802", "0x808"], write: ["0x802", "0x808"] },
    new: { read: ["0x802", "0x808", "0x811"], write: ["0x808"] },
  },
  deactivated: closed,
  "not-x2avic": closed,
};

function cell(old: string, now: string, by: number[] = []): ReviewCell {
  return { old, new: now, changed: old !== now, by, evidence: "measured" };
}

const content: UnsealedReview = {
  schema: "avicbot.review/1",
  verdict: "changed",
  reason: null,
  place: null,
  series: {
    messageId: "20260504091500.1-1-jane@example.com",
    subject: "KVM: SVM: Fix x2AVIC MSR interception",
    author: { name: "Jane Doe", address: "jane@example.com" },
    date: "2026-05-04T09:15:00.000Z",
    version: 2,
    total: 2,
    patches: [
      {
        index: 1,
        messageId: "20260504091500.1-2-jane@example.com",
        subject: "KVM: SVM: Pass through RDMSR of readable x2APIC registers only",
        changesSets: true,
        postImageVerified: true,
      },
      {
        index: 2,
        messageId: "20260504091500.1-3-jane@example.com",
        subject: "KVM: SVM: Pass through WRMSR of accelerated x2APIC registers only",
        changesSets: true,
        postImageVerified: true,
      },
    ],
    missing: [],
  },
  base: {
    how: "blob",
    revision: "0123456789abcdef0123456789abcdef01234567",
    verified: true,
    note: "The series applies to kvm/next (0123456789ab), whose files have the blob ids of the diff.",
  },
  profile: "zen4",
  sets: sampleSets,
  conditions: [],
  rows: [
    {
      msrs: ["0x802"],
      label: "0x802",
      register: "APIC_ID",
      read: cell("HW", "HW"),
      write: cell("#GP-direct", "MSR_INT:#GP", [2]),
    },
    {
      msrs: ["0x808"],
      label: "0x808",
      register: "APIC_TPR",
      read: cell("HW", "HW"),
      write: cell("HW", "HW"),
    },
    {
      msrs: ["0x811", "0x812", "0x813", "0x814", "0x815", "0x816", "0x817"],
      label: "0x811..0x817",
      register: "APIC_ISR1..7",
      read: cell("MSR_INT:ok", "HW", [1]),
      write: { ...cell("MSR_INT:#GP", "MSR_INT:#GP"), evidence: "inferred" },
    },
  ],
  answers: [],
  findings: [],
  exits: [],
};

/** A changed review of a two-patch series, with parts replaced. */
export function sampleReview(parts: Partial<UnsealedReview> = {}): Review {
  return sealReview({ ...content, ...parts });
}

/** The same series where the base could not be found. */
export function undeterminedReview(): Review {
  return sampleReview({
    verdict: "undetermined",
    reason: "patch 1: arch/x86/kvm/svm/avic.c hunk 2 applies nowhere",
    place: { patch: 1, file: "arch/x86/kvm/svm/avic.c", hunk: 2, line: null },
    base: null,
    sets: null,
    rows: [],
  });
}
