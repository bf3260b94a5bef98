import { createHash } from "node:crypto";
import type { Review, UnsealedReview } from "./types.ts";

/** JSON with the keys of every object in code-unit order and no blanks: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(",")}}`;
}

/** `sha256:` and 64 hex digits over the canonical JSON of the review without its digest. */
export function reviewDigest(review: UnsealedReview | Review): string {
  const content = { ...review, digest: undefined };
  const text = canonicalJson(
    Object.fromEntries(Object.entries(content).filter(([, item]) => item !== undefined)),
  );
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Adds the digest as the last key. */
export function sealReview(review: UnsealedReview): Review {
  return { ...review, digest: reviewDigest(review) };
}
