/** `/r/ID/`: everything about one series. */
import type { FastifyRequest } from "fastify";
import { findProfile } from "../../model/profiles.ts";
import type { AskedSeries } from "../../queue/asked.ts";
import { timelineOf } from "../../queue/timeline.ts";
import { cleanLine } from "../../reply/clean.ts";
import {
  answerSentences,
  baseSentence,
  conditionSentence,
  missingSentence,
  patchSentences,
} from "../../reply/sentences.ts";
import { differingRows, type RowDifference } from "../../reply/shown.ts";
import type { Review } from "../../review/types.ts";
import { findOlderVersions, findSuccessor } from "../../store/chain.ts";
import { findGrounds, findReview } from "../../store/reviews.ts";
import { isHidden, stateOf, type SeriesRecord } from "../../store/series.ts";
import { ACTS } from "../acts.ts";
import { pagePath } from "../paths.ts";
import { HttpProblem } from "../problem.ts";
import { audienceOf, type WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";
import { tableView, type Shown, type TableQuery } from "./table-view.ts";
import { loreLink, minuteOf, personOf, shownId } from "./words.ts";

export interface TableParameters {
  readonly profile?: string | undefined;
  readonly way?: number | undefined;
}

/** Throws 404 for a profile or a way that there is none of. */
export function tableQuery(review: Review, { profile, way }: TableParameters): TableQuery {
  const found = findProfile(profile ?? review.profile);
  if (found === null) throw new HttpProblem(404, `There is no profile ${cleanLine(profile ?? "", 40)}.`);
  if (way !== undefined && review.conditions[way] === undefined)
    throw new HttpProblem(404, `The review has no condition ${way}.`);
  return { profile: found, way: way ?? null };
}

export async function shownReview(
  { db }: WebContext,
  { series }: AskedSeries,
  { review, query }: { review: Review; query: TableQuery },
): Promise<Shown> {
  return { review, ...query, grounds: await findGrounds(db, series.key), path: pagePath(series.id) };
}

/** What one patch changes, `RDMSR of 0x809; WRMSR of 0x80B`. */
function changesOf(review: Review, index: number): string | null {
  const patches = review.series.patches.filter((patch) => patch.index === index);
  const [sentence] = patchSentences({ ...review, series: { ...review.series, patches } });
  return sentence?.replace(/^.*? changes /, "") ?? null;
}

function patchViews(series: SeriesRecord, review: Review | null) {
  return series.parts.map((part) => ({
    name: part.index === 0 ? "cover" : `${part.index}/${series.total}`,
    title: cleanLine(part.title, 200) || "(no title)",
    lore: part.messageId === null ? null : loreLink(part.messageId),
    changes: review === null ? null : changesOf(review, part.index),
    inherited: part.inherited,
  }));
}

function reviewViews(review: Review) {
  return {
    base: baseSentence(review),
    missing: missingSentence(review),
    findings: review.findings.map(({ severity, text, rule }) => ({
      severity,
      rule,
      text: cleanLine(text, 1000),
    })),
    conditions: review.conditions.map((way) => conditionSentence(review, way)),
    answers: answerSentences(review),
    exits: review.exits.map((text) => cleanLine(text, 2000)),
  };
}

interface Neighbours {
  readonly older: readonly SeriesRecord[];
  readonly newer: SeriesRecord | null;
}

/** Versions before and after, as far as this audience may know of them. */
async function neighbours(
  { db }: WebContext,
  request: FastifyRequest,
  series: SeriesRecord,
): Promise<Neighbours> {
  const shown = (one: SeriesRecord) => audienceOf(request) === "operator" || !isHidden(one);
  const older = (await findOlderVersions(db, [series])).get(series.key) ?? [];
  const newer = await findSuccessor(db, series);
  return { older: older.filter(shown), newer: newer !== null && shown(newer) ? newer : null };
}

/** Outcomes with the former version and with this one, `* ` where they differ. */
function deltaCells({ former, now }: RowDifference): string[] {
  return (["read", "write"] as const).flatMap((access) => {
    const [was, is] = [former, now].map((row) => row?.[access].new ?? "(no row)");
    return [was ?? "", was === is ? (is ?? "") : `* ${is ?? ""}`];
  });
}

/** Against the latest former version that has a table. */
async function deltaView({ db }: WebContext, review: Review, older: readonly SeriesRecord[]) {
  for (const former of older) {
    const found = (await findReview(db, former.key))?.review;
    if (found === undefined || found.rows.length === 0) continue;
    const rows = differingRows(found.rows, review.rows)
      .map((row) => ({ label: row.label, register: row.register, cells: deltaCells(row) }))
      .filter(({ cells }) => cells.some((cell) => cell.startsWith("* ")));
    return { version: former.version, href: pagePath(former.id), rows };
  }
  return null;
}

function replyView({ reply }: AskedSeries) {
  if (reply === null) return null;
  const { state, reason, recipients, approvedBy, rejected, tries } = reply;
  return {
    id: shownId(reply.messageId),
    state,
    reason: reason === null ? null : cleanLine(reason, 600),
    recipients: recipients.map((one) => cleanLine(one, 254)),
    approvedBy,
    editable: state === "held" && tries === 0,
    rejected: rejected.map(({ address, text }) => cleanLine(`${address}: ${text}`, 400)),
  };
}

function headView({ series }: AskedSeries, { older, newer }: Neighbours) {
  const closed = series.closed;
  return {
    headline: cleanLine(series.title, 300) || "(no title)",
    id: shownId(series.id),
    version: series.version,
    author: personOf(series.author),
    address: cleanLine(series.author.address, 254),
    date: minuteOf(series.date),
    state: stateOf(series),
    // Who may not know of a newer version is not told of its date either.
    reason: cleanLine(
      (closed === null ? series.reason : newer === null && closed.successor !== null ? "" : closed.reason) ??
        "",
      1000,
    ),
    lists: series.lists.map((list) => cleanLine(list, 100)),
    lore: loreLink(series.id),
    older: older.map((one) => ({ version: one.version, href: pagePath(one.id) })),
    newer: newer === null ? null : { version: newer.version, href: pagePath(newer.id) },
    received: series.parts.filter(({ index }) => index > 0).length,
    total: series.total,
    absent: series.missing.slice(0, 50).join(", "),
  };
}

export async function reviewPage(
  web: WebContext,
  request: FastifyRequest,
  { asked, parameters }: { asked: AskedSeries; parameters: TableParameters },
): Promise<string> {
  const { series, reply } = asked;
  const review = asked.review?.review ?? null;
  const around = await neighbours(web, request, series);
  const shown =
    review === null || review.rows.length === 0
      ? null
      : await shownReview(web, asked, { review, query: tableQuery(review, parameters) });
  const view = {
    ...headView(asked, around),
    path: pagePath(series.id),
    verdict: review?.verdict ?? null,
    stale: asked.review !== null && asked.review.inputs !== series.inputs,
    facts: review === null ? null : reviewViews(review),
    table: shown === null ? null : tableView(shown),
    kept: shown !== null && shown.grounds !== null,
    patches: patchViews(series, review),
    delta: review === null || review.rows.length === 0 ? null : await deltaView(web, review, around.older),
    timeline: (await timelineOf(web.db, asked)).map(({ at, what, text }) => ({
      at,
      minute: minuteOf(at),
      what: cleanLine(what, 60),
      text: cleanLine(text, 400),
    })),
    reply: replyView(asked),
    hasReply: reply !== null,
    moves: (request.operator?.session ?? null) === null ? [] : ACTS,
  };
  const title = `${cleanLine(series.title, 120)} v${series.version} - avicbot`;
  return renderPage(web, request, { title, name: "review", view, path: view.path });
}
