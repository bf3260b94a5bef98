/**
 * What is true of a case, read off the SMTP server, the list's folder and the store: every series answered once,
 * no answer that was not wanted, each under its own patch and in the words of an undisturbed run.
 */
import { createHash } from "node:crypto";
import { parseMessage, type Message } from "../../src/mail/message.ts";
import type { OutboxRecord } from "../../src/reply/outbox/record.ts";
import { QUEUE_NAMES } from "../../src/queue/queues.ts";
import { hashOf, key, QUEUE_PREFIX } from "../../src/store/keys.ts";
import { findDecision } from "../../src/store/decisions.ts";
import { listDeadLetters } from "../../src/store/dead-letters.ts";
import { findSeriesByText } from "../../src/store/lookup.ts";
import { listReplies } from "../../src/store/replies.ts";
import { findSeries, stateOf } from "../../src/store/series.ts";
import type { TakenMail } from "../support/smtp.ts";
import { isPast } from "./world.ts";
import { addressOf, LIST, LKML, withoutToken, type Answer, type BodyName, type Unit } from "./traffic.ts";
import type { Scene } from "./scene.ts";

/** Texts of an undisturbed run; null: it is being made. */
export type Reference = ReadonlyMap<BodyName, string> | null;

export interface Judgement {
  /** What a further wait may mend; at the end of a case it is lost. */
  readonly unfinished: readonly string[];
  /** Answers that a reader sees twice: with another Message-ID or other bytes. */
  readonly duplicates: readonly string[];
  /** The same bytes taken again by the server: archives fold them. */
  readonly rawDoubles: number;
  readonly wrongThread: readonly string[];
  readonly wrongBody: readonly string[];
}

interface Sent {
  readonly mail: TakenMail;
  readonly message: Message;
}

export async function judge(scene: Scene): Promise<Judgement> {
  const sent = scene.world.smtp.taken.map((mail) => ({ mail, message: parseMessage(mail.bytes) }));
  const byParent = groupByParent(sent);
  const answers = scene.units.flatMap((unit) => unit.answers.map((answer) => ({ unit, answer })));
  const wanted = new Set(answers.map(({ answer }) => answer.to));
  const missing = answers.filter(({ answer }) => answer.must && !byParent.has(answer.to));
  const groups = [...byParent.values()];
  return {
    unfinished: [
      ...missing.map(({ answer }) => `no reply to ${answer.to}`),
      ...(scene.options.program === "avicbot" ? await unfinishedIn(scene) : []),
    ],
    duplicates: groups.flatMap(visibleDoubles),
    rawDoubles: groups.reduce((sum, group) => sum + group.length - distinct(group).size, 0),
    wrongThread: sent.flatMap(({ message }) => strayIn(message, wanted)),
    wrongBody:
      scene.options.program === "avicbot" && scene.options.reference !== null
        ? answers.flatMap((one) => wrongWords(scene, byParent.get(one.answer.to) ?? [], one))
        : [],
  };
}

function groupByParent(sent: readonly Sent[]): Map<string, Sent[]> {
  const groups = new Map<string, Sent[]>();
  for (const one of sent) {
    const parent = one.message.inReplyTo[0] ?? "";
    groups.set(parent, [...(groups.get(parent) ?? []), one]);
  }
  return groups;
}

function distinct(group: readonly Sent[]): Set<string> {
  return new Set(
    group.map(({ mail, message }) => {
      const hash = createHash("sha256").update(mail.bytes).digest("hex");
      return `${message.messageId ?? ""} ${hash}`;
    }),
  );
}

function visibleDoubles(group: readonly Sent[]): string[] {
  const seen = distinct(group);
  return seen.size < 2 ? [] : [`${seen.size} replies to ${group[0]?.message.inReplyTo[0] ?? "nothing"}`];
}

function strayIn({ inReplyTo, references }: Message, wanted: ReadonlySet<string>): string[] {
  const parent = inReplyTo[0] ?? "";
  const fits = wanted.has(parent) && inReplyTo.length === 1 && references.at(-1) === parent;
  return fits ? [] : [`a mail in reply to ${inReplyTo.join(", ") || "nothing"}`];
}

/** Other words than those of the undisturbed run, or other recipients. */
function wrongWords(
  { options: { reference }, refused }: Scene,
  group: readonly Sent[],
  { unit, answer }: { unit: Unit; answer: Answer },
): string[] {
  const bodies = answer.bodies.map((name) => reference?.get(name));
  const people = [addressOf(unit.token), LIST, LKML]
    .filter((one) => !refused.has(one))
    .sort()
    .join();
  return group.flatMap(({ mail }) => {
    const words = bodyOf(mail, unit.token);
    if (!bodies.includes(words)) return [`other words to ${answer.to}:\n${words}`];
    return [...mail.recipients].sort().join() === people
      ? []
      : [`to ${mail.recipients.join()}: ${answer.to}`];
  });
}

