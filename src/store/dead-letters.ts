/** What could not be handled, kept whole with its reason until somebody retries or drops it. */
import { key, singleKey } from "./keys.ts";
import { encodeBytes, encodeRecord, readBytes, readRecords, type Db } from "./record.ts";
import { transact } from "./transact.ts";

export interface DeadLetter {
  readonly key: string;
  readonly messageId: string | null;
  readonly source: string;
  /** Lists the source names; the headers' own are read again on a retry. */
  readonly lists: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

export async function buryLetter(db: Db, letter: DeadLetter, bytes: Uint8Array): Promise<void> {
  await transact(
    db,
    [],
    [
      ["SET", key("dead-letter", letter.key), encodeRecord(letter)],
      ["SET", key("dead-mail", letter.key), encodeBytes(bytes)],
      ["ZADD", singleKey("dead"), Date.parse(letter.at), letter.key],
    ],
  );
}

export async function listDeadLetters(db: Db, limit = 1000): Promise<DeadLetter[]> {
  const names = await db.redis.zrevrange(singleKey("dead"), 0, limit - 1);
  return readRecords<DeadLetter>(
    db,
    names.map((name) => key("dead-letter", name)),
  );
}

export async function findDeadLetter(
  db: Db,
  name: string,
): Promise<{ letter: DeadLetter; bytes: Buffer } | null> {
  const [letter] = await readRecords<DeadLetter>(db, [key("dead-letter", name)]);
  const bytes = await readBytes(db, key("dead-mail", name));
  return letter === undefined || bytes === null ? null : { letter, bytes };
}

export async function dropDeadLetter(db: Db, name: string): Promise<void> {
  await transact(
    db,
    [],
    [
      ["DEL", key("dead-letter", name)],
      ["DEL", key("dead-mail", name)],
      ["ZREM", singleKey("dead"), name],
    ],
  );
}
