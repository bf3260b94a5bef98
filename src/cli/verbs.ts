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
  demo: {
    summary: "a sample list on this machine: arrival, review, held replies, dashboard",
    load: async () => (await import("./demo.ts")).configureDemo,
  },
  serve: {
    summary: "watch, work and web in one process",
    load: async () => (await import("./serve.ts")).configureServe,
  },
  watch: {
    summary: "read the sources; of several processes one reads each",
    load: async () => (await import("./watch.ts")).configureWatch,
  },
  work: {
    summary: "review what is in the queue; any number of processes may",
    load: async () => (await import("./work.ts")).configureWork,
  },
  web: {
    summary: "the dashboard, reviews by message-id, the API; any number of processes may",
    load: async () => (await import("./web.ts")).configureWeb,
  },
  query: {
    summary: "the stored review of a series, by any id of it",
    load: async () => (await import("./query.ts")).configureQuery,
  },
  why: {
    summary: "every decision taken about a message",
    load: async () => (await import("./why.ts")).configureWhy,
  },
  pending: {
    summary: "the series somebody waits for",
    load: async () => (await import("./pending.ts")).configurePending,
  },
  retry: {
    summary: "review a series again, or take a dead letter in again",
    load: async () => (await import("./retry.ts")).configureRetry,
  },
  doctor: {
    summary: "check settings, Redis, sources and kernel, and say what to mend",
    load: async () => (await import("./doctor.ts")).configureDoctor,
  },
  scan: {
    summary: "review what is in archives and write nothing",
    load: async () => (await import("./scan.ts")).configureScan,
  },
  approve: {
    summary: "let a held reply go out",
    load: async () => (await import("./approve.ts")).configureApprove,
  },
  hold: {
    summary: "keep a reply back until it is approved",
    load: async () => (await import("./hold.ts")).configureHold,
  },
  ignore: {
    summary: "give a series up and drop its reply",
    load: async () => (await import("./ignore.ts")).configureIgnore,
  },
  recipients: {
    summary: "to whom a held reply goes: leave some out, or put others in their place",
    load: async () => (await import("./recipients.ts")).configureRecipients,
  },
  mute: {
    summary: "no mail into a thread or about a person's series; what is muted",
    load: async () => (await import("./mute.ts")).configureMute,
  },
  unmute: {
    summary: "lift what was muted",
    load: async () => (await import("./mute.ts")).configureUnmute,
  },
  correct: {
    summary: "review answered series again and make a held correction where the reply was wrong",
    load: async () => (await import("./correct.ts")).configureCorrect,
  },
  outbox: {
    summary: "what waits to be sent, went out or was refused; the emergency stop",
    load: async () => (await import("./outbox.ts")).configureOutbox,
  },
  completion: {
    summary: "the script that completes avicbot's command line in bash, zsh or fish",
    describesAll: true,
    load: async () => (await import("./completion.ts")).configureCompletion,
  },
  man: {
    summary: "the manual page, as roff",
    describesAll: true,
    load: async () => (await import("./man.ts")).configureMan,
  },
};
