/**
 * A public-inbox archive as the ledger of last resort. It has no index by Message-ID, but each of its commits
 * names the author of the mail in it: the own ones are few. What was read once is kept.
 */
import { parseMessage } from "../../mail/message.ts";
import { BlobReader, git, headCommit } from "../../sources/git-log.ts";
import { listEpochs, type Epoch } from "../../sources/public-inbox.ts";
import { HEADER_BYTES, headerOf } from "../../sources/source.ts";
import type { Ledger, LedgerAnswer, LedgerQuestion } from "./ports.ts";

interface OwnMail {
  readonly messageId: string | null;
  readonly answers: readonly string[];
  readonly commit: string;
}

/** The own mails of an epoch up to a commit. */
interface Read {
  readonly from: string;
  readonly head: string;
  readonly mails: readonly OwnMail[];
}

/** Commits that hold a mail by this author, newer than `since` if that is known to the repository. */
async function ownCommits(
  dir: string,
  from: string,
  { since, head }: { since: string | null; head: string },
): Promise<string[]> {
  const author = ["--fixed-strings", "--regexp-ignore-case", `--author=<${from}>`];
  const range = since === null ? [head] : [head, `^${since}`];
  return (await git(dir, ["rev-list", ...author, ...range, "--"])).split("\n").filter((line) => line !== "");
}

async function readMails(dir: string, commits: readonly string[]): Promise<OwnMail[]> {
  if (commits.length === 0) return [];
  const blobs = new BlobReader(dir, HEADER_BYTES);
  const mails: OwnMail[] = [];
  try {
    for (const commit of commits) {
      const blob = await blobs.read(`${commit}:m`);
      if (blob === null) continue;
      const { messageId, inReplyTo } = parseMessage(headerOf(blob.bytes));
      mails.push({ messageId, answers: inReplyTo, commit });
    }
  } finally {
    blobs.close();
  }
  return mails;
}

/** A repository without a head has no mail yet, or is damaged: then it must not pass for one without the mail. */
async function assertEmpty(dir: string): Promise<null> {
  const commits = await git(dir, ["rev-list", "--all", "--max-count=1"]);
  if (commits !== "") throw new Error(`${dir} has commits and no head`);
  return null;
}

/** What is new since the last reading; all of it when history was written anew. */
async function readOn({ dir }: Epoch, from: string, former: Read | undefined): Promise<Read | null> {
  const head = await headCommit(dir);
  if (head === null) return assertEmpty(dir);
  const known = former?.from === from ? former : undefined;
  if (known?.head === head) return known;
  const since = known?.head ?? null;
  const commits = await ownCommits(dir, from, { since, head }).catch(() => null);
  if (commits === null && since === null) throw new Error(`${dir} cannot be read by git`);
  if (commits === null) return readOn({ name: "", dir }, from, undefined);
  return { from, head, mails: [...(known?.mails ?? []), ...(await readMails(dir, commits))] };
}

function findIn({ mails }: Read, { messageId, answered }: LedgerQuestion): OwnMail | undefined {
  const ids = new Set(answered);
  return mails.find((mail) => mail.messageId === messageId || mail.answers.some((id) => ids.has(id)));
}

/** Never rejects. */
export function publicInboxLedger(path: string): Ledger {
  const read = new Map<string, Read>();
  async function look(question: LedgerQuestion): Promise<LedgerAnswer> {
    const epochs = await listEpochs(path);
    if (epochs.length === 0) throw new Error(`no public-inbox archive at ${path}`);
    for (const epoch of [...epochs].reverse()) {
      const now = await readOn(epoch, question.from, read.get(epoch.dir));
      if (now === null) continue;
      read.set(epoch.dir, now);
      const mail = findIn(now, question);
      if (mail) return { kind: "found", where: `in ${epoch.dir}, commit ${mail.commit.slice(0, 12)}` };
    }
    return { kind: "absent" };
  }
  return {
    find: (question) =>
      look(question).catch((error: Error) => ({
        kind: "unavailable",
        text: error.message.split("\n")[0] ?? "git",
      })),
    close: () => Promise.resolve(),
  };
}
