/** What an operator does to a series: the same as the verbs do, in the operator's name. */
import { moveReply, type Move } from "../queue/reply/move.ts";
import { editRecipients, type RecipientEdit } from "../queue/reply/recipients.ts";
import { retry } from "../queue/retry.ts";
import { findSeriesByText } from "../store/lookup.ts";
import type { SeriesRecord } from "../store/series.ts";
import { HttpProblem } from "./problem.ts";
import type { Operator, WebContext } from "./web-context.ts";

export const ACTS = ["approve", "hold", "ignore", "retry"] as const;
export type Act = (typeof ACTS)[number];

export type Order =
  { readonly act: Act } | { readonly act: "recipients"; readonly edits: readonly RecipientEdit[] };

interface Done {
  readonly ok: boolean;
  readonly reason: string;
}

async function carryOut(
  web: WebContext,
  id: string,
  { order, by }: { order: Order; by: string },
): Promise<Done> {
  if (order.act === "retry") {
    const retried = await retry(web, id, by);
    return { ok: retried?.again ?? false, reason: retried?.text ?? "the series is gone" };
  }
  const moved =
    order.act === "recipients"
      ? await editRecipients(web, id, { edits: order.edits, by })
      : await moveReply(web, id, { move: order.act satisfies Move, by });
  return { ok: moved.ok, reason: moved.ok ? "" : moved.reason };
}

/** The series after it. Throws 404 for an unknown id and 409 with the reason when it cannot be done now. */
export async function act(
  web: WebContext,
  { text, operator, order }: { text: string; operator: Operator; order: Order },
): Promise<SeriesRecord> {
  const found = (await findSeriesByText(web.db, text))?.value;
  if (found === undefined) throw new HttpProblem(404, `No series is known by ${text.slice(0, 200)}.`);
  const { ok, reason } = await carryOut(web, found.id, { order, by: `${operator.name} (web)` });
  web.log.info({ operator: operator.name, act: order.act, series: found.id, ok }, "act");
  // Whoever acted reads the page before the stream of changes tells of it.
  web.cache.clear();
  if (!ok) throw new HttpProblem(409, `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`);
  return (await findSeriesByText(web.db, found.id))?.value ?? found;
}
