/**
 * The verbs, one file each. Only the file of the verb that runs is loaded, so that `review` does not pay
 * for the others at start-up.
 */
import type { Verb } from "./verb.ts";

export const VERBS: Readonly<Record<string, Verb>> = {
  table: {
    summary: "the table between two sets of accesses given as JSON",
    load: async () => (await import("./table.ts")).configureTable,
  },
  profile: {
    summary: "what hardware does with accesses that are passed through, and who says so",
    load: async () => (await import("./profile.ts")).configureProfile,
  },
};
