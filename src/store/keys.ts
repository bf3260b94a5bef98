/**
 * The key layout, schema 3. Every key begins with `{avicbot}`, so that a Cluster keeps them in one hash slot
 * and scripts may touch several. `H` is the first 128 bits of a SHA-256, in hex: of a message's id (what a mail
 * says never becomes part of a key), of a source's name, or of a series' id.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `schema` `began` | string, string | version of this layout; when this store was first used |
 * | `message:H` `mail:H` | record, record | what is known of a message; its bytes |
 * | `decision:H` | record | the trace of decisions for a message seen |
 * | `group:H` | set of message H | messages that may belong to one series |
 * | `series:H` | record | a series, its parts and its state |
 * | `id:H` | string, series H | every id a series is found by |
 * | `work:H` | set of series H | series that may be versions of the same work |
 * | `review:H` | record, by series H | the latest review |
 * | `reply:H` | record | a mail of the outbox; H is the series it answers, or stands for its id |
 * | `outbox` `replies` `sent` | sorted sets of reply H | by when it is due; when it was made; when it went out |
 * | `sent-thread:H` `sent-list:H` | sorted sets of reply H | what went out into a thread, to a list |
 * | `sent-id:H` | string, reply H | the mail of the outbox with this id |
 * | `echo:H` | record, by message H | the own mail that answers it, as a source brought it back; its bytes are in `mail` |
 * | `mute:H` `mutes` | record, sorted set of mute H | a muted thread or person; all of them by time |
 * | `order:H` `order-mail:H` | record, its bytes | a mail with commands and what came of them, by message H |
 * | `orders` | sorted set of message H | mails whose commands were not acted on yet, by arrival |
 * | `used:H` | string, message H | the mail that used a signature |
 * | `asked:H` | sorted set of message H | what a sender asked for in the last day |
 * | `stop` | string | why nothing may be sent |
 * | `open` `closed` | sorted sets of series H | by date; by the time it was closed |
 * | `index:H` | set of series H | series of one state, verdict, author, list, or with one word; H of facet and value |
 * | `words` | sorted set of words | every word there is an index of, for finding words by how they begin |
 * | `by-date` `by-activity` `by-author` `by-changes` | sorted sets of series H | every series, in the orders it is listed in |
 * | `hidden` | set of series H | reviewed with a critical finding: shown to nobody without a token |
 * | `older:H` | set of series H | the versions whose place this series took |
 * | `events` | stream of series H | what changed, for whoever watches; the last thousand or so |
 * | `counts` | hash | what is counted since the beginning: mails by decision, reviews by verdict and time |
 * | `reply-state:STATE` | set of reply H | replies by state; `STATE other`: the other mails of the outbox |
 * | `grounds:H` | record, by series H | what the latest review rests on, for explaining it |
 * | `tries:H` | counter | wrong tokens from an address lately |
 * | `unfinished` | set of series H | collecting, reviewing, undecided or being sent: what a sweep takes up again |
 * | `unplaced` | sorted set of message H | patches no series was found for, by time |
 * | `dead` `dead-letter:H` `dead-mail:H` | sorted set, record, record | what could not be handled |
 * | `position:H` | record | how far a source was read |
 * | `batch:H` | text | mark of the batch that was stored last |
 * | `lease:H` `fence:H` | string, counter | which process reads a source |
 * | `starts:JOB` | counter | starts of a job since it last succeeded |
 * | `queue:…` | BullMQ's own | |
 */
import { hash } from "node:crypto";

export const HASH_TAG = "{avicbot}";
/** BullMQ's keys share the tag and stay apart from the records. */
export const QUEUE_PREFIX = `${HASH_TAG}:queue`;
export const SCHEMA_VERSION = 3;

type Kind =
  | "message"
  | "mail"
  | "decision"
  | "group"
  | "series"
  | "id"
  | "work"
  | "review"
  | "reply"
  | "echo"
  | "sent-thread"
  | "sent-list"
  | "sent-id"
  | "mute"
  | "order"
  | "order-mail"
  | "used"
  | "asked"
  | "dead-letter"
  | "dead-mail"
  | "position"
  | "batch"
  | "lease"
  | "fence"
  | "starts"
  | "index"
  | "older"
  | "reply-state"
  | "grounds"
  | "tries";

type Single =
  | "schema"
  | "began"
  | "open"
  | "closed"
  | "unfinished"
  | "unplaced"
  | "dead"
  | "outbox"
  | "replies"
  | "sent"
  | "stop"
  | "mutes"
  | "orders"
  | "words"
  | "by-date"
  | "by-activity"
  | "by-author"
  | "by-changes"
  | "hidden"
  | "events"
  | "counts";

export function key(kind: Kind, name: string): string {
  return `${HASH_TAG}:${kind}:${name}`;
}

export function singleKey(name: Single): string {
  return `${HASH_TAG}:${name}`;
}

/** 32 hex digits that stand for any text in a key or a job id. */
export function hashOf(text: string | Uint8Array): string {
  return hash("sha256", text, "hex").slice(0, 32);
}
