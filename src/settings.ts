/** Every setting: its type, its bounds, what it is when nobody sets it. */
import { Resolver } from "node:dns";
import { z } from "zod";

function isDnsServer(text: string): boolean {
  try {
    new Resolver().setServers([text]);
    return true;
  } catch {
    return false;
  }
}

const address = z.string().regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, "not a mail address");
const dnsServer = z.string().refine(isDnsServer, "not the address of a DNS server");
const mode = z.enum(["dry-run", "hold", "auto"]);
const seconds = z.number().positive();
const token = z.string().min(16);
/** Names the list that a source's messages came by, where their headers do not. */
const via = { list: address.optional() };

const sourceSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("imap"),
    /** `imaps://user:password@host/`, `imap://…` (STARTTLS, or plain on loopback); no user: anonymous. */
    url: z.url({ protocol: /^imaps?$/ }),
    folder: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default("INBOX"),
    password: z.string().optional(),
    pollSeconds: seconds.default(60),
    ...via,
  }),
  z.strictObject({
    type: z.literal("public-inbox"),
    path: z.string().min(1),
    pollSeconds: seconds.default(10),
    /** `git fetch` this often, new epochs included; unset: somebody else keeps the clone fresh. */
    fetchSeconds: seconds.optional(),
    ...via,
  }),
  z.strictObject({
    type: z.literal("maildir"),
    path: z.string().min(1),
    pollSeconds: seconds.default(10),
    ...via,
  }),
  z.strictObject({
    type: z.literal("mbox"),
    path: z.string().min(1),
    pollSeconds: seconds.default(10),
    ...via,
  }),
]);

const listSchema = z.strictObject({
  address,
  recipients: z.enum(["author-and-list", "author-only", "all"]).default("author-and-list"),
  mode: mode.optional(),
});

