/** Commands of maintainers: done only when the mail proves its sender and what it is about. */
import { staleness, unsignedAmong, type Proof } from "../../reply/commands/authority.ts";
import type { SeriesCommand } from "../../reply/commands/parse.ts";
import { criticalFindings } from "../../reply/policy/policy.ts";
import { claimSignatures } from "../../store/orders.ts";
import { findReply } from "../../store/replies.ts";
import { findReview } from "../../store/reviews.ts";
import type { SeriesRecord } from "../../store/series.ts";
import { hashOf } from "../../store/keys.ts";
import { messageKey } from "../../mail/part.ts";
import { keyOfMail, moveReply, type Move } from "../reply/move.ts";
import { reviewAgain } from "../retry.ts";
import { findPlace, type Acting, type Outcome, type Place } from "./acting.ts";
import { notProven } from "./mutes.ts";

type MaintainerCommand = SeriesCommand & { readonly verb: Move | "recheck" };

export async function maintain(acting: Acting, command: MaintainerCommand): Promise<Outcome> {
  const { context, from, message } = acting;
  const { verb, target } = command;
  const refuse = (text: string, refused = false): Outcome => ({ verb, done: false, text, refused });
  if (!context.config.maintainers.some((address) => address.toLowerCase() === from))
    return refuse(`${from} is no maintainer of the settings`);
  const authority = await acting.authority();
  if (!authority.verified) return refuse(notProven(from, authority.reason), true);
  const stale = staleness(message, context.db.now());
  if (stale !== null) return refuse(notProven(from, stale), true);
  const place = await findPlace(context.db, message, target);
  if (place === null) return refuse("no series about AVIC is known there");
  const doubt = await placeDoubt(acting, place, authority);
  if (doubt !== null) return refuse(doubt, true);
  const problem = await carryOut(acting, place.series, { verb, text: target ?? place.series.id });
  return problem === null
    ? { verb, done: true, text: `${DONE[verb]}: <${place.series.id}>` }
    : refuse(`${problem}: <${place.series.id}>`);
}

const DONE: Readonly<Record<MaintainerCommand["verb"], string>> = {
  approve: "the reply goes out",
  hold: "the reply is held",
  ignore: "the series is ignored",
  recheck: "the series is reviewed again",
};

/** Why the proof does not reach as far as the series; null: it does. */
async function placeDoubt({ context, message }: Acting, place: Place, proof: Proof): Promise<string | null> {
  const open = unsignedAmong(message, proof, place.by);
  if (open.length > 0)
    return `the signature does not cover ${open.join(", ")}; name the series at the end of the line`;
  const first = await claimSignatures(context.db, proof.signatures, hashOf(messageKey(message)));
  return first ? null : "the same signed mail came under another Message-ID before";
}

/** Null: it was done, now or by a former try for the same mail. `text` names the series or a mail about it. */
async function carryOut(
  { context, by }: Acting,
  series: SeriesRecord,
  { verb, text }: { verb: MaintainerCommand["verb"]; text: string },
): Promise<string | null> {
  const key = await keyOfMail(context, series.key, text);
  if (await isDone(context.db, series, { verb, by, key })) return null;
  if (verb === "recheck") {
    const retried = await reviewAgain(context, series, by);
    return retried.again ? null : retried.text;
  }
  const moved = await moveReply(context, text, { move: verb, by });
  if (moved.ok) return null;
  // What the moderators alone are told is told to nobody else, not even as a reason.
  const review = (await findReview(context.db, series.key))?.review;
  const critical = review !== undefined && criticalFindings(review).length > 0;
  return critical ? "it cannot be done by mail" : moved.reason;
}

async function isDone(
  db: Acting["context"]["db"],
  series: SeriesRecord,
  { verb, by, key }: { verb: MaintainerCommand["verb"]; by: string; key: string },
): Promise<boolean> {
  const reply = (await findReply(db, key))?.value;
  switch (verb) {
    case "approve":
      return reply?.approvedBy === by;
    case "hold":
      return reply?.state === "held";
    case "ignore":
      return (key === series.key ? series.closed : reply)?.reason === `ignored by ${by}`;
    case "recheck":
      return series.steps.some(({ rule, text }) => rule === "retried" && text.includes(by));
  }
}
