/** `/`: the list of series. */
import type { FastifyRequest } from "fastify";
import { cleanLine } from "../../reply/clean.ts";
import type { ListedSeries, SeriesList } from "../../store/describe.ts";
import { LISTED_STATES } from "../../store/listing.ts";
import type { ListParameters } from "../list-query.ts";
import { pagePath } from "../paths.ts";
import type { WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";
import { ageOf, dayOf, personOf } from "./words.ts";

const VERDICTS = ["changed", "unchanged", "undetermined", "not-applicable"];
const ORDER_WORDS = {
  date: "date sent",
  activity: "last activity",
  author: "author",
  changes: "changed cells",
};

const HOW: Readonly<Record<NonNullable<ListedSeries["base"]>["how"], string>> = {
  blob: "blob ids",
  "base-commit": "base-commit",
  branch: "branch",
  tree: "tree",
  given: "given",
};

function baseWords({ base }: ListedSeries): string {
  if (base === null) return "";
  const revision = base.revision === "tree" ? "" : ` ${cleanLine(base.revision.slice(0, 12))}`;
  return `${HOW[base.how]}${revision}, ${base.verified ? "proven" : "not proven"}`;
}

/** What happened last that a person should know. */
function noteOf({ reply, reason }: ListedSeries): string {
  return cleanLine(reply?.reason ?? reason ?? "", 160);
}

function rowView(one: ListedSeries, now: number) {
  const { parts } = one;
  return {
    href: pagePath(one.messageId),
    title: cleanLine(one.title, 160) || "(no title)",
    version: one.version,
    versions: one.versions.map(({ version, messageId }) => ({ version, href: pagePath(messageId) })),
    author: personOf(one.author),
    authorHref: `/?${new URLSearchParams({ state: "all", author: one.author.address }).toString()}`,
    day: dayOf(one.date),
    age: ageOf(one.date, now),
    state: one.state,
    verdict: one.verdict,
    cells: one.changedCells,
    worst: one.worstFinding,
    parts: `${parts.received}/${parts.total}`,
    missing: parts.missing.slice(0, 10).join(", "),
    base: baseWords(one),
    reply: one.reply?.state ?? null,
    note: noteOf(one),
  };
}

/** The parameters that are not as they are by themselves. */
function linkTo(parameters: ListParameters, changes: Partial<Record<keyof ListParameters, string>>): string {
  const plain: Record<string, string> = { state: "pending", sort: "date", order: "desc", limit: "50" };
  const all = { ...parameters, cursor: undefined, ...changes };
  const entries = Object.entries(all).flatMap(([key, value]): [string, string][] =>
    value === undefined || String(value) === plain[key] ? [] : [[key, String(value)]],
  );
  const query = new URLSearchParams(entries).toString();
  return query === "" ? "/" : `/?${query}`;
}

function headline(parameters: ListParameters): string {
  const { state } = parameters;
  if (state === "all") return "All AVIC patch series";
  return `${state.slice(0, 1).toUpperCase()}${state.slice(1)} AVIC patch series`;
}

export function dashboardPage(
  web: WebContext,
  request: FastifyRequest,
  { parameters, list }: { parameters: ListParameters; list: SeriesList },
): string {
  const { config, db } = web;
  const jsonQuery = linkTo(parameters, {}).slice(1);
  const view = {
    headline: headline(parameters),
    total: list.total,
    rows: list.series.map((one) => rowView(one, db.now())),
    next: list.next === null ? null : linkTo(parameters, { cursor: list.next }),
    first: parameters.cursor === undefined ? null : linkTo(parameters, {}),
    json: `/api/v1/series${jsonQuery}`,
    filters: parameters,
    states: LISTED_STATES,
    verdicts: VERDICTS,
    orders: Object.entries(ORDER_WORDS),
    lists: config.lists.map(({ address }) => ({ id: address.replace("@", "."), address })),
    filtered: linkTo(parameters, {}) !== "/",
  };
  const title = `${headline(parameters)} - avicbot`;
  return renderPage(web, request, { title, name: "dashboard", view, query: parameters.q ?? "" });
}