const settingsSchema = z.strictObject({
  redisUrl: z.string().min(1).optional(),
  dataDir: z.string().min(1).default("./data"),
  sources: z.array(sourceSchema).default([]),
  kernel: z
    .strictObject({
      git: z.string().min(1).optional(),
      tree: z.string().min(1).optional(),
      branches: z.array(z.string().min(1)).default([]),
    })
    .prefault({}),
  profile: z.string().min(1).default("zen4"),
  smtp: z
    .strictObject({
      /** `smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host`. */
      url: z.url({ protocol: /^smtps?$/ }).optional(),
      password: z.string().optional(),
      timeoutSeconds: seconds.default(60),
    })
    .prefault({}),
  mail: z
    .strictObject({
      from: address.optional(),
      /** The name shown in front of `from`. */
      name: z.string().max(60).default("avicbot"),
      /** Who is told of replies that wait for a person, and alone of critical findings. */
      moderators: address.optional(),
      /** Domains whose ARC seals are believed when they say that they saw a valid DKIM signature. */
      trustedSealers: z.array(z.string().toLowerCase()).default([]),
      /** DNS servers asked for the keys of signed commands (`192.0.2.1`, `[2001:db8::1]:53`); none: the system's. */
      dnsServers: z.array(dnsServer).default([]),
      dkim: z.strictObject({ domain: z.string(), selector: z.string(), keyFile: z.string() }).optional(),
    })
    .prefault({}),
  mode: mode.default("hold"),
  lists: z
    .array(listSchema)
    .prefault([{ address: "kvm@vger.kernel.org" }, { address: "linux-kernel@vger.kernel.org" }]),
  maintainers: z.array(address).default([]),
  /** Addresses of further bots: neither answered nor listened to. */
  bots: z.array(address).default([]),
  outbox: z
    .strictObject({
      /** An IMAP folder that gets a copy of what is sent; the sources' folders are looked into anyway. */
      sent: z
        .strictObject({
          url: z.url({ protocol: /^imaps?$/ }),
          folder: z.string().min(1).default("Sent"),
          password: z.string().optional(),
        })
        .optional(),
      /** A mail of which nobody knows whether the server took it is looked for on the list this long. */
      echoWaitMinutes: seconds.default(30),
      /** What happens to it then: a person decides, or the very same bytes are sent again. */
      unknown: z.enum(["hold", "resend"]).default("hold"),
      /** A server that says "later" is asked again this long. */
      giveUpHours: seconds.default(48),
      backoffSeconds: seconds.default(300),
    })
    .prefault({}),
  web: z
    .strictObject({
      port: z.number().int().min(0).max(65535).default(8080),
      host: z.string().min(1).default("127.0.0.1"),
      /** Who may act, each with a name for the timeline; none: nothing can be changed by HTTP. */
      tokens: z
        .array(z.union([token, z.strictObject({ name: z.string().min(1).max(40), token })]))
        .default([]),
      /** Where people reach it, for links in the feed: `https://avicbot.example.org`. */
      url: z.url({ protocol: /^https?$/ }).optional(),
      /** A reverse proxy stands in front and its X-Forwarded headers are true. */
      trustProxy: z.boolean().default(false),
      /** A request that is not whole by then ends with its connection. */
      requestSeconds: seconds.default(15),
      /** Connections at a time; beyond them goes the one that has waited longest. */
      connections: z.number().int().positive().default(2000),
    })
    .prefault({}),
  queue: z
    .strictObject({
      /** Reviews at a time in one `work` process; each has a thread of its own. */
      concurrency: z.number().int().positive().default(1),
      /** A dead worker's job is taken over after this long. */
      lockSeconds: seconds.default(10),
      /** A dead watcher's source is taken over after this long. */
      leaseSeconds: seconds.default(5),
      /** Tries of a job that fails for a reason that may pass. */
      attempts: z.number().int().positive().default(5),
      /** Starts of a job whose worker died each time, before it is given up. */
      crashes: z.number().int().positive().default(3),
      backoffSeconds: seconds.default(5),
      shutdownSeconds: seconds.default(10),
    })
    .prefault({}),
  limits: z
    .strictObject({
      messageBytes: z
        .number()
        .int()
        .positive()
        .default(8 * 1024 * 1024),
      seriesPatches: z.number().int().positive().default(300),
      evaluatorSteps: z.number().int().positive().optional(),
      reviewSeconds: seconds.default(60),
      reviewMegabytes: z.number().int().positive().default(1024),
      /** How long a series with missing parts is waited for after its latest part. */
      partWaitMinutes: seconds.default(30),
      repliesPerDay: z.number().int().positive().default(50),
      repliesPerThread: z.number().int().positive().default(3),
      repliesPerListAndDay: z.number().int().positive().default(30),
      /** An older series is answered only when a person says so. */
      replyWithinDays: seconds.default(7),
      /** Addresses of a reply; the author and the lists go before others. */
      recipients: z.number().int().positive().default(20),
      /** Answers to commands by mail, for one sender a day. */
      answersPerSenderAndDay: z.number().int().positive().default(20),
      /** Answers a day to all who ask in mails that do not prove their sender. */
      answersPerDay: z.number().int().positive().default(200),
    })
    .prefault({}),
  retention: z
    .strictObject({
      /** Id and reason of messages that do not concern AVIC; answers to commands, and notices. */
      uninterestingDays: seconds.default(30),
      /** Parts of series of which no part concerns AVIC so far. */
      partsDays: seconds.default(14),
      /** Series that are superseded, merged or ignored, with their messages and reviews. */
      closedDays: seconds.default(730),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
    })
    .prefault({}),
});

/** What the moderators alone are told must reach no list. */
export const configSchema = settingsSchema.refine(
  ({ lists, mail }) => lists.every((list) => list.address.toLowerCase() !== mail.moderators?.toLowerCase()),
  { path: ["mail", "moderators"], message: "it is the address of a list" },
);

export type Config = z.infer<typeof configSchema>;
export type SourceConfig = z.infer<typeof sourceSchema>;
