/**
 * The verbs, one file each. Only the file of the verb that runs is loaded, so that `review` does not pay
 * for the others at start-up.
 */
import type { Verb } from "./verb.ts";

/** Headings under which help lists the verbs. */
const ANALYSE = "Series and kernels:";
const SERVICE = "The service:";
const RECORDS = "What the service knows:";
const REPLIES = "Replies of the service:";
const SHELL = "The shell:";

export const VERBS: Readonly<Record<string, Verb>> = {
  review: {
    group: ANALYSE,
    summary: "review patch series in mails: print the reply that would be posted",
    load: async () => (await import("./review.ts")).configureReview,
  },
  sets: {
    group: ANALYSE,
    summary: "show which accesses a kernel passes through, and the line that decided each",
    load: async () => (await import("./sets.ts")).configureSets,
  },
  compare: {
    group: ANALYSE,
    summary: "show the table between two kernels",
    load: async () => (await import("./compare.ts")).configureCompare,
  },
  table: {
    group: ANALYSE,
    summary: "show the table between two sets of accesses given as JSON",
    load: async () => (await import("./table.ts")).configureTable,
  },
  profile: {
    group: ANALYSE,
    summary: "show what hardware does with accesses that are passed through, and who says so",
    load: async () => (await import("./profile.ts")).configureProfile,
  },
  explain: {
    group: ANALYSE,
    summary: "say why a cell of a review is what it is: code, hardware, sources",
    load: async () => (await import("./explain.ts")).configureExplain,
  },
  scan: {
    group: ANALYSE,
    summary: "review what is in archives, and write nothing",
    load: async () => (await import("./scan.ts")).configureScan,
  },
  demo: {
    group: SERVICE,
    summary: "show the whole service at work on a sample list, on this machine",
    load: async () => (await import("./demo.ts")).configureDemo,
  },
  serve: {
    group: SERVICE,
    summary: "run watch, work and web in one process",
    load: async () => (await import("./serve.ts")).configureServe,
  },
  watch: {
    group: SERVICE,
    summary: "read the sources; of several processes, one reads each",
    load: async () => (await import("./watch.ts")).configureWatch,
  },
  work: {
    group: SERVICE,
    summary: "review what is in the queue; any number of processes may",
    load: async () => (await import("./work.ts")).configureWork,
  },
  web: {
    group: SERVICE,
    summary: "serve the dashboard, reviews by Message-ID and the API; any number of processes may",
    load: async () => (await import("./web.ts")).configureWeb,
  },
  doctor: {
    group: SERVICE,
    summary: "check everything that the service needs, and say what to mend",
    load: async () => (await import("./doctor.ts")).configureDoctor,
  },
  query: {
    group: RECORDS,
    summary: "show the stored review of a series, by any id of it",
    load: async () => (await import("./query.ts")).configureQuery,
  },
  why: {
    group: RECORDS,
    summary: "list every decision taken about a message",
    load: async () => (await import("./why.ts")).configureWhy,
  },
  pending: {
    group: RECORDS,
    summary: "list the series that somebody waits for",
    load: async () => (await import("./pending.ts")).configurePending,
  },
  retry: {
    group: RECORDS,
    summary: "review a series again, or take a dead letter in again",
    load: async () => (await import("./retry.ts")).configureRetry,
  },
  approve: {
    group: REPLIES,
    summary: "let a held reply go out",
    load: async () => (await import("./approve.ts")).configureApprove,
  },
  hold: {
    group: REPLIES,
    summary: "keep a reply back until it is approved",
    load: async () => (await import("./hold.ts")).configureHold,
  },
  ignore: {
    group: REPLIES,
    summary: "give a series up and drop its reply",
    load: async () => (await import("./ignore.ts")).configureIgnore,
  },
  recipients: {
    group: REPLIES,
    summary: "show to whom a held reply goes; leave some out, or put others in their place",
    load: async () => (await import("./recipients.ts")).configureRecipients,
  },
  mute: {
    group: REPLIES,
    summary: "send no mail into a thread or about a person's series; list what is muted",
    load: async () => (await import("./mute.ts")).configureMute,
  },
  unmute: {
    group: REPLIES,
    summary: "lift what was muted",
    load: async () => (await import("./mute.ts")).configureUnmute,
  },
  correct: {
    group: REPLIES,
    summary: "review answered series again; hold a correction where the reply was wrong",
    load: async () => (await import("./correct.ts")).configureCorrect,
  },
  outbox: {
    group: REPLIES,
    summary: "list what waits, went out or was refused; the emergency stop",
    load: async () => (await import("./outbox.ts")).configureOutbox,
  },
  completion: {
    group: SHELL,
    summary: "print the script that completes avicbot's command line in bash, zsh or fish",
    describesAll: true,
    load: async () => (await import("./completion.ts")).configureCompletion,
  },
  man: {
    group: SHELL,
    summary: "print the manual page, as roff",
    describesAll: true,
    load: async () => (await import("./man.ts")).configureMan,
  },
};
