/**
 * Taking in one message, whatever its source: idempotent, so that a source may deliver it any number of times.
 * When this returns, the message is stored, placed in its series, and what follows from it is in the queue.
 */
import { createHash } from "node:crypto";
import { boundary } from "../killpoint.ts";
import { describeError } from "../log.ts";
import { parseMessage, type Message } from "../mail/message.ts";
import { messageKey } from "../mail/part.ts";
import { parseSubject } from "../mail/subject.ts";
import { mayHoldCommands } from "../reply/commands/parse.ts";
import type { SourceMessage } from "../sources/source.ts";
import { buryLetter } from "../store/dead-letters.ts";
import { addArrival, addSteps, findDecision, keepDecision, step, type Step } from "../store/decisions.ts";
import { countMail } from "../store/counters.ts";
import { hashOf, key, singleKey } from "../store/keys.ts";
import { findMessage, keepMessage } from "../store/messages.ts";
import { changeSeries, findSeries, findSeriesById, type SeriesRecord } from "../store/series.ts";
import { transact, type Write } from "../store/transact.ts";
import { settleVersions } from "../store/versions.ts";
import { noteBounce } from "./commands/bounce.ts";
import { followOrder, readAsking } from "./commands/order.ts";
import { ownAddresses, type Context } from "./context.ts";
import { groupKey, groupsOf, placeMessage } from "./placing.ts";
import { adoptEchoes, noteEcho } from "./reply/echo.ts";
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

const DAY_SECONDS = 86_400;

/**
 * Never rejects for what a mail holds: such a mail becomes a dead letter, and the answer is false. Rejects when
 * the store is away.
 */
export async function ingest(context: Context, arrival: Arrival): Promise<boolean> {
  boundary("fetched");
  const message = parseMessage(arrival.mail.bytes);
  const id = messageKey(message);
  const log = context.log.child({ messageId: id, source: arrival.source, place: arrival.mail.place });
  try {
    await takeIn(context, arrival, message);
    if (mayHoldCommands(message.patchText))
      await followOrder(context, message, { name: hashOf(id), content: contentOf(message) });
    log.debug("taken in");
    return true;
  } catch (error) {
    if (isStoreAway(error)) throw error;
    log.error({ error: describeError(error) }, "not handled, kept as a dead letter");
    await bury(context, arrival, { id, reason: describeError(error).text });
    return false;
  }
}

/** ioredis' errors of a connection that is away, or of a server that refuses writes for now. */
function isStoreAway(error: unknown): boolean {
  const { name, message, code } = error as { name?: string; message?: string; code?: string };
  return (
    name === "MaxRetriesPerRequestError" ||
    name === "ReplyError" ||
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    /Connection is closed|Stream isn't writeable|Command timed out|Connection.{0,100}lost/i.test(
      message ?? "",
    )
  );
}

async function bury(context: Context, arrival: Arrival, dead: { id: string; reason: string }): Promise<void> {
  const { db } = context;
  const letter = {
    key: hashOf(dead.id),
    messageId: dead.id,
    source: arrival.source,
    lists: arrival.list === null ? [] : [arrival.list],
    at: new Date(db.now()).toISOString(),
    reason: dead.reason,
  };
  await buryLetter(db, letter, arrival.mail.bytes);
}

async function takeIn(context: Context, arrival: Arrival, message: Message): Promise<void> {
  const { mail } = arrival;
  const name = hashOf(messageKey(message));
  if (mail.unreadable !== null) {
    const id = `${mail.place} of ${arrival.source}`;
    return bury(context, arrival, { id, reason: mail.unreadable });
  }
  await noteEcho(context, message, `${arrival.source}, ${mail.place}`);
  if (await joinsKnown(context, arrival, { message, name })) {
    if ((await findMessage(context.db, name)) === null) return;
  } else {
    const ruling = mail.oversized ? tooLarge(mail.size) : ruleOn(message, ownAddresses(context.config));
    if (ruling.way === "stop" && ruling.rule === "bounce") await noteBounce(context, message);
    if (!(await keep(context, arrival, { message, name, ruling }))) return takeIn(context, arrival, message);
    if (ruling.way === "stop") return ruling.rule === "reply" ? noteApplied(context, message) : undefined;
    if (ruling.way === "unplaced") return;
  }
  await place(context, { name, live: arrival.live });
}

function tooLarge(size: number): Ruling {
  return {
    way: "stop",
    rule: "too-large",
    reason: `${size} bytes are over the limit; only its header was read`,
  };
}

interface Known {
  readonly message: Message;
  /** Hash of its id. */
  readonly name: string;
}

/** True if the message was seen before: then this way is joined to the former ones. */
async function joinsKnown(context: Context, arrival: Arrival, { message, name }: Known): Promise<boolean> {
  const { db } = context;
  const former = await findDecision(db, name);
  if (former === null) return false;
  const steps: Step[] = [];
  if (arrival.mail.deleted)
    steps.push(step(db, "seen", "noted", "withdrawn", `${arrival.source} withdrew it`));
  else if (!arrival.mail.oversized && former.content !== contentOf(message)) {
    const text = `another mail with this Message-ID came by ${arrival.source}; the first counts`;
    steps.push(step(db, "seen", "noted", "same-id-other-content", text));
  }
  const lists = listsOf(arrival, message);
  const news = [...lists.filter((list) => !former.lists.includes(list)), ...steps];
  if (news.length > 0 || !former.sources.includes(arrival.source)) {
    await addArrival(db, name, { lists, source: arrival.source, steps });
  }
  return true;
}

