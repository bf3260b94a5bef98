/** The review of a series as text and as a mail: what was or would be sent, else what is known. */
import { renderReply, renderVerdict } from "../../reply/render.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import type { AskedSeries } from "../asked.ts";
import { openCase, type ReplyContext } from "./facts.ts";

function withLineFeeds(mail: string): string {
  return mail.replace(/\r\n/g, "\n");
}

/** Byte string of the mail's body, lines ending in a line feed. */
export function replyBody({ mail }: OutboxRecord): string {
  const text = withLineFeeds(mail);
  return text.slice(text.indexOf("\n\n") + 2);
}

/** Byte string: the mail as the one message of an mbox (mboxrd: `From ` lines quoted). */
export function replyMbox({ mail, sender, createdAt }: OutboxRecord): string {
  const date = new Date(createdAt)
    .toUTCString()
    .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, "$1 $3 $2 $5 $4");
  const quoted = withLineFeeds(mail).replace(/^(>*From )/gm, ">$1");
  return `From ${sender} ${date}\n${quoted}\n`;
}

/** The text as a byte string; null while there is no review. */
export async function reviewText(context: ReplyContext, asked: AskedSeries): Promise<string | null> {
  const { series, reply, review } = asked;
  if (reply !== null) return replyBody(reply);
  if (review === null) return null;
  const one = review.review.verdict === "changed" ? await openCase(context, series) : null;
  const text = one === null ? renderVerdict(review.review) : renderReply(one.review, one.parent);
  return Buffer.from(text, "utf8").toString("latin1");
}
