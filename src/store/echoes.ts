/**
 * avicbot's own mails as they came back by a source, found by what they answer. The lists keep them whatever
 * happens to this store: reading the lists again brings back what was answered.
 */
import { hashOf, key } from "./keys.ts";
import { encodeBytes, encodeRecord, readBytes, readRecord, readRecords, type Db } from "./record.ts";
import { transact } from "./transact.ts";

export interface EchoRecord {
  readonly messageId: string;
  /** The mail that it answers. */
  readonly answers: string;
  /** Source and place. */
  readonly where: string;
  /** When it was sent, by its Date; milliseconds since the epoch. */
  readonly sentAt: number;
}

/** Keeps an own mail; the first one that answers a mail counts. */
export async function keepEcho(db: Db, echo: EchoRecord, bytes: Uint8Array, seconds: number): Promise<void> {
  const expiry = ["EX", Math.ceil(seconds)] as const;
  const where = key("echo", hashOf(echo.answers));
  await transact(
    db,
    [{ key: where, stamp: null }],
    [
      ["SET", where, encodeRecord(echo), ...expiry],
      ["SET", key("mail", hashOf(echo.messageId)), encodeBytes(bytes), ...expiry],
    ],
  );
}

/** The own mail that answers this one. */
export async function findEcho(db: Db, messageId: string): Promise<EchoRecord | null> {
  return (await readRecord<EchoRecord>(db, key("echo", hashOf(messageId))))?.value ?? null;
}

/** Own mails that answer any of these, in their order. */
export async function findEchoes(db: Db, messageIds: readonly string[]): Promise<EchoRecord[]> {
  return readRecords<EchoRecord>(
    db,
    messageIds.map((id) => key("echo", hashOf(id))),
  );
}

/** Its bytes as the list has them. */
export async function readEcho(db: Db, { messageId }: EchoRecord): Promise<Buffer | null> {
  return readBytes(db, key("mail", hashOf(messageId)));
}
