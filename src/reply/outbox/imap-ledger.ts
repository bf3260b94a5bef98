/** The list's own folders as the ledger of last resort: is this mail there already? */
import type { SearchObject } from "imapflow";
import { imapOptions, type ImapAccess } from "../../sources/imap-options.ts";
import { ImapSession } from "../../sources/imap-session.ts";
import type { Ledger, LedgerAnswer, LedgerQuestion } from "./ports.ts";

export interface ImapLedgerSettings extends ImapAccess {
  readonly folders: readonly string[];
}

const LIMIT_MS = 30_000;
/** Ids in one SEARCH; a reply answers one of the parts that change the sets. */
const MAX_ANSWERED = 40;

/** The mail itself, or another one of avicbot's that answers one of the same mails. */
function searches({ messageId, answered, from }: LedgerQuestion): SearchObject[] {
  const answers = answered
    .slice(-MAX_ANSWERED)
    .map((id): SearchObject => ({ from, header: { "in-reply-to": id } }));
  return [{ header: { "message-id": messageId } }, ...answers];
}

async function findIn(
  session: ImapSession,
  folder: string,
  question: LedgerQuestion,
): Promise<string | null> {
  // Opened anew each time: a SEARCH knows only what the session was told of.
  await session.run((client) => client.mailboxOpen(folder, { readOnly: true }), LIMIT_MS);
  for (const search of searches(question)) {
    const uids = await session.run((client) => client.search(search, { uid: true }), LIMIT_MS);
    // imapflow answers false instead of an error.
    if (!Array.isArray(uids)) throw new Error(`the IMAP server did not search ${folder}`);
    if (uids.length > 0) return `in ${folder}, uid ${uids[0]}`;
  }
  return null;
}

/** Keeps one connection and makes another when it ended. Never rejects. */
export function imapLedger(settings: ImapLedgerSettings): Ledger {
  const closing = new AbortController();
  let session: ImapSession | null = null;
  async function look(question: LedgerQuestion): Promise<LedgerAnswer> {
    session ??= await ImapSession.open(imapOptions(settings), closing.signal);
    for (const folder of settings.folders) {
      const where = await findIn(session, folder, question);
      if (where !== null) return { kind: "found", where };
    }
    return { kind: "absent" };
  }
  return {
    async find(question) {
      const fresh = session === null;
      try {
        return await look(question);
      } catch (error) {
        session?.close();
        session = null;
        // A kept connection may have died of old age.
        if (!fresh) return this.find(question);
        return { kind: "unavailable", text: (error as Error).message.split("\n")[0] ?? "IMAP" };
      }
    },
    close() {
      closing.abort();
      session?.close();
      return Promise.resolve();
    },
  };
}
