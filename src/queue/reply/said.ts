/** What avicbot said about a series: its reply and the corrections of it, by the mails that went out. */
import { parseMessage, type Message } from "../../mail/message.ts";
import type { OutboxRecord, OutboxState } from "../../reply/outbox/record.ts";
import { readTable, type ShownRow } from "../../reply/shown.ts";
import { findEchoes, readEcho } from "../../store/echoes.ts";
import type { Db } from "../../store/record.ts";
import { listChain } from "../../store/replies.ts";

/** A mail that is out, or may be. */
export interface Said {
  readonly record: OutboxRecord;
  readonly message: Message;
  readonly rows: readonly ShownRow[];
}

/** States of a mail that is out, or may be. */
export const OUT: readonly OutboxState[] = ["sending", "sent", "echoed"];

/** What the list has where it came back from there, else the bytes that were sent. */
async function readSaid(db: Db, record: OutboxRecord): Promise<Said> {
  const [echo] = await findEchoes(db, record.answered);
  const bytes = (echo === undefined ? null : await readEcho(db, echo)) ?? Buffer.from(record.mail, "latin1");
  const message = parseMessage(bytes);
  return { record, message, rows: readTable(message.text) };
}

/** The reply to a series or, where it was corrected, the last correction; null: nothing went out. */
export async function lastSaid(db: Db, series: string): Promise<Said | null> {
  const chain = await listChain(db, series);
  const waiting = chain.findIndex(({ state }) => !OUT.includes(state));
  const last = chain.slice(0, waiting < 0 ? chain.length : waiting).at(-1);
  return last === undefined ? null : readSaid(db, last);
}
