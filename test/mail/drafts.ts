/** Small mails for the tests of series and their versions. */
import { type Message, parseMessage } from "../../src/mail/message.ts";

export const DIFF = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";

export interface Draft {
  id: string;
  subject: string;
  from?: string;
  re?: string;
  refs?: string[];
  minute?: number;
  body?: string;
  headers?: string[];
}

/** A mail of the second of November 2026, with a diff unless it is a cover or a reply. */
export function mail({
  id,
  subject,
  from = "A <a@x.org>",
  re,
  refs,
  minute = 0,
  body,
  headers = [],
}: Draft): Message {
  const date = new Date(Date.UTC(2026, 10, 2, 10, minute)).toUTCString().replace("GMT", "+0000");
  const cover = /\[.*\b0+\/\d/.test(subject) || /^re:/i.test(subject);
  const lines = [`From: ${from}`, `Date: ${date}`, `Message-ID: <${id}>`, `Subject: ${subject}`, ...headers];
  if (re)
    lines.push(`In-Reply-To: <${re}>`, `References: ${(refs ?? [re]).map((ref) => `<${ref}>`).join(" ")}`);
  return parseMessage(
    Buffer.from(`${lines.join("\n")}\n\n${body ?? (cover ? "words\n" : `why\n---\n${DIFF}`)}`),
  );
}
