/** Commands at the door: which mails hold some, what is stored of them, and how they get into the queue. */
import { boundary } from "../../killpoint.ts";
import type { Message } from "../../mail/message.ts";
import { messageKey } from "../../mail/part.ts";
import { parseCommands } from "../../reply/commands/parse.ts";
import { automaticReason } from "../../reply/policy/automatic.ts";
import { step, type Step } from "../../store/decisions.ts";
import { dropPending, findOrder, newOrder, offerCopy } from "../../store/orders.ts";
import type { Write } from "../../store/transact.ts";
import { identityOf, type Context } from "../context.ts";

/** What a mail asks for: its decision's steps, and the writes that keep it until it is acted on. */
export interface Asking {
  readonly steps: readonly Step[];
  readonly writes: readonly Write[];
}

export const NOTHING: Asking = { steps: [], writes: [] };

export interface OrderFacts {
  /** Hash of the mail's id. */
  readonly name: string;
  /** Hash of what transport does not touch. */
  readonly content: string;
}

/** Of a mail whose text may hold commands; nearly no mail's does. */
export function readAsking(
  { config, db }: Pick<Context, "config" | "db">,
  message: Message,
  { name, content, news }: OrderFacts & { readonly news: boolean },
): Asking {
  const commands = parseCommands(message.ownText);
  if (commands.length === 0) return NOTHING;
  const automatic = automaticReason(message, identityOf(config));
  if (automatic !== null)
    return { steps: [step(db, "command", "stopped", "automatic", automatic)], writes: [] };
  const text = commands.map(({ verb }) => verb).join(", ");
  const order = { key: name, messageId: messageKey(message), content, news };
  return {
    steps: [step(db, "command", "noted", "asked", text)],
    writes: newOrder(order, message.bytes, db.now()),
  };
}

/**
 * Sees to it that the commands of a mail that was taken in are in the queue as long as they wait. Repeatable;
 * the mail may have come by another way before.
 */
export async function followOrder(
  context: Pick<Context, "db" | "queues">,
  message: Message,
  { name, content }: OrderFacts,
): Promise<void> {
  await offerCopy(context.db, { name, content, bytes: message.bytes });
  await enqueueOrder(context, name);
}

/** Puts an order into the queue if it waits; asking again makes no second job. */
export async function enqueueOrder(
  { db, queues }: Pick<Context, "db" | "queues">,
  name: string,
): Promise<void> {
  const order = (await findOrder(db, name))?.value;
  if (order === undefined) return dropPending(db, name);
  if (order.state !== "pending") return;
  boundary("ordered");
  await queues.addCommand({ order: name, copy: order.copy });
}
