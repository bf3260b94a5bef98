/** What a person does to a reply: lets it go out, keeps it back, or gives the series up. */
import { advance, type Advance, type OutboxEvent } from "../../reply/outbox/machine.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { findSeriesByText, idsMeant } from "../../store/lookup.ts";
import { findReply, findReplyById, replaceReply } from "../../store/replies.ts";
import { appendSteps, step } from "../../store/decisions.ts";
import { announce } from "../../store/events.ts";
import { changeSeries, type SeriesRecord } from "../../store/series.ts";
import { transact } from "../../store/transact.ts";
import { outboxSettings } from "./settings.ts";
import { wakeSenders } from "./due.ts";
import type { ReplyContext } from "./facts.ts";
import { followReply } from "./progress.ts";
import { askGate } from "./send.ts";

export type Move = "approve" | "hold" | "ignore";

/** `record` is null where the series has no reply. */
export type Moved =
  | { readonly ok: true; readonly record: OutboxRecord | null }
  | { readonly ok: false; readonly reason: string };

/** By the id of the cover, any part, the reply or its correction. What may never be sent cannot be approved. */
export async function moveReply(
  context: ReplyContext,
  text: string,
  { move, by }: { move: Move; by: string },
): Promise<Moved> {
  const series = (await findSeriesByText(context.db, text))?.value;
  if (series === undefined) return { ok: false, reason: `no series is known by ${text}` };
  const key = await keyOfMail(context, series.key, text);
  const moved = await carryOut(context, { series: series.key, key }, { move, by });
  if (moved.ok) await noteDecision(context, series, { rule: move, text: `${PAST[move]} by ${by}` });
  return moved;
}

const PAST: Readonly<Record<Move, string>> = { approve: "approved", hold: "held", ignore: "ignored" };

/** Key of the mail that is meant: the correction, where its own id was given; else the reply. */
export async function keyOfMail(
  { db }: Pick<ReplyContext, "db">,
  series: string,
  text: string,
): Promise<string> {
  for (const id of idsMeant(text)) {
    const mail = (await findReplyById(db, id))?.value;
    if (mail?.kind === "correction" && mail.series === series) return mail.key;
  }
  return series;
}

async function carryOut(
  context: ReplyContext,
  { series, key }: { series: string; key: string },
  { move, by }: { move: Move; by: string },
): Promise<Moved> {
  switch (move) {
    case "approve":
      return approve(context, key, by);
    case "hold":
      return change(context, key, { type: "hold", reason: `held by ${by}` });
    case "ignore":
      return key === series
        ? ignore(context, key, by)
        : change(context, key, { type: "drop", reason: `ignored by ${by}` });
  }
}

/** What a person decided stands with every part of the series. */
export async function noteDecision(
  { db }: ReplyContext,
  series: SeriesRecord,
  { rule, text }: { rule: string; text: string },
): Promise<void> {
  const decided = step(db, "reply", "noted", rule, text);
  for (const part of series.parts) await appendSteps(db, part.key, [decided]);
  await transact(db, [], [announce(series.key)]);
}

async function approve(context: ReplyContext, key: string, by: string): Promise<Moved> {
  const reply = (await findReply(context.db, key))?.value;
  if (reply === undefined) return { ok: false, reason: "the series has no reply" };
  const gate = await askGate(context, { ...reply, approvedBy: by });
  if (gate.kind !== "go") return { ok: false, reason: `it may not be sent: ${gate.reason}` };
  return change(context, key, { type: "approve", by });
}

async function ignore(context: ReplyContext, key: string, by: string): Promise<Moved> {
  const { db } = context;
  const reason = `ignored by ${by}`;
  await changeSeries(db, key, (record) =>
    record.closed !== null
      ? record
      : { ...record, closed: { state: "ignored", by: "person", at: db.now(), reason, successor: null } },
  );
  const reply = (await findReply(db, key))?.value ?? null;
  if (reply === null || (reply.state !== "held" && reply.state !== "intent"))
    return { ok: true, record: reply };
  return change(context, key, { type: "drop", reason });
}

async function change(context: ReplyContext, key: string, event: OutboxEvent): Promise<Moved> {
  const { db, config } = context;
  return changeReply(context, key, (record) =>
    advance(record, event, { now: db.now(), settings: outboxSettings(config) }),
  );
}

const TRIES = 20;

/** Replaces the reply of a series by what `next` makes of it as it is by then. */
export async function changeReply(
  context: ReplyContext,
  key: string,
  next: (record: OutboxRecord) => Advance | Promise<Advance>,
): Promise<Moved> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await findReply(context.db, key);
    if (found === null) return { ok: false, reason: "the series has no reply" };
    const made = await next(found.value);
    if (!made.ok) return made;
    if (!(await replaceReply(context.db, found, made.record))) continue;
    await followReply(context, made.record);
    wakeSenders();
    return made;
  }
  return { ok: false, reason: "the reply is being changed by others, try again" };
}
