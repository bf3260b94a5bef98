/** Replies: the record's shape; the outbox that gives it its life stands in another room. */

export interface ReplyRecord {
  readonly series: string;
  /** Digest of the review it was rendered from. */
  readonly digest: string;
  readonly messageId: string;
  /** The exact bytes that are sent, as a byte string. */
  readonly mail: string;
  readonly state: "held" | "sending" | "sent" | "refused";
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string | null;
}