/**
 * Behind the header, as sent, but for the names of the unit. Its thread is named by the cover, or by the first part
 * where the cover came later.
 */
export function bodyOf({ bytes }: TakenMail, token: string): string {
  const text = bytes.toString("latin1");
  const body = withoutToken(text.slice(text.indexOf("\r\n\r\n") + 4), token);
  return body.replace(/(b4 mbox -o - \d{8})\.\d\./, "$1.0.");
}

/** What the books of the service do not show as done. */
async function unfinishedIn(scene: Scene): Promise<string[]> {
  const { db, units, settled } = scene;
  const series = await Promise.all(
    units.flatMap((unit) =>
      unit.series.map(async ({ id, states }) => {
        const found = await findSeriesByText(db, id);
        const state = found === null ? "unknown" : stateOf(found.value);
        return (states as readonly string[]).includes(state) ? [] : [`the series ${id} is ${state}`];
      }),
    ),
  );
  const replies = (await listReplies(db)).filter(({ state }) => !settled.has(state));
  const open = await Promise.all(replies.map(async (reply) => ((await isMoot(scene, reply)) ? [] : [reply])));
  return [
    ...series.flat(),
    ...open.flat().map(({ messageId, state, reason }) => `${messageId} is ${state}: ${reason ?? ""}`),
    ...(await unseenMails(scene)),
    ...(await unexpectedLetters(scene)),
    ...(await waitingJobs(scene)),
  ];
}

/** Held when a later version took its series' place: nobody can let it go out any more. */
async function isMoot({ db }: Scene, { state, series }: OutboxRecord): Promise<boolean> {
  if (state !== "held" || series === null) return false;
  return (await findSeries(db, series))?.value.closed?.state === "superseded";
}

/** At the end: every mail of the list's folder was taken in or is a dead letter, and what was sent is among them. */
export async function judgeFolder({ world, db, deadLetters }: Scene): Promise<string[]> {
  const ids = world.listFolder().map((mail) => /^Message-I[dD]: <(.*)>$/m.exec(mail)?.[1] ?? "");
  const found = await Promise.all(ids.map((id) => db.redis.exists(key("decision", hashOf(id)))));
  const unknown = ids.filter((id, at) => found[at] === 0 && !isPast(id));
  const sent = world.smtp.taken.map(({ bytes }) => parseMessage(bytes).messageId ?? "");
  return [
    ...(unknown.length > deadLetters.length
      ? unknown.map((id) => `${id} is in the folder and nobody knows it`)
      : []),
    ...sent.filter((id) => !ids.includes(id)).map((id) => `${id} was sent and is not in the folder`),
  ];
}

async function unseenMails({ db, units }: Scene): Promise<string[]> {
  const ids = units.flatMap(({ mails }) =>
    mails.map((mail) => /^Message-I[dD]: <(.*)>$/m.exec(mail)?.[1] ?? ""),
  );
  const found = await Promise.all(ids.map((id) => findDecision(db, hashOf(id))));
  return ids.filter((_, at) => found[at] === null).map((id) => `${id} was not taken in`);
}

/** Each dead letter is one that a fault made, and each of those is there. */
async function unexpectedLetters({ db, deadLetters }: Scene): Promise<string[]> {
  const reasons = (await listDeadLetters(db)).map(({ reason }) => reason);
  const rest = [...deadLetters];
  const stray = reasons.filter((reason) => {
    const at = rest.findIndex((text) => reason.includes(text));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [
    ...stray.map((reason) => `a dead letter: ${reason}`),
    ...rest.map((text) => `no dead letter: ${text}`),
  ];
}

/** Jobs that wait, run or failed; those of upkeep always wait for their next time. */
async function waitingJobs({ db }: Scene): Promise<string[]> {
  const names = QUEUE_NAMES.filter((name) => name !== "upkeep" && name !== "deadline");
  const counts = await Promise.all(
    names.map(async (name) => {
      const part = (of: string) => `${QUEUE_PREFIX}:${name}:${of}`;
      const [waits, runs] = await Promise.all([db.redis.llen(part("wait")), db.redis.llen(part("active"))]);
      const sorted = ["prioritized", "delayed", "failed"].map((of) => db.redis.zcard(part(of)));
      return (await Promise.all(sorted)).reduce((sum, count) => sum + count, waits + runs);
    }),
  );
  return names.flatMap((name, at) => (counts[at] === 0 ? [] : [`${counts[at]} jobs in ${name}`]));
}
