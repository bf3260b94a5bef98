/** Messages that concern AVIC or may belong to a series that does: what is known of them, and their bytes. */
import { key } from "./keys.ts";
import { encodeBytes, encodeRecord, readBytes, readRecord, readRecords, stampOf, type Db } from "./record.ts";
import type { Guard, Write } from "./transact.ts";

export interface MessageRecord {
  readonly key: string;
  readonly messageId: string | null;
  readonly subject: string;
  readonly from: string;
  readonly date: string | null;
  readonly size: number;
  /** Whether the first look found something of AVIC in it. */
  readonly concerns: boolean;
  /** Found by these groups; see `groupsOf`. */
  readonly groups: readonly string[];
}

/** Writes that keep a message; `seconds` is how long, null for as long as its series. */
export function keepMessage(record: MessageRecord, bytes: Uint8Array, seconds: number | null): Write[] {
  const expiry = seconds === null ? [] : ["EX", Math.ceil(seconds)];
  return [
    ["SET", key("message", record.key), encodeRecord(record), ...expiry],
    ["SET", key("mail", record.key), encodeBytes(bytes), ...expiry],
  ];
}

/** Hold as long as these messages are kept as they were read. */
export function guardMessages(records: readonly MessageRecord[]): Guard[] {
  return records.map((record) => ({ key: key("message", record.key), stamp: stampOf(record) }));
}

/** Writes that lift the time limit of messages whose series turned out to concern AVIC. */
export function persistMessages(keys: readonly string[]): Write[] {
  return keys.flatMap((name): Write[] => [
    ["PERSIST", key("message", name)],
    ["PERSIST", key("mail", name)],
    ["PERSIST", key("decision", name)],
  ]);
}

export function dropMessages(keys: readonly string[]): Write[] {
  return keys.flatMap((name): Write[] => [
    ["DEL", key("message", name)],
    ["DEL", key("mail", name)],
  ]);
}

export async function findMessage(db: Db, name: string): Promise<MessageRecord | null> {
  return (await readRecord<MessageRecord>(db, key("message", name)))?.value ?? null;
}

export async function findMessages(db: Db, names: readonly string[]): Promise<MessageRecord[]> {
  return readRecords<MessageRecord>(
    db,
    names.map((name) => key("message", name)),
  );
}

const MEMBERS = `
local all = {}
for i = 1, #KEYS do all[i] = redis.call('SMEMBERS', KEYS[i]) end
return all`;

/** Keys of the messages in each of these groups. */
export async function membersOf(db: Db, groups: readonly string[]): Promise<string[][]> {
  if (groups.length === 0) return [];
  return (await db.redis.eval(MEMBERS, groups.length, [...groups])) as string[][];
}

export async function readMail(db: Db, name: string): Promise<Buffer | null> {
  return readBytes(db, key("mail", name));
}