/** One step, one state: decision, and what has to stay of the mail. False: another source was faster. */
async function keep(context: Context, arrival: Arrival, made: Known & { ruling: Ruling }): Promise<boolean> {
  const { db, config } = context;
  const { message, name, ruling } = made;
  const passed = ruling.way === "part";
  const lists = listsOf(arrival, message);
  const days = passed ? config.retention.partsDays : config.retention.uninterestingDays;
  const asking = readAsking(context, message, {
    name,
    content: contentOf(message),
    news: arrival.news === true,
  });
  const seen = `by ${arrival.source}${lists.length === 0 ? ", on no list it names" : ` on ${lists.join(", ")}`}`;
  const decision = {
    key: name,
    messageId: message.messageId,
    lists,
    sources: [arrival.source],
    content: contentOf(message),
    steps: [
      step(db, "seen", "passed", "arrived", `${seen}, ${arrival.mail.place}`),
      ...oddities(context, message),
      step(db, "rule", passed ? "passed" : "stopped", ruling.rule, ruling.reason),
      ...asking.steps,
    ],
  };
  const mail = ruling.way === "stop" ? [] : mailWrites(made, days * DAY_SECONDS, db.now());
  const unseen = { key: key("decision", name), stamp: null };
  const kept = keepDecision(decision, days * DAY_SECONDS);
  const done = await transact(db, [unseen], [...mail, ...asking.writes, kept, countMail(ruling.rule)]);
  boundary("seen");
  return done;
}

function mailWrites(
  { message, name, ruling }: Known & { ruling: Ruling },
  seconds: number,
  now: number,
): Write[] {
  const groups = ruling.way === "part" ? groupsOf(message, parseSubject(message.subject)) : [];
  const record = {
    key: name,
    messageId: message.messageId,
    subject: message.subject,
    from: message.from?.address ?? "",
    date: message.date,
    size: message.size,
    concerns: ruling.way === "part" && ruling.concerns,
    groups,
  };
  const shown: Write[] = ruling.way === "unplaced" ? [["ZADD", singleKey("unplaced"), now, name]] : [];
  return [
    ...keepMessage(record, message.bytes, seconds),
    ...shown,
    // A group outlives its messages a little; what is gone is passed over.
    ...groups.flatMap((group): Write[] => [
      ["SADD", groupKey(group), name],
      ["EXPIRE", groupKey(group), Math.ceil(seconds * GROUP_LIFE)],
    ]),
  ];
}

/** Parts of an interesting series stay longer than others: their groups have to, too. */
const GROUP_LIFE = 30;

function oddities({ db }: Context, message: Message): Step[] {
  return message.problems.map((problem) => step(db, "read", "noted", problem.code, problem.text));
}

function listsOf(arrival: Arrival, message: Message): string[] {
  const own = arrival.list === null ? [] : [arrival.list.replace("@", ".").toLowerCase()];
  return [...new Set([...own, ...message.lists])];
}

/** What transport does not touch. */
function contentOf(message: Message): string {
  const hash = createHash("sha256");
  hash.update(`${message.from?.address ?? ""}\n${message.subject.replace(/\s+/g, " ")}\n`);
  return hash.update(message.patchText.trim()).digest("hex").slice(0, 32);
}

/** Places a stored message and sees to what follows. Repeatable. */
export async function place(
  context: Context,
  { name, live }: { name: string; live: boolean },
): Promise<void> {
  const { db, config } = context;
  const { own, changed } = await placeMessage(db, name, {
    own: ownAddresses(config),
    partWaitMs: config.limits.partWaitMinutes * 60_000,
    live,
  });
  for (const series of changed) {
    await adoptEchoes(context, series);
    await settleVersions(db, series);
  }
  const touched = own === null || changed.includes(own) ? changed : [own, ...changed];
  for (const series of touched) await enqueue(context, series);
  boundary("enqueued");
  if (own === null) await addSteps(db, name, [placeStep(context, name, null)]);
  // All parts: those that came before the first one about AVIC had no place yet.
  const placed = touched.flatMap((series) => series.parts.map((part) => ({ series, name: part.key })));
  await Promise.all(placed.map((one) => addSteps(db, one.name, [placeStep(context, one.name, one.series)])));
}

function placeStep({ db }: Context, name: string, series: SeriesRecord | null): Step {
  if (series === null) {
    const text = "no part of its series concerns AVIC so far; kept for a time in case one does";
    return step(db, "series", "stopped", "series-does-not-concern", text);
  }
  const part = series.parts.find((one) => one.key === name);
  const text = `part ${part?.index ?? "?"} of ${series.total} of v${series.version} <${series.id}>`;
  return step(db, "series", "passed", "placed", text);
}

/** Puts into the queue what a series waits for; asking again makes no second job. */
export async function enqueue({ db, queues }: Context, series: SeriesRecord): Promise<void> {
  const current = (await findSeries(db, series.key))?.value ?? series;
  if (current.closed !== null) return;
  const job = { series: current.key, inputs: current.inputs };
  if (current.progress === "reviewing" || current.undecided === true)
    await queues.addReview(job, current.live);
  if (current.progress === "collecting" && current.waitUntil !== null) {
    await queues.addDeadline(job, current.waitUntil);
  }
}

/** A maintainer's "applied" closes the series it answers. */
async function noteApplied(context: Context, message: Message): Promise<void> {
  const { db, config, log } = context;
  const line = saysApplied(message, config.maintainers);
  if (line === null) return;
  for (const id of [...message.inReplyTo, ...message.references].slice(0, 20)) {
    const found = await findSeriesById(db, id);
    if (found === null || found.value.closed !== null) continue;
    const reason = `${message.from?.address ?? ""}: ${line.slice(0, 100)}`;
    await changeSeries(db, found.value.key, (record) => ({
      ...record,
      closed: { state: "merged", by: "rule", at: db.now(), reason, successor: null },
    }));
    log.info({ messageId: messageKey(message), series: found.value.id }, "merged, says a maintainer");
  }
}
