/** What the store knows, as the facts of the reply policy. */
import type { Config } from "../../config.ts";
import { parseMessage, type Message } from "../../mail/message.ts";
import { parseSubject } from "../../mail/subject.ts";
import { cleanAddress, isUsableId } from "../../reply/clean.ts";
import { automaticReason } from "../../reply/policy/automatic.ts";
import type { PolicyFacts } from "../../reply/policy/facts.ts";
import { criticalFindings, rowsKey, strictestMode } from "../../reply/policy/policy.ts";
import type { Review } from "../../review/types.ts";
import { findDecision } from "../../store/decisions.ts";
import { hashOf } from "../../store/keys.ts";
import { readMail } from "../../store/messages.ts";
import { findMute, findThreadMute } from "../../store/mutes.ts";
import { countSent, findReply } from "../../store/replies.ts";
import { findReview } from "../../store/reviews.ts";
import { listRelated, type SeriesRecord } from "../../store/series.ts";
import { identityOf, type Context } from "../context.ts";
import { threadRoot } from "./threads.ts";

export type ReplyContext = Pick<Context, "config" | "db" | "log">;

const DAY_MS = 86_400_000;

/** A series with its review and the mail that would be answered. */
export interface Case {
  readonly series: SeriesRecord;
  readonly review: Review;
  readonly parent: Message;
  readonly lists: Config["lists"];
  /** Stands for the thread: the id of its first mail. */
  readonly thread: string;
}

/** The last patch that changes the sets; the last patch of all where none does. */
function parentId(review: Review): string | null {
  const { patches } = review.series;
  return (patches.findLast(({ changesSets }) => changesSets) ?? patches.at(-1))?.messageId ?? null;
}

/** Null: the review or the mail is not kept. */
export async function openCase(context: ReplyContext, series: SeriesRecord): Promise<Case | null> {
  const { db } = context;
  const review = (await findReview(db, series.key))?.review ?? null;
  const id = review === null ? null : parentId(review);
  const bytes = id === null ? null : await readMail(db, hashOf(id));
  if (review === null || id === null || bytes === null) return null;
  const parent = parseMessage(bytes);
  const lists = await listsOf(context, parent, id);
  const thread = threadRoot(parent) ?? id;
  return { series, review, parent, lists, thread };
}

/** Configured lists it was sent to or came by. */
async function listsOf({ db, config }: ReplyContext, parent: Message, id: string): Promise<Config["lists"]> {
  const came = (await findDecision(db, hashOf(id)))?.lists ?? [];
  const written = [...parent.to, ...parent.cc].map(({ address }) => address.toLowerCase());
  return config.lists.filter(({ address }) => {
    const lower = address.toLowerCase();
    return written.includes(lower) || came.includes(lower.replace("@", "."));
  });
}

/** The versions this one took the place of, and those before them. */
function predecessors(series: SeriesRecord, related: readonly SeriesRecord[]): SeriesRecord[] {
  const known = new Set([series.key]);
  const found: SeriesRecord[] = [];
  for (const other of [...related].sort((a, b) => b.version - a.version)) {
    if (!known.has(other.closed?.successor ?? "")) continue;
    known.add(other.key);
    found.push(other);
  }
  return found;
}

/** The latest former version that was answered, and whether it had the same table. */
async function formerOf({ db }: ReplyContext, { series, review }: Case): Promise<PolicyFacts["former"]> {
  for (const other of predecessors(series, await listRelated(db, series))) {
    const reply = (await findReply(db, other.key))?.value;
    if (reply === undefined || !["sending", "sent", "echoed"].includes(reply.state)) continue;
    const former = await findReview(db, other.key);
    const sameRows = former !== null && rowsKey(former.review) === rowsKey(review);
    return { version: other.version, sameRows };
  }
  return null;
}

async function mutedBy(
  { db }: ReplyContext,
  { series, parent, thread }: Case,
): Promise<PolicyFacts["muted"]> {
  const ids = [thread, ...series.parts.map((part) => part.messageId), ...parent.references];
  const threadMute = await findThreadMute(db, [...new Set(ids.filter((id) => id !== null))].slice(0, 400));
  const person = await findMute(db, { kind: "person", name: series.author.address });
  return { threadBy: threadMute?.by ?? null, author: person !== null };
}

/** Facts about a case; `known` is what the caller knows of its reply. */
export async function gatherFacts(
  context: ReplyContext,
  one: Case,
  known: Pick<PolicyFacts, "answered" | "approvedBy">,
): Promise<PolicyFacts> {
  const { config, db } = context;
  const { series, review, parent, lists } = one;
  const date = Date.parse(series.date ?? "");
  const addresses = lists.map(({ address }) => address);
  return {
    mode: strictestMode(
      config.mode,
      lists.map(({ mode }) => mode),
    ),
    verdict: review.verdict,
    verdictReason: review.reason,
    critical: criticalFindings(review),
    series: {
      version: series.version,
      author: series.author.address,
      stable: series.stable,
      closed: series.closed,
      live: series.live,
      ageDays: Number.isNaN(date) ? null : (db.now() - date) / DAY_MS,
      missing: series.missing,
    },
    parent: {
      answerable:
        parent.messageId !== null &&
        isUsableId(parent.messageId) &&
        cleanAddress(parent.from?.address ?? "") !== null,
      isReply: parseSubject(parent.subject).isReply,
      automatic: automaticReason(parent, identityOf(config)),
    },
    lists: addresses,
    former: await formerOf(context, one),
    muted: await mutedBy(context, one),
    sent: await countSent(db, { thread: one.thread, lists: addresses, except: series.key }),
    limits: config.limits,
    ...known,
  };
}
