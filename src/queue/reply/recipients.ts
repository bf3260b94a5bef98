/** Leaving recipients of a held reply out, or putting others in their place; nobody is added. */
import { cleanAddress } from "../../reply/clean.ts";
import { withRecipients } from "../../reply/mail.ts";
import { wireBytes } from "../../reply/outbox/compose.ts";
import type { Advance } from "../../reply/outbox/machine.ts";
import { withMail, type OutboxRecord } from "../../reply/outbox/record.ts";
import { isKnownBot } from "../../reply/policy/automatic.ts";
import { findSeriesByText } from "../../store/lookup.ts";
import { findMute } from "../../store/mutes.ts";
import type { SeriesRecord } from "../../store/series.ts";
import { ownAddresses } from "../context.ts";
import { openCase, type ReplyContext } from "./facts.ts";
import { changeReply, keyOfMail, noteDecision, type Moved } from "./move.ts";
import { signerOf } from "./signer.ts";

export interface RecipientEdit {
  /** One of the recipients. */
  readonly address: string;
  /** Who gets the mail instead; null: nobody. */
  readonly replacement: string | null;
}

/**
 * Changes to whom a held reply goes, by the id of the cover, any part, the reply or its correction. A mail that
 * may be out already keeps its bytes for ever. Kept as a decision of the series.
 */
export async function editRecipients(
  context: ReplyContext,
  text: string,
  { edits, by }: { edits: readonly RecipientEdit[]; by: string },
): Promise<Moved> {
  const series = (await findSeriesByText(context.db, text))?.value;
  if (series === undefined) return { ok: false, reason: `no series is known by ${text}` };
  for (const { replacement } of edits) {
    const objection = replacement === null ? null : await addressObjection(context, series, replacement);
    if (objection !== null) return { ok: false, reason: objection };
  }
  const key = await keyOfMail(context, series.key, text);
  const moved = await changeReply(context, key, (record) => edited(context, record, edits));
  const words = edits.map(({ address, replacement }) =>
    replacement === null ? `${address} left out` : `${replacement} instead of ${address}`,
  );
  if (moved.ok)
    await noteDecision(context, series, { rule: "recipients", text: `${words.join(", ")} by ${by}` });
  return moved;
}

/** Why no reply may go to this address; null: it may. */
async function addressObjection(
  context: ReplyContext,
  series: SeriesRecord,
  address: string,
): Promise<string | null> {
  const { config, db } = context;
  const is = (other: string) => other.toLowerCase() === address.toLowerCase();
  if (cleanAddress(address) === null) return `${address} is no address that can be written to`;
  if (ownAddresses(config).some(is)) return `${address} is avicbot's own address`;
  if (isKnownBot(address, config.bots)) return `${address} is a bot's`;
  if ((await findMute(db, { kind: "person", name: address })) !== null)
    return `${address} wants no mail from avicbot`;
  if (!config.lists.some((list) => is(list.address))) return null;
  const lists = (await openCase(context, series))?.lists ?? [];
  return lists.some((list) => is(list.address)) ? null : `the series did not come by ${address}`;
}

async function edited(
  { config, db }: ReplyContext,
  record: OutboxRecord,
  edits: readonly RecipientEdit[],
): Promise<Advance> {
  if (record.state !== "held")
    return { ok: false, reason: `only a held reply can be changed: it is ${record.state}` };
  if (record.tries > 0) return { ok: false, reason: "it may be out already, so it stays as it is" };
  const next = new Map(record.recipients.map((address) => [address.toLowerCase(), address]));
  for (const { address, replacement } of edits) {
    const known = address.toLowerCase();
    if (!next.has(known))
      return { ok: false, reason: `${address} is no recipient: ${record.recipients.join(", ")}` };
    if (replacement === null) next.delete(known);
    else next.set(known, replacement);
  }
  if (next.size === 0)
    return { ok: false, reason: "nobody would be left; `avicbot ignore` gives the series up" };
  const mail = withRecipients(Buffer.from(record.mail, "latin1").toString("utf8"), next);
  const bytes = wireBytes(mail);
  const recipients = [...new Map([...next.values()].map((one) => [one.toLowerCase(), one])).values()];
  const lists = new Set(config.lists.map(({ address }) => address.toLowerCase()));
  const signer = signerOf(config);
  return {
    ok: true,
    record: withMail(record, {
      bytes: signer === null ? bytes : await signer(bytes),
      recipients,
      lists: recipients.filter((one) => lists.has(one.toLowerCase())),
      now: db.now(),
    }),
  };
}
