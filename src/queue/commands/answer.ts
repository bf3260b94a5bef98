/** The answer to the commands of one mail: to its sender alone, within the limits, at most once. */
import { cleanAddress } from "../../reply/clean.ts";
import { renderAnswer } from "../../reply/commands/answer.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { isKnownBot } from "../../reply/policy/automatic.ts";
import { noteAsked } from "../../store/mutes.ts";
import type { OrderRecord } from "../../store/orders.ts";
import { ownAddresses } from "../context.ts";
import { letterRecord } from "../reply/letter.ts";
import { findPlace, type Acting, type Outcome } from "./acting.ts";

export type Answer =
  { readonly ok: true; readonly record: OutboxRecord } | { readonly ok: false; readonly reason: string };

function none(reason: string): Answer {
  return { ok: false, reason };
}

/** `proven`: the mail was found to be its sender's; forgers must not use up what is his. */
export async function makeAnswer(
  acting: Acting,
  order: OrderRecord,
  { outcomes, proven }: { outcomes: readonly Outcome[]; proven: boolean },
): Promise<Answer> {
  const { context, message, from } = acting;
  const objection = addressObjection(acting);
  if (objection !== null) return none(objection);
  const help = await helpDue(acting, order, outcomes);
  const told = outcomes.filter(({ verb }) => verb !== "help" && (verb !== "unknown" || help));
  if (told.length === 0 && !help) return none("the commands were explained to this sender today");
  const full = await limitReached(acting, order, proven);
  if (full !== null) return none(full);
  const place = await findPlace(context.db, message, null);
  const record = await letterRecord(context, {
    kind: "answer",
    identity: `${order.messageId} ${order.copies}`,
    to: { name: message.from?.name ?? "", address: from },
    subject: message.subject,
    target: message,
    series: place?.series.key ?? null,
    body: renderAnswer(told, help),
  });
  return record === null ? none("mail.from is not set, or the mail has no usable id") : { ok: true, record };
}

/** Nobody posts from the host of a list: an answer there would reach the list. */
function addressObjection({ context: { config }, from }: Acting): string | null {
  const host = from.split("@").pop() ?? "";
  const hosts = config.lists.map(({ address }) => address.split("@").pop()?.toLowerCase());
  if (cleanAddress(from) === null) return "the sender's address cannot be written to";
  if (hosts.includes(host)) return "the sender's address is at the host of a list";
  const own = ownAddresses(config).some((address) => address.toLowerCase() === from);
  return own || isKnownBot(from, config.bots) ? "the sender is a bot" : null;
}

/** Asked for, or one of the mails' lines was understood by nobody; that is explained once a day. */
async function helpDue(
  { context, from }: Acting,
  order: OrderRecord,
  outcomes: readonly Outcome[],
): Promise<boolean> {
  const verbs = outcomes.map(({ verb }) => verb);
  if (verbs.includes("help")) return true;
  if (!verbs.includes("unknown")) return false;
  const asked = await noteAsked(context.db, { what: "help", address: from, mail: order.key });
  return asked === 0;
}

async function limitReached(
  { context: { db, config }, from }: Acting,
  { key: mail }: OrderRecord,
  proven: boolean,
): Promise<string | null> {
  const { answersPerSenderAndDay, answersPerDay } = config.limits;
  const what = proven ? "proven answers" : "answers";
  if ((await noteAsked(db, { what, address: from, mail })) >= answersPerSenderAndDay)
    return `${answersPerSenderAndDay} answers went to this sender in the last day`;
  if (proven || (await noteAsked(db, { what, address: "*", mail })) < answersPerDay) return null;
  return `${answersPerDay} answers were made in the last day`;
}
