/** What the store knows, as the facts of the reply policy. */
import type { Config } from "../../config.ts";
import { parseMessage, type Message } from "../../mail/message.ts";
import { parseSubject } from "../../mail/subject.ts";
import { isUsableId } from "../../reply/clean.ts";
import type { FormerVersion } from "../../reply/news.ts";
import { automaticReason } from "../../reply/policy/automatic.ts";
import type { PolicyFacts } from "../../reply/policy/facts.ts";
import { criticalFindings, strictestMode } from "../../reply/policy/policy.ts";
import { listsOf, recipientsOf, type RecipientOptions } from "../../reply/recipients.ts";
import { differingRows } from "../../reply/shown.ts";
import type { Review } from "../../review/types.ts";
import { findDecision } from "../../store/decisions.ts";
import { hashOf } from "../../store/keys.ts";
import { readMail } from "../../store/messages.ts";
import { findMute, findThreadMute } from "../../store/mutes.ts";
import type { Db } from "../../store/record.ts";
import { countSent } from "../../store/replies.ts";
import { findReview } from "../../store/reviews.ts";
import { listRelated, type SeriesRecord } from "../../store/series.ts";
import { identityOf, ownAddresses, type Context } from "../context.ts";
import { lastSaid } from "./said.ts";
import { threadRoot } from "./threads.ts";

export type ReplyContext = Pick<Context, "config" | "db" | "log">;

const DAY_MS = 86_400_000;
/** Addresses of a mail that are looked up; more than a reply may ever go to. */
const MAX_ASKED = 200;

/** A series with its review and the mail that would be answered. */
export interface Case {
  readonly series: SeriesRecord;
  readonly review: Review;
  readonly parent: Message;
  readonly lists: Config["lists"];
  /** Stands for the thread: the id of its first mail. */
  readonly thread: string;
  /** The latest former version that was answered, by its table. */
  readonly former: FormerVersion | null;
}

/** The last patch that changes the sets; the last patch of all where none does. */
function parentId(review: Review): string | null {
  const { patches } = review.series;
  return (patches.findLast(({ changesSets }) => changesSets) ?? patches.at(-1))?.messageId ?? null;
}

/** Null: the review or the mail is not kept. `made`: a review that is not stored yet. */
export async function openCase(
  context: ReplyContext,
  series: SeriesRecord,
  made: Review | null = null,
): Promise<Case | null> {
  const { db, config } = context;
  const review = made ?? (await findReview(db, series.key))?.review ?? null;
  const id = review === null ? null : parentId(review);
  const bytes = id === null ? null : await readMail(db, hashOf(id));
  if (review === null || id === null || bytes === null) return null;
  const parent = parseMessage(bytes);
  const lists = listsOf(parent, config.lists, (await findDecision(db, hashOf(id)))?.lists);
  const thread = threadRoot(parent) ?? id;
  return { series, review, parent, lists, thread, former: await formerOf(db, series) };
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

async function formerOf(db: Db, series: SeriesRecord): Promise<FormerVersion | null> {
  for (const other of predecessors(series, await listRelated(db, series))) {
    const sent = await lastSaid(db, other.key);
    if (sent !== null) return { version: other.version, rows: sent.rows };
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

/** Who may get a reply to the case: neither avicbot itself nor people who opted out. */
export async function recipientOptions(
  { config, db }: ReplyContext,
  { parent, lists }: Case,
): Promise<RecipientOptions> {
  const asked = [parent.from, ...parent.replyTo, ...parent.to, ...parent.cc].flatMap((box) => box ?? []);
  const addresses = [...new Set(asked.map(({ address }) => address.toLowerCase()))];
  const mutes = await Promise.all(
    addresses.slice(0, MAX_ASKED).map((name) => findMute(db, { kind: "person", name })),
  );
  const silent = [...ownAddresses(config), ...mutes.flatMap((mute) => mute?.name ?? [])];
  const came = lists.map(({ address }) => address.replace("@", "."));
  return {
    lists: config.lists,
    came,
    silent: silent.map((address) => address.toLowerCase()),
    limit: config.limits.recipients,
  };
}

/** Facts about a case; `known` is what the caller knows of its reply. */
export async function gatherFacts(
  context: ReplyContext,
  one: Case,
  known: Pick<PolicyFacts, "kind" | "answered" | "approvedBy">,
): Promise<PolicyFacts> {
  const { config, db } = context;
  const { series, review, parent, lists } = one;
  const date = Date.parse(series.date ?? "");
  const addresses = lists.map(({ address }) => address);
  const { to } = recipientsOf(parent, await recipientOptions(context, one));
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
      answerable: parent.messageId !== null && isUsableId(parent.messageId) && to.length > 0,
      isReply: parseSubject(parent.subject).isReply,
      automatic: automaticReason(parent, identityOf(config)),
    },
    lists: addresses,
    former:
      one.former === null
        ? null
        : {
            version: one.former.version,
            sameRows: differingRows(one.former.rows, review.rows).length === 0,
          },
    muted: await mutedBy(context, one),
    sent: await countSent(db, { thread: one.thread, lists: addresses, except: series.key }),
    limits: config.limits,
    ...known,
  };
}
