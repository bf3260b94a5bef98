/** What acting on a command works with, and what comes of it. */
import type { Message } from "../../mail/message.ts";
import type { Authority } from "../../reply/commands/authority.ts";
import type { Command } from "../../reply/commands/parse.ts";
import { findSeriesByText } from "../../store/lookup.ts";
import { hashOf } from "../../store/keys.ts";
import type { Db } from "../../store/record.ts";
import { findSeries, seriesOfMessages, type SeriesRecord } from "../../store/series.ts";
import type { Context } from "../context.ts";

export interface Acting {
  readonly context: Context;
  readonly message: Message;
  /** The sender's address, in lower case. */
  readonly from: string;
  /** Stands for the sender and this mail: whoever acts twice for it is known by it. */
  readonly by: string;
  /** Looks once, and only when somebody asks. Rejects while it may pass that nobody can tell. */
  readonly authority: () => Promise<Authority>;
}

export interface Outcome {
  readonly verb: Command["verb"];
  readonly done: boolean;
  /** One sentence, for the decision and the answer. */
  readonly text: string;
  /** What the answer says below that sentence. */
  readonly body?: string;
  /** Not done because the mail does not prove its sender. */
  readonly refused?: boolean;
}

/** A series, and the header fields that said so. */
export interface Place {
  readonly series: SeriesRecord;
  readonly by: readonly string[];
}

const REFERENCES_USED = 50;

/** The series a command is about: the one it names, else the one in whose thread it stands, the nearest first. */
export async function findPlace(db: Db, message: Message, target: string | null): Promise<Place | null> {
  if (target !== null) {
    const named = await findSeriesByText(db, target);
    return named === null ? null : { series: named.value, by: [] };
  }
  const own = message.messageId === null ? [] : [message.messageId];
  const ways: [string, readonly string[]][] = [
    ["message-id", own],
    ["in-reply-to", message.inReplyTo.slice(0, REFERENCES_USED)],
    ["references", message.references.slice(-REFERENCES_USED).reverse()],
  ];
  for (const [name, ids] of ways) {
    const series = await firstSeries(db, ids);
    if (series !== null) return { series, by: [name] };
  }
  return null;
}

async function firstSeries(db: Db, ids: readonly string[]): Promise<SeriesRecord | null> {
  const [name] = (await seriesOfMessages(db, ids.map(hashOf))).values();
  return name === undefined ? null : ((await findSeries(db, name))?.value ?? null);
}
