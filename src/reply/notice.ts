/** Word to the moderators about a reply that waits for a person, with its whole text. */
import { cleanLine } from "./clean.ts";
import { renderTemplate } from "./template.ts";
import { wrap, wrapItem } from "./wrap.ts";

export interface NoticeFacts {
  readonly series: {
    readonly id: string;
    readonly title: string;
    readonly version: number;
    readonly author: string;
  };
  /** Why the reply is held. */
  readonly reason: string;
  readonly recipients: readonly string[];
  /** Message-ID of the reply. */
  readonly messageId: string;
  /** Sentences of the findings that no list may be told of. */
  readonly critical: readonly string[];
  /** The reply, header and all, as it would go out. */
  readonly mail: Uint8Array;
}

const INDENT = 8;

export function noticeSubject({ series, critical }: NoticeFacts): string {
  const what = critical.length > 0 ? "critical" : "held";
  return `[avicbot] ${what}: v${series.version} ${cleanLine(series.title, 200)}`;
}

export function renderNotice(facts: NoticeFacts): string {
  const { reason, recipients, messageId, critical, mail } = facts;
  const { id, title, version, author } = facts.series;
  return renderTemplate("notice", {
    id: cleanLine(id, 990),
    messageId,
    series: wrap(`v${version} "${cleanLine(title, 200)}" by ${cleanLine(author, 120)}`, INDENT),
    why: wrap(cleanLine(reason, 600), INDENT),
    recipients: wrap(recipients.join(", "), INDENT),
    critical: critical.map((text) => wrapItem(text)),
    mail: Buffer.from(mail).toString("utf8").replaceAll("\r\n", "\n"),
  });
}
