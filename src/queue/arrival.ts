/** One message that came by a source: what is read of it, what is decided on it alone, and what has to stay. */
import { hash } from "node:crypto";
import type { Config } from "../config.ts";
import type { Message } from "../mail/message.ts";
import { parseMessage } from "../mail/message.ts";
import { messageKey } from "../mail/part.ts";
import { parseSubject } from "../mail/subject.ts";
import type { SourceMessage } from "../sources/source.ts";
import { countMail } from "../store/counters.ts";
import { keepDecision, step, type DecisionRecord, type Step } from "../store/decisions.ts";
import { hashOf, key, singleKey } from "../store/keys.ts";
import { keepMessage, type MessageRecord } from "../store/messages.ts";
import type { Db } from "../store/record.ts";
import type { Transaction, Write } from "../store/transact.ts";
import { readAsking } from "./commands/order.ts";
import { ownAddresses, type Context } from "./context.ts";
import { groupKey, groupsOf } from "./placing.ts";
import { ruleOn, type Ruling } from "./rules.ts";

export interface Arrival {
  readonly mail: SourceMessage;
  /** Name of the source. */
  readonly source: string;
  /** The list whose mail the source is, if its settings say so. */
  readonly list: string | null;
  readonly live: boolean;
  /** It surely came after the source's past: what it asks for is done, whatever its Date says. */
  readonly news?: boolean;
}

/** An arrival that was read. */
export interface Arrived extends Arrival {
  readonly message: Message;
  /** Hash of its id. */
  readonly name: string;
  /** Hash of what transport does not touch. */
  readonly content: string;
  /** Every list it names or came by. */
  readonly lists: readonly string[];
}

/** What becomes of a mail that was not seen before. */
export interface Verdict {
  readonly arrived: Arrived;
  readonly ruling: Ruling;
  readonly decision: DecisionRecord;
  /** Null: only the decision is kept. */
  readonly record: MessageRecord | null;
  /** Holds unless it was seen meanwhile. */
  readonly transaction: Transaction;
}

const DAY_SECONDS = 86_400;

export function readArrival(arrival: Arrival): Arrived {
  const message = parseMessage(arrival.mail.bytes);
  const name = hashOf(messageKey(message));
  return { ...arrival, message, name, content: contentOf(message), lists: listsOf(arrival, message) };
}

function contentOf({ from, subject, patchText }: Message): string {
  const head = `${from?.address ?? ""}\n${subject.replace(/\s+/g, " ")}\n`;
  return hash("sha256", head + patchText.trim(), "hex").slice(0, 32);
}

function listsOf({ list }: Arrival, message: Message): string[] {
  const own = list === null ? [] : [list.replace("@", ".").toLowerCase()];
  return [...new Set([...own, ...message.lists])];
}

/** Reads no record. */
export function decide(context: Context, arrived: Arrived): Verdict {
  const { db, config } = context;
  const { message, name, content, lists, mail } = arrived;
  const ruling = mail.oversized ? tooLarge(mail.size) : ruleOn(message, ownAddresses(config));
  const asking = readAsking(context, message, { name, content, news: arrived.news === true });
  const decision = {
    key: name,
    messageId: message.messageId,
    lists,
    sources: [arrived.source],
    content,
    steps: [...firstSteps(db, arrived, ruling), ...asking.steps],
  };
  const record = ruling.way === "stop" ? null : recordOf(arrived, ruling);
  const seconds = secondsOf(config, ruling);
  const mailWrites = record === null ? [] : writesOf(record, { bytes: message.bytes, seconds, ruling, db });
  const writes = [
    ...mailWrites,
    ...asking.writes,
    keepDecision(decision, seconds),
    countMail(ruling.rule),
  ];
  const unseen = { key: key("decision", name), stamp: null };
  return { arrived, ruling, decision, record, transaction: { guards: [unseen], writes } };
}

function tooLarge(size: number): Ruling {
  return {
    way: "stop",
    rule: "too-large",
    reason: `${size} bytes are over the limit; only its header was read`,
  };
}

function secondsOf({ retention }: Config, { way }: Ruling): number {
  return (way === "part" ? retention.partsDays : retention.uninterestingDays) * DAY_SECONDS;
}

function firstSteps(db: Db, { message, source, lists, mail }: Arrived, ruling: Ruling): Step[] {
  const seen = `by ${source}${lists.length === 0 ? ", on no list it names" : ` on ${lists.join(", ")}`}`;
  const outcome = ruling.way === "part" ? "passed" : "stopped";
  return [
    step(db, "seen", "passed", "arrived", `${seen}, ${mail.place}`),
    ...message.problems.map((problem) => step(db, "read", "noted", problem.code, problem.text)),
    step(db, "rule", outcome, ruling.rule, ruling.reason),
  ];
}

function recordOf({ message, name }: Arrived, ruling: Ruling): MessageRecord {
  return {
    key: name,
    messageId: message.messageId,
    subject: message.subject,
    from: message.from?.address ?? "",
    date: message.date,
    size: message.size,
    concerns: ruling.way === "part" && ruling.concerns,
    groups: ruling.way === "part" ? groupsOf(message, parseSubject(message.subject)) : [],
  };
}

/** Parts of an interesting series stay longer than others: their groups have to, too. */
const GROUP_LIFE = 30;

function writesOf(
  record: MessageRecord,
  { bytes, seconds, ruling, db }: { bytes: Uint8Array; seconds: number; ruling: Ruling; db: Db },
): Write[] {
  const shown: Write[] =
    ruling.way === "unplaced" ? [["ZADD", singleKey("unplaced"), db.now(), record.key]] : [];
  return [
    ...keepMessage(record, bytes, seconds),
    ...shown,
    // A group outlives its messages a little; what is gone is passed over.
    ...record.groups.flatMap((group): Write[] => [
      ["SADD", groupKey(group), record.key],
      ["EXPIRE", groupKey(group), Math.ceil(seconds * GROUP_LIFE)],
    ]),
  ];
}
