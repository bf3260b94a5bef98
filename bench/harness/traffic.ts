/** A year of a list's mail by date, again and again: each time under other ids and later dates. */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { parseMessage } from "../../src/mail/message.ts";
import { messageKey } from "../../src/mail/part.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../../test/mails.ts";
import { writeCorpus } from "../corpus/write.ts";
import { SEED } from "./mails.ts";

interface Place {
  readonly time: number;
  readonly at: number;
  readonly length: number;
}

export interface Traffic {
  readonly mails: number;
  /** Messages with different ids. */
  readonly distinct: number;
  /** The mail of that number in the given year, both from 0, as a byte string. */
  readonly mail: (year: number, number: number) => string;
  readonly close: () => void;
}

const YEAR_MS = 365 * 86_400_000;
const FIRST = Date.parse("2026-01-01T00:00:00Z");
const IDS = /^(?:message-id|in-reply-to|references):(?:.*\n[ \t])*.*$/gim;

/** Sorted into a file of its own; every `step`-th mail of the real ones, or the corpus where there are none. */
export async function openTraffic(dir: string, step: number): Promise<Traffic> {
  const source = withoutMails
    ? ((await writeCorpus({ dir, seed: SEED, mails: 24_000, forms: ["mbox"] })).paths.mbox ?? "")
    : mailsPath("kvm-cc.mboxrd.gz");
  const file = openSync(join(dir, "traffic"), "w+");
  const places: Place[] = [];
  const keys = new Set<string>();
  let [at, number] = [0, 0];
  for await (const { bytes } of readMessages(source)) {
    if (number++ % step !== 0) continue;
    const message = parseMessage(bytes);
    keys.add(messageKey(message));
    places.push({ time: Date.parse(message.date ?? "") || 0, at, length: bytes.length });
    at += writeSync(file, bytes);
  }
  places.sort((a, b) => a.time - b.time || a.at - b.at);
  return {
    mails: places.length,
    distinct: keys.size,
    mail: (year, wanted) => {
      const { at: start, length } = places[wanted] as Place;
      const bytes = Buffer.allocUnsafe(length);
      readSync(file, bytes, 0, length, start);
      const share = wanted / places.length;
      return renamed(bytes.toString("latin1"), year, FIRST + (year + share) * YEAR_MS);
    },
    close: () => closeSync(file),
  };
}

/** Ids with the year in them, and a date within the year; the rest is as it was. */
function renamed(text: string, year: number, time: number): string {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const header = text
    .slice(0, end)
    .replace(IDS, (field) => field.replace(/@([^<>@\s]+)>/g, `@year${year}.$1>`))
    .replace(/^date:.*$/im, `Date: ${new Date(time).toUTCString().replace("GMT", "+0000")}`);
  return header + text.slice(end);
}
