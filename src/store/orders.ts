/**
 * Orders: mails that hold commands. An order is stored in the same step as its mail's decision, and stays
 * pending until what it asks for was done and its answer is in the outbox.
 */
import { hashOf, key, singleKey } from "./keys.ts";
import { encodeBytes, encodeRecord, readBytes, readRecord, type Db, type Stored } from "./record.ts";
import { transact, untilCommitted, type Write } from "./transact.ts";

export interface OrderRecord {
  /** Hash of the mail's id, as that of its decision. */
  readonly key: string;
  readonly messageId: string;
  /** `refused`: done, and a command was refused because the mail did not prove its sender. */
  readonly state: "pending" | "done" | "refused";
  /** Hash of what transport does not touch: another mail with the same id is no copy. */
  readonly content: string;
  /** It came while watching, so its Date need not say that it is new. */
  readonly news: boolean;
  /** Hash of the bytes, so that another copy of the mail is known as one. */
  readonly copy: string;
  /** How many copies were looked at. */
  readonly copies: number;
}

/** Longer than a signed mail is believed: nobody can send it again once it is forgotten. */
const KEPT_SECONDS = 30 * 86_400;
/** Copies of one mail by other ways: the list, a second list, the bot's own address. */
const MAX_COPIES = 5;

/** Writes that keep an order unless there is one under its key. */
export function newOrder(
  order: Pick<OrderRecord, "key" | "messageId" | "content" | "news">,
  bytes: Uint8Array,
  now: number,
): Write[] {
  const record: OrderRecord = { ...order, state: "pending", copy: hashOf(bytes), copies: 1 };
  const once = ["EX", KEPT_SECONDS, "NX"] as const;
  return [
    ["SET", key("order", order.key), encodeRecord(record), ...once],
    ["SET", key("order-mail", order.key), encodeBytes(bytes), ...once],
    ["ZADD", singleKey("orders"), "NX", now, order.key],
  ];
}

export async function findOrder(db: Db, name: string): Promise<Stored<OrderRecord> | null> {
  return readRecord<OrderRecord>(db, key("order", name));
}

export async function readOrderMail(db: Db, name: string): Promise<Buffer | null> {
  return readBytes(db, key("order-mail", name));
}

/** Keys of the orders that wait, oldest first. */
export async function listPendingOrders(db: Db, limit = 1000): Promise<string[]> {
  return db.redis.zrange(singleKey("orders"), "0", String(limit - 1));
}

/** Ends an order, with what is written in the same step. False: it was changed meanwhile. */
export async function finishOrder(
  db: Db,
  { value, stamp }: Stored<OrderRecord>,
  { refused, writes }: { refused: boolean; writes: readonly Write[] },
): Promise<boolean> {
  const next: OrderRecord = { ...value, state: refused ? "refused" : "done" };
  const guard = { key: key("order", value.key), stamp };
  return transact(
    db,
    [guard],
    [
      ["SET", guard.key, encodeRecord(next), "EX", KEPT_SECONDS],
      ["DEL", key("order-mail", value.key)],
      ["ZREM", singleKey("orders"), value.key],
      ...writes,
    ],
  );
}

/** Forgets that an order waits: it is gone or ended already. */
export async function dropPending(db: Db, name: string): Promise<void> {
  await db.redis.zrem(singleKey("orders"), name);
}

/**
 * A mail with commands came, maybe not for the first time. Where a former copy did not prove its sender this
 * one may: a list can break a signature that a direct mail still has. Then the order waits again.
 */
export async function offerCopy(
  db: Db,
  { name, content, bytes }: { name: string; content: string; bytes: Uint8Array },
): Promise<void> {
  await untilCommitted(async () => {
    const found = await findOrder(db, name);
    if (found === null || !isWorthALook(found.value, { content, copy: hashOf(bytes) }))
      return { done: true, result: undefined };
    const { value, stamp } = found;
    const next: OrderRecord = { ...value, state: "pending", copy: hashOf(bytes), copies: value.copies + 1 };
    const done = await transact(
      db,
      [{ key: key("order", name), stamp }],
      [
        ["SET", key("order", name), encodeRecord(next), "EX", KEPT_SECONDS],
        ["SET", key("order-mail", name), encodeBytes(bytes), "EX", KEPT_SECONDS],
        ["ZADD", singleKey("orders"), db.now(), name],
      ],
    );
    return done ? { done, result: undefined } : { done };
  });
}

function isWorthALook(order: OrderRecord, other: { content: string; copy: string }): boolean {
  const { state, content, copy, copies } = order;
  return state === "refused" && content === other.content && copy !== other.copy && copies < MAX_COPIES;
}

/** Whether this mail is the first that used these signatures. Asking again gives the same answer. */
export async function claimSignatures(db: Db, signatures: readonly string[], name: string): Promise<boolean> {
  for (const signature of signatures) {
    const where = key("used", hashOf(signature));
    await db.redis.set(where, name, "EX", KEPT_SECONDS, "NX");
    if ((await db.redis.get(where)) !== name) return false;
  }
  return true;
}
