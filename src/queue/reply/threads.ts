/** Threads by name: what is muted and lifted when somebody speaks of "the thread". */
import { parseMessage } from "../../mail/message.ts";
import { cleanAddress } from "../../reply/clean.ts";
import { findSeriesByText, idsMeant } from "../../store/lookup.ts";
import { readMail } from "../../store/messages.ts";
import type { MuteTarget } from "../../store/mutes.ts";
import type { Db } from "../../store/record.ts";
import type { SeriesRecord } from "../../store/series.ts";

/** The id of the first mail of the thread that a mail stands in. */
export function threadRoot(mail: {
  readonly messageId: string | null;
  readonly inReplyTo: readonly string[];
  readonly references: readonly string[];
}): string | null {
  return mail.references[0] ?? mail.inReplyTo[0] ?? mail.messageId;
}

/** Every name by which the thread of a series may be muted; new mutes get the first. */
export async function threadNamesOf(db: Db, series: SeriesRecord): Promise<string[]> {
  const part = series.parts.at(-1);
  const bytes = part === undefined ? null : await readMail(db, part.key);
  const mail = bytes === null ? null : parseMessage(bytes);
  const root = (mail === null ? null : threadRoot(mail)) ?? series.id;
  const ids = [
    root,
    series.id,
    ...series.parts.map(({ messageId }) => messageId),
    ...(mail?.references ?? []),
  ];
  return [...new Set(ids.filter((id) => id !== null))];
}

/**
 * What a person means to mute: `thread` with anything that names a mail in it, or `person` with an address. The
 * first is what is muted; all of them may have been before. None: the words make no sense.
 */
export async function targetsMeant(
  db: Db,
  { kind, name }: { kind: string; name: string },
): Promise<MuteTarget[]> {
  if (kind === "person") return cleanAddress(name) === null ? [] : [{ kind, name }];
  const ids = idsMeant(name);
  if (kind !== "thread" || ids.length === 0) return [];
  const series = (await findSeriesByText(db, name))?.value;
  const names = series === undefined ? ids : await threadNamesOf(db, series);
  return [...new Set([...names, ...ids])].map((one) => ({ kind, name: one }));
}
