/**
 * Acting on the commands of one mail. What a command does is known by its mail, so that doing it again after a
 * crash changes nothing; the order ends in the same step that puts its answer into the outbox.
 */
import { boundary } from "../../killpoint.ts";
import { parseMessage, type Message } from "../../mail/message.ts";
import { dnsResolver, staleness, verifySender, type Authority } from "../../reply/commands/authority.ts";
import { parseCommands, type Command } from "../../reply/commands/parse.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { automaticReason } from "../../reply/policy/automatic.ts";
import { addSteps, step, type Step } from "../../store/decisions.ts";
import { dropPending, findOrder, finishOrder, readOrderMail, type OrderRecord } from "../../store/orders.ts";
import type { Stored } from "../../store/record.ts";
import { beganAt } from "../../store/schema.ts";
import { newReplyWrites } from "../../store/replies.ts";
import { identityOf, type Context } from "../context.ts";
import type { Acting, Outcome } from "./acting.ts";
import { makeAnswer } from "./answer.ts";
import { maintain } from "./maintain.ts";
import { muteByMail } from "./mutes.ts";
import { query } from "./query.ts";

/** A DNS that may answer later. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";
}

/** `last`: nothing is tried later, so what cannot be checked now counts as not proven. */
export async function obeyOrder(context: Context, name: string, last: boolean): Promise<string> {
  const { db } = context;
  const order = await findOrder(db, name);
  if (order?.value.state !== "pending") {
    await dropPending(db, name);
    return order === null ? "gone" : "done before";
  }
  boundary("acting");
  const bytes = await readOrderMail(db, name);
  const message = bytes === null ? null : parseMessage(bytes);
  const from = message?.from?.address.toLowerCase();
  if (message === null || from === undefined)
    return end(context, order, { steps: [note(context, "its mail is unusable")] });
  const automatic = automaticReason(message, identityOf(context.config));
  if (automatic !== null) return end(context, order, { steps: [note(context, automatic)] });
  return obey(actingFor(context, { message, from, order: order.value, last }), order);
}

function note({ db }: Context, text: string): Step {
  return step(db, "command", "stopped", "not-acted-on", text);
}

/** Gives an order up; `avicbot why` tells the reason. */
export async function failOrder(context: Context, name: string, reason: string): Promise<void> {
  const order = await findOrder(context.db, name);
  if (order?.value.state !== "pending") return;
  await end(context, order, { steps: [note(context, `it failed: ${reason}`)] });
}

interface Ordered {
  readonly message: Message;
  readonly from: string;
  readonly order: OrderRecord;
  readonly last: boolean;
}

function actingFor(context: Context, ordered: Ordered): Acting {
  const { message, from, order } = ordered;
  let authority: Promise<Authority> | undefined;
  return {
    context,
    message,
    from,
    by: `${from} in <${order.messageId}>`,
    authority: () => (authority ??= findAuthority(context, ordered)),
  };
}

async function findAuthority({ config: { mail } }: Context, ordered: Ordered): Promise<Authority> {
  const { message, last } = ordered;
  const authority = await verifySender(message, {
    resolver: dnsResolver(mail.dnsServers),
    sealers: mail.trustedSealers,
  });
  if (!authority.verified && authority.temporary && !last) throw new TryAgain(authority.reason);
  return authority;
}

async function obey(acting: Acting, order: Stored<OrderRecord>): Promise<string> {
  const { context, message } = acting;
  const commands = parseCommands(message.ownText);
  const late = await lateness(context, { message, order: order.value });
  const outcomes: Outcome[] = [];
  for (const command of commands) outcomes.push(await act(acting, command, late));
  boundary("acted");
  const steps = outcomes.map(({ verb, done, text }) =>
    step(context.db, "command", done ? "passed" : "stopped", verb, text),
  );
  if (late !== null) return end(context, order, { steps });
  const proven = commands.some(needsProof) && (await acting.authority()).verified;
  const answer = await makeAnswer(acting, order.value, { outcomes, proven });
  const told = answer.ok
    ? step(context.db, "command", "noted", "answered", `<${answer.record.messageId}> to ${acting.from}`)
    : step(context.db, "command", "stopped", "no-answer", answer.reason);
  return end(context, order, {
    steps: [...steps, told],
    refused: outcomes.some((outcome) => outcome.refused === true),
    answer: answer.ok ? answer.record : null,
  });
}

/**
 * Why nobody waits for an answer any more; mutes count all the same, and silently: a store that was lost gets
 * them back from the archive.
 */
async function lateness(
  { db }: Context,
  { message, order }: Pick<Ordered, "message" | "order">,
): Promise<string | null> {
  if (order.news) return null;
  // A Date header has no milliseconds.
  const before = Date.parse(message.date ?? "") + 1000 <= (await beganAt(db));
  return before ? "it was written before this store was begun" : staleness(message, db.now());
}

function needsProof({ verb }: Command): boolean {
  return verb !== "query" && verb !== "help" && verb !== "unknown";
}

async function act(acting: Acting, command: Command, late: string | null): Promise<Outcome> {
  if (command.verb === "mute" || command.verb === "unmute") return muteByMail(acting, command);
  if (late !== null) return { verb: command.verb, done: false, text: late };
  switch (command.verb) {
    case "query":
      return query(acting, command.target);
    case "help":
      return { verb: "help", done: true, text: "explained" };
    case "unknown":
      return { verb: "unknown", done: false, text: "a line was not understood" };
    default:
      return maintain(acting, { ...command, verb: command.verb });
  }
}

interface Ending {
  readonly steps: readonly Step[];
  readonly refused?: boolean;
  readonly answer?: OutboxRecord | null;
}

/** The order ends and its answer is in the outbox in one step. */
async function end(context: Context, order: Stored<OrderRecord>, ending: Ending): Promise<string> {
  const { steps, refused = false, answer = null } = ending;
  const { key, messageId } = order.value;
  await addSteps(context.db, key, steps);
  const writes = answer === null ? [] : newReplyWrites(answer);
  if (!(await finishOrder(context.db, order, { refused, writes }))) return "changed meanwhile";
  const texts = steps.map(({ rule, text }) => `${rule}: ${text}`);
  context.log.info({ messageId, commands: texts }, "commands");
  return texts.join("; ");
}
