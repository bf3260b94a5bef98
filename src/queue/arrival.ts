/** One message that came by a source: what is read of it, what is decided on it alone, and what has to stay. */
import { hash } from "node:crypto";
import type { Config } from "../config.ts";
import { parseMessage, type Message } from "../mail/message.ts";
import { messageKey } from "../mail/part.ts";
import { parseSubject } from "../mail/subject.ts";
import { mayHoldCommands } from "../reply/commands/parse.ts";
import type { SourceMessage } from "../sources/source.ts";
import { countMail } from "../store/counters.ts";
import { keepDecision, step, type DecisionRecord, type Step } from "../store/decisions.ts";
import { hashOf, key, singleKey } from "../store/keys.ts";
import { keepMessage, type MessageRecord } from "../store/messages.ts";
import type { Db } from "../store/record.ts";
import type { Transaction, Write } from "../store/transact.ts";
import { NOTHING, readAsking } from "./commands/order.ts";
import { ownAddresses, type Context } from "./context.ts";
import { groupKey } from "./neighbours.ts";
import { groupsOf } from "./placing.ts";
import { isOwn } from "./reply/echo.ts";
import { ruleOn, saysApplied, type Ruling } from "./rules.ts";

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

/** What there is to say of an arrival alone; of the mail itself nothing stays but its bytes. */
export interface Arrived extends Arrival {
  readonly id: string;
  /** Hash of its id. */
  readonly name: string;
  readonly ruling: Ruling;
  /** What is kept of it, unless it was seen before. */
  readonly decision: DecisionRecord;
  /** Null: only the decision is kept. */
  readonly record: MessageRecord | null;
  /** What it asks for. */
  readonly asking: readonly Write[];
  /** For the few of which more than this is to be read: whether … */
  readonly marks: Marks;
}

export interface Marks {
  /** … avicbot itself sent it, */
  readonly own: boolean;
  /** … it may hold commands, */
  readonly commands: boolean;
  /** … a maintainer says in it that something was applied. */
  readonly applied: boolean;
}

const DAY_SECONDS = 86_400;

/** Reads no record. */
export function readArrival(context: Context, arrival: Arrival): Arrived {
  const { db, config } = context;
  const message = parseMessage(arrival.mail.bytes);
  const id = messageKey(message);
  const name = hashOf(id);
  const content = contentOf(message);
  const lists = listsOf(arrival, message);
  const ruling = arrival.mail.oversized ? tooLarge(arrival.mail.size) : ruleOn(message, ownAddresses(config));
  const commands = mayHoldCommands(message.patchText);
  const facts = { name, content, news: arrival.news === true };
  const asking = commands ? readAsking(context, message, facts) : NOTHING;
  const decision = {
    key: name,
    messageId: message.messageId,
    lists,
    sources: [arrival.source],
    content,
    steps: [...firstSteps(db, arrival, { message, lists, ruling }), ...asking.steps],
  };
  const applied = ruling.rule === "reply" && saysApplied(message, config.maintainers) !== null;
  return {
    ...arrival,
    id,
    name,
    ruling,
    decision,
    record: ruling.way === "stop" ? null : recordOf(name, message, ruling),
    asking: asking.writes,
    marks: { own: isOwn(context, message), commands, applied },
  };
}

function contentOf({ from, subject, patchText }: Message): string {
  const head = `${from?.address ?? ""}\n${subject.replace(/\s+/g, " ")}\n`;
  return hash("sha256", head + patchText.trim(), "hex").slice(0, 32);
}

function listsOf({ list }: Arrival, message: Message): string[] {
  const own = list === null ? [] : [list.replace("@", ".").toLowerCase()];
  return [...new Set([...own, ...message.lists])];
}

/** Keeps it unless it was seen meanwhile. */
export function keeping({ config, db }: Context, arrived: Arrived): Transaction {
  const { name, ruling, decision, record, asking, mail } = arrived;
  const seconds = secondsOf(config, ruling);
  const mailWrites = record === null ? [] : writesOf(record, { bytes: mail.bytes, seconds, ruling, db });
  return {
    guards: [{ key: key("decision", name), stamp: null }],
    writes: [...mailWrites, ...asking, keepDecision(decision, seconds), countMail(ruling.rule)],
  };
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

interface Read {
  readonly message: Message;
  readonly lists: readonly string[];
  readonly ruling: Ruling;
}

function firstSteps(db: Db, { source, mail }: Arrival, { message, lists, ruling }: Read): Step[] {
  const seen = `by ${source}${lists.length === 0 ? ", on no list it names" : ` on ${lists.join(", ")}`}`;
  const outcome = ruling.way === "part" ? "passed" : "stopped";
  return [
    step(db, "seen", "passed", "arrived", `${seen}, ${mail.place}`),
    ...message.problems.map((problem) => step(db, "read", "noted", problem.code, problem.text)),
    step(db, "rule", outcome, ruling.rule, ruling.reason),
  ];
}

function recordOf(name: string, message: Message, ruling: Ruling): MessageRecord {
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
