/**
 * Taking in messages, whatever their source, many at a time: idempotent, so that a source may deliver them any
 * number of times. When this returns, they are stored, placed in their series, and what follows is in the queue.
 */
import { boundary } from "../killpoint.ts";
import { describeError } from "../log.ts";
import { parseMessage, type Message } from "../mail/message.ts";
import { messageKey } from "../mail/part.ts";
import { buryLetter } from "../store/dead-letters.ts";
import { addArrival, findDecisions, step, type DecisionRecord, type Step } from "../store/decisions.ts";
import { hashOf } from "../store/keys.ts";
import { findMessages } from "../store/messages.ts";
import { changeSeries, findSeriesById } from "../store/series.ts";
import { transactEach } from "../store/transact.ts";
import { keeping, readArrival, type Arrival, type Arrived } from "./arrival.ts";
import { noteBounce } from "./commands/bounce.ts";
import { followOrder } from "./commands/order.ts";
import type { Context } from "./context.ts";
import { placeAll, type Placeable } from "./place.ts";
import { noteEcho } from "./reply/echo.ts";
import { saysApplied } from "./rules.ts";

/**
 * Never rejects for what a mail holds: such a mail becomes a dead letter, and its answer is false. Rejects when
 * the store is away.
 */
export async function ingest(context: Context, arrivals: readonly Arrival[]): Promise<boolean[]> {
  arrivals.forEach(() => boundary("fetched"));
  return takeInAll(context, arrivals);
}

async function takeInAll(context: Context, arrivals: readonly Arrival[]): Promise<boolean[]> {
  try {
    await takeIn(
      context,
      arrivals.map((arrival) => readArrival(context, arrival)),
    );
    return arrivals.map(() => true);
  } catch (error) {
    if (isStoreAway(error)) throw error;
    const [first] = arrivals;
    if (first === undefined) return [];
    if (arrivals.length === 1) return [await giveUp(context, first, error)];
    // Halves until the one that cannot be handled is alone; the others are taken in once more, which changes nothing.
    const middle = Math.ceil(arrivals.length / 2);
    const before = await takeInAll(context, arrivals.slice(0, middle));
    return [...before, ...(await takeInAll(context, arrivals.slice(middle)))];
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

async function giveUp(context: Context, arrival: Arrival, error: unknown): Promise<false> {
  const id = messageKey(parseMessage(arrival.mail.bytes));
  const about = { messageId: id, source: arrival.source, place: arrival.mail.place };
  context.log.error({ ...about, error: describeError(error) }, "not handled, kept as a dead letter");
  await bury(context, arrival, { id, reason: describeError(error).text });
  return false;
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

async function takeIn(context: Context, all: readonly Arrived[]): Promise<void> {
  const readable: Arrived[] = [];
  for (const one of all) {
    const { mail, source, marks } = one;
    const where = `${source}, ${mail.place}`;
    if (mail.unreadable !== null) {
      await bury(context, one, { id: `${mail.place} of ${source}`, reason: mail.unreadable });
      continue;
    }
    if (marks.own) await noteEcho(context, parseMessage(mail.bytes), where);
    readable.push(one);
  }
  await placeAll(context, await keepAll(context, readable));
  for (const one of readable) await followUp(context, one);
}

async function followUp(context: Context, arrived: Arrived): Promise<void> {
  const { id, name, decision, source, mail, marks } = arrived;
  if (marks.applied) await noteApplied(context, parseMessage(mail.bytes));
  if (marks.commands)
    await followOrder(context, parseMessage(mail.bytes), { name, content: decision.content });
  context.log.debug({ messageId: id, source, place: mail.place }, "taken in");
}

/** Stores what was not seen before, joins what was; returns those that may have a place. */
async function keepAll(context: Context, all: readonly Arrived[]): Promise<Placeable[]> {
  if (all.length === 0) return [];
  const formers = await findDecisions(
    context.db,
    all.map(({ name }) => name),
  );
  const known = new Map(formers.map((former) => [former.key, former]));
  const fresh = new Map<string, Arrived>();
  const joining: { arrived: Arrived; former: DecisionRecord }[] = [];
  // Of two with one id the second finds the first one stored.
  const again: Arrived[] = [];
  for (const arrived of all) {
    const former = known.get(arrived.name);
    if (former !== undefined) joining.push({ arrived, former });
    else if (fresh.has(arrived.name)) again.push(arrived);
    else fresh.set(arrived.name, arrived);
  }
  const joined = await joinAll(context, joining);
  const { kept, missed } = await keepFresh(context, [...fresh.values()]);
  return [...joined, ...kept, ...(await keepAll(context, [...missed, ...again]))];
}

/** These were seen before: this way is joined to the former ones. */
async function joinAll(
  context: Context,
  all: readonly { arrived: Arrived; former: DecisionRecord }[],
): Promise<Placeable[]> {
  await Promise.all(all.map(({ arrived, former }) => join(context, arrived, former)));
  const records = await findMessages(
    context.db,
    all.map(({ arrived }) => arrived.name),
  );
  const kept = new Map(records.map((record) => [record.key, record]));
  return all.flatMap(({ arrived: { name, live } }) => {
    const record = kept.get(name);
    return record === undefined ? [] : [{ record, live, decision: null }];
  });
}

async function join({ db }: Context, arrived: Arrived, former: DecisionRecord): Promise<void> {
  const { mail, source, name } = arrived;
  const { lists, content } = arrived.decision;
  const steps: Step[] = [];
  if (mail.deleted) steps.push(step(db, "seen", "noted", "withdrawn", `${source} withdrew it`));
  else if (!mail.oversized && former.content !== content) {
    const text = `another mail with this Message-ID came by ${source}; the first counts`;
    steps.push(step(db, "seen", "noted", "same-id-other-content", text));
  }
  const news = [...lists.filter((list) => !former.lists.includes(list)), ...steps];
  if (news.length > 0 || !former.sources.includes(source))
    await addArrival(db, name, { lists, source, steps });
}

/** One step, one state for each: decision, and what has to stay of the mail. `missed`: another source was faster. */
async function keepFresh(
  context: Context,
  all: readonly Arrived[],
): Promise<{ kept: Placeable[]; missed: Arrived[] }> {
  for (const { mail, ruling } of all)
    if (ruling.rule === "bounce") await noteBounce(context, parseMessage(mail.bytes));
  const done = await transactEach(
    context.db,
    all.map((arrived) => keeping(context, arrived)),
  );
  all.forEach(() => boundary("seen"));
  const stored = all.filter((_, at) => done[at]);
  return { kept: stored.flatMap(placeable), missed: all.filter((_, at) => !done[at]) };
}

function placeable({ live, ruling, record, decision }: Arrived): Placeable[] {
  return ruling.way === "part" && record !== null ? [{ record, live, decision }] : [];
}

/** A maintainer's "applied" closes the series it answers. Repeatable. */
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
