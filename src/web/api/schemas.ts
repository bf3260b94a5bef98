/** The shapes of the API: they validate what comes in, and its description is made from them. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { packagePath } from "../../package-root.ts";
import { OUTBOX_STATES } from "../../reply/outbox/record.ts";
import type { Review } from "../../review/types.ts";
import { LISTED_STATES, ORDERS } from "../../store/listing.ts";
import { SERIES_STATES } from "../../store/series.ts";

const shortText = z.string().max(300);
const verdict = z.enum(["changed", "unchanged", "undetermined", "not-applicable"]);
const state = z.enum(SERIES_STATES);

export const listQuerySchema = z.strictObject({
  state: z.enum(LISTED_STATES).default("pending"),
  verdict: verdict.optional(),
  author: shortText.optional().describe("Address, name, or a word of either"),
  list: shortText.optional().describe("Id or address of a list"),
  q: shortText.optional().describe("Words of titles and authors, or how they begin"),
  sort: z.enum(ORDERS).default("date"),
  order: z.enum(["desc", "asc"]).default("desc"),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional().describe("`next` of the page before"),
});

export const tableQuerySchema = z.strictObject({
  profile: z.enum(["zen4", "apm"]).optional().describe("Hardware profile; by itself the review's own"),
  way: z.coerce.number().int().min(0).max(999).optional().describe("Position in the review's conditions"),
});

export const explainQuerySchema = tableQuerySchema.extend({
  msr: z
    .string()
    .regex(/^0x8[0-9a-f]{2}$/i, "an MSR of 0x800..0x8FF, such as 0x80a")
    .transform(Number),
  access: z.enum(["read", "write"]),
});

export const idParams = z.strictObject({
  messageId: z.string().min(1).describe("Of the cover, any patch or the reply; percent-encoded or not"),
});

const mailAddress = z.string().min(3).max(254);

export const recipientsBody = z.strictObject({
  edits: z
    .array(
      z.strictObject({
        address: mailAddress,
        replacement: mailAddress.nullable().describe("Who gets the mail instead; null: nobody"),
      }),
    )
    .min(1)
    .max(20),
});

const version = z.strictObject({ version: z.int(), messageId: z.string(), state });

export const listedSeriesSchema = z.strictObject({
  messageId: z.string(),
  state,
  verdict: verdict.nullable(),
  title: z.string(),
  author: z.strictObject({ name: z.string(), address: z.string() }),
  date: z.string().nullable(),
  updated: z.string(),
  version: z.int(),
  versions: z.array(version),
  parts: z.strictObject({ received: z.int(), total: z.int(), missing: z.array(z.int()) }),
  lists: z.array(z.string()),
  base: z
    .strictObject({
      how: z.enum(["blob", "base-commit", "branch", "tree", "given"]),
      revision: z.string(),
      verified: z.boolean(),
    })
    .nullable(),
  changedCells: z.int(),
  worstFinding: z.enum(["critical", "warning", "info"]).nullable(),
  reply: z
    .strictObject({
      messageId: z.string(),
      state: z.enum(OUTBOX_STATES),
      reason: z.string().nullable(),
    })
    .nullable(),
  reason: z.string().nullable(),
});

export const seriesListSchema = z.strictObject({
  total: z.int(),
  series: z.array(listedSeriesSchema),
  next: z.string().nullable(),
});

const step = z.strictObject({
  at: z.string(),
  stage: z.enum(["seen", "read", "rule", "series", "review", "reply", "state"]),
  rule: z.string(),
  outcome: z.enum(["passed", "stopped", "noted"]),
  text: z.string(),
});

export const traceSchema = z.strictObject({
  messageId: z.string().nullable(),
  lists: z.array(z.string()),
  sources: z.array(z.string()),
  steps: z.array(step),
  series: z
    .strictObject({
      id: z.string(),
      version: z.int(),
      state,
      closed: z.string().nullable(),
      steps: z.array(step),
    })
    .nullable(),
});

const quotedLine = z.strictObject({
  file: z.string(),
  line: z.int(),
  function: z.string().nullable(),
  text: z.string().nullable(),
});
const evidence = z.enum(["measured", "inferred", "documented", "unknown"]);
const explainedSide = z.strictObject({
  code: z.string(),
  evidence,
  passed: z.boolean(),
  decidedAt: quotedLine.nullable(),
  chain: z.array(quotedLine),
  hardware: z.strictObject({
    code: z.string(),
    evidence,
    source: z.string(),
    variants: z.array(
      z.strictObject({ when: z.string(), code: z.string(), evidence, guest: z.string().optional() }),
    ),
  }),
  answer: z.strictObject({
    guest: z.string(),
    from: z.enum(["evaluated", "documented", "posted"]),
    at: quotedLine.nullable(),
  }),
});

export const explanationSchema = z.strictObject({
  series: z.string(),
  msr: z.string(),
  register: z.string(),
  access: z.enum(["read", "write"]),
  profile: z.string(),
  when: z.string().nullable(),
  old: explainedSide,
  new: explainedSide,
  by: z.array(z.strictObject({ index: z.int(), subject: z.string() })),
});

/** The published schema of the review, as it stands. */
export const reviewSchema = z
  .custom<Review>()
  .meta(
    JSON.parse(readFileSync(packagePath("src/review/review.schema.json"), "utf8")) as Record<string, unknown>,
  );
