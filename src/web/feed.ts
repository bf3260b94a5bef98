/** `/feed.atom`: the pending series that have a review, what changed last first (RFC 4287). */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { cleanLine } from "../reply/clean.ts";
import { listDescribed, type ListedSeries } from "../store/describe.ts";
import { makeAnswer, sendAnswer, type Answer } from "./answer.ts";
import { varyByOperator } from "./auth.ts";
import { renderPart } from "./pages/engine.ts";
import { personOf } from "./pages/words.ts";
import { idSegment, pagePath } from "./paths.ts";
import { audienceOf, type WebContext } from "./web-context.ts";

const ENTRIES = 50;
const ATOM = "application/atom+xml; charset=utf-8";

/** Where this server is reached, as the settings say or the request does. */
function origin({ config }: WebContext, request: FastifyRequest): string {
  if (config.web.url !== undefined) return config.web.url.replace(/\/+$/, "");
  const host = /^[a-z0-9.-]+(?::[0-9]{1,5})?$/i.test(request.host) ? request.host : "localhost";
  return `${request.protocol}://${host}`;
}

function entryView(one: ListedSeries, start: string) {
  const cells = one.changedCells === 0 ? "" : `, ${one.changedCells} cells of the table change`;
  const finding = one.worstFinding === null ? "" : `, finding: ${one.worstFinding}`;
  const reason = one.reason === null ? "" : `. ${cleanLine(one.reason, 300)}`;
  return {
    id: `mid:${idSegment(one.messageId)}`,
    title: `v${one.version} ${cleanLine(one.title, 200)}`,
    href: `${start}${pagePath(one.messageId)}`,
    updated: one.updated,
    author: personOf(one.author),
    summary: `${one.verdict}${cells}${finding}; ${one.state}${reason}`,
  };
}

async function feed(web: WebContext, request: FastifyRequest): Promise<Answer> {
  const start = origin(web, request);
  const { series } = await listDescribed(web.db, {
    state: "pending",
    order: "activity",
    ascending: false,
    limit: ENTRIES,
    audience: audienceOf(request),
  });
  const entries = series.filter(({ verdict }) => verdict !== null).map((one) => entryView(one, start));
  const updated = entries[0]?.updated ?? new Date(0).toISOString();
  return makeAnswer(ATOM, renderPart("feed", { start, entries, updated }));
}

export function feedRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.get("/feed.atom", async (request, reply) => {
      varyByOperator(reply);
      const shared = request.operator === null;
      const make = () => feed(web, request);
      const known = shared ? await web.cache.get(`${request.host} ${request.url}`, make) : await make();
      return sendAnswer(request, reply, known, shared);
    });
    done();
  };
}
