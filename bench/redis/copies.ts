/** What a reviewed series leaves in Redis, and copies of it under other ids, written as the store writes it. */
import { groupKey } from "../../src/queue/neighbours.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import { findDecisions, keepDecision, type DecisionRecord } from "../../src/store/decisions.ts";
import { hashOf, key } from "../../src/store/keys.ts";
import { findMessages, keepMessage, readMail, type MessageRecord } from "../../src/store/messages.ts";
import { encodeRecord, type Db } from "../../src/store/record.ts";
import { findReply, newReplyWrites } from "../../src/store/replies.ts";
import { findReview, type ReviewRecord } from "../../src/store/reviews.ts";
import { findSeries, replaceSeries, type Closing, type SeriesRecord } from "../../src/store/series.ts";
import type { Write } from "../../src/store/transact.ts";

const TOGETHER = 25;

interface Records {
  readonly series: SeriesRecord;
  readonly messages: readonly MessageRecord[];
  readonly decisions: readonly DecisionRecord[];
  readonly review: ReviewRecord;
  readonly reply: OutboxRecord;
}

/** Each text is cut where something stands that no other series has: every second piece is such a thing. */
export interface Original {
  readonly tag: string;
  readonly records: readonly string[];
  readonly mails: readonly (readonly string[])[];
  readonly grounds: Buffer;
  /** Seconds that its groups stay. */
  readonly groupSeconds: number;
}

function present<T>(what: string, value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error(`a reviewed series has no ${what}`);
  return value;
}

/** `tag`: the text that stands in the ids, the author and the code of this series alone. */
export async function readOriginal(db: Db, name: string, tag: string): Promise<Original> {
  const { value: series } = present("record", await findSeries(db, name));
  const keys = series.parts.map((part) => part.key);
  const records: Records = {
    series,
    messages: await findMessages(db, keys),
    decisions: await findDecisions(db, keys),
    review: present("review", await findReview(db, name)),
    reply: present("reply", await findReply(db, name)).value,
  };
  const mails = await Promise.all(keys.map((part) => readMail(db, part)));
  const groups = records.messages.flatMap((message) => message.groups);
  const hashes = /[0-9a-f]{16,}/.exec(records.reply.messageId) ?? [];
  const own = new Set([tag, name, series.inputs, ...keys, ...groups, ...hashes]);
  return {
    tag,
    records: JSON.stringify(records).split(new RegExp(`(${[...own].join("|")})`)),
    mails: mails.map((mail, at) =>
      present(`mail ${at}`, mail)
        .toString("latin1")
        .split(new RegExp(`(${tag})`)),
    ),
    grounds: present("grounds", await db.redis.getBuffer(key("grounds", name))),
    groupSeconds: await db.redis.ttl(groupKey(present("group", groups[0]))),
  };
}

/** Writes copies with these tags, which are as long as those of the originals. */
export async function writeCopies(
  db: Db,
  originals: readonly Original[],
  tags: readonly string[],
  closed: Closing | null,
): Promise<void> {
  for (let at = 0; at < tags.length; at += TOGETHER) {
    const some = tags.slice(at, at + TOGETHER).map((tag, more) => {
      const original = originals[(at + more) % originals.length];
      return writeCopy(db, present("original", original), tag, closed);
    });
    await Promise.all(some);
  }
}

async function writeCopy(db: Db, original: Original, tag: string, closed: Closing | null): Promise<void> {
  const others = new Map([[original.tag, tag]]);
  const other = (piece: string) => {
    const known = others.get(piece) ?? hashOf(`${piece} ${tag}`).slice(0, piece.length);
    others.set(piece, known);
    return known;
  };
  const renamed = (pieces: readonly string[]) =>
    pieces.map((piece, at) => (at % 2 === 0 ? piece : other(piece))).join("");
  const { series, messages, decisions, review, reply } = JSON.parse(renamed(original.records)) as Records;
  const mails = original.mails.map((pieces) => Buffer.from(renamed(pieces), "latin1"));
  const writes: Write[] = [
    ...messages.flatMap((message, at) => [
      ...keepMessage(message, present("mail", mails[at]), null),
      ...message.groups.flatMap((group): Write[] => [
        ["SADD", groupKey(group), message.key],
        ["EXPIRE", groupKey(group), original.groupSeconds],
      ]),
    ]),
    ...decisions.map((decision) => keepDecision(decision, null)),
    ["SET", key("review", series.key), encodeRecord(review)],
    ["SET", key("grounds", series.key), original.grounds],
    ...newReplyWrites(reply),
  ];
  if (!(await replaceSeries(db, [], [{ ...series, closed }], { writes })))
    throw new Error(`there is a series ${tag} already`);
}
