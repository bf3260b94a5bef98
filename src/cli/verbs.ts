/**
 * The verbs, one file each. Only the file of the verb that runs is loaded, so that `review` does not pay
 * for the others at start-up.
 */
import type { Verb } from "./verb.ts";

export const VERBS: Readonly<Record<string, Verb>> = {
  review: {
    summary: "review the patch series in mails: print the reply that would be posted",
    load: async () => (await import("./review.ts")).configureReview,
  },
  sets: {
    summary: "which accesses a kernel passes through, and the line that decided each",
    load: async () => (await import("./sets.ts")).configureSets,
  },
  compare: {
    summary: "the table between two kernels",
    load: async () => (await import("./compare.ts")).configureCompare,
  },
  table: {
    summary: "the table between two sets of accesses given as JSON",
    load: async () => (await import("./table.ts")).configureTable,
  },
  profile: {
    summary: "what hardware does with accesses that are passed through, and who says so",
    load: async () => (await import("./profile.ts")).configureProfile,
  },
  explain: {
    summary: "why a cell of a review is what it is: code, hardware, sources",
    load: async () => (await import("./explain.ts")).configureExplain,
  },
};
