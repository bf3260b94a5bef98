/** What a person does to a reply: lets it go out, keeps it back, or gives the series up. */
import { advance, type OutboxEvent } from "../../reply/outbox/machine.ts";
import type { OutboxRecord } from "../../reply/outbox/record.ts";
import { findSeriesByText } from "../../store/lookup.ts";
import { findReply, replaceReply } from "../../store/replies.ts";
import { changeSeries } from "../../store/series.ts";
import { outboxSettings } from "./settings.ts";
import type { ReplyContext } from "./facts.ts";
import { followReply } from "./progress.ts";
import { askGate } from "./send.ts";

export type Move = "approve" | "hold" | "ignore";

/** `record` is null where the series has no reply. */
export type Moved =
  | { readonly ok: true; readonly record: OutboxRecord | null }
  | { readonly ok: false; readonly reason: string };

/** By the id of the cover, any part, or the reply itself. What may never be sent cannot be approved. */
export async function moveReply(
  context: ReplyContext,
  text: string,
  { move, by }: { move: Move; by: string },
): Promise<Moved> {
  const series = (await findSeriesByText(context.db, text))?.value;
  if (series === undefined) return { ok: false, reason: `no series is known by ${text}` };
  switch (move) {
    case "approve":
      return approve(context, series.key, by);
    case "hold":
      return change(context, series.key, { type: "hold", reason: `held by ${by}` });
    case "ignore":
      return ignore(context, series.key, by);
  }
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

const TRIES = 20;

async function change(context: ReplyContext, key: string, event: OutboxEvent): Promise<Moved> {
  const { db, config } = context;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await findReply(db, key);
    if (found === null) return { ok: false, reason: "the series has no reply" };
    const next = advance(found.value, event, { now: db.now(), settings: outboxSettings(config) });
    if (!next.ok) return next;
    if (!(await replaceReply(db, found, next.record))) continue;
    await followReply(context, next.record);
    return next;
  }
  return { ok: false, reason: "the reply is being changed by others, try again" };
}
