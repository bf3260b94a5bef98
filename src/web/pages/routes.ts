/** The pages and what else is behind the path of a series. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findAsked, findTraceFor, type AskedSeries } from "../../queue/asked.ts";
import { replyMbox, reviewText } from "../../queue/reply/text.ts";
import { HTML, JSON_TYPE, makeAnswer, sendAnswer, TEXT, type Answer } from "../answer.ts";
import { listAnswer, notFound, reviewOf, seriesOr404 } from "../api/routes.ts";
import { explainQuerySchema, idParams, listQuerySchema, tableQuerySchema } from "../api/schemas.ts";
import { varyByOperator } from "../auth.ts";
import type { ListParameters } from "../list-query.ts";
import { pagePath } from "../paths.ts";
import { HttpProblem } from "../problem.ts";
import { audienceOf, type WebContext } from "../web-context.ts";
import { dashboardPage } from "./dashboard.ts";
import { ASSETS, type AssetName } from "./engine.ts";
import { explainPage, type ExplainParameters } from "./explain.ts";
import { reviewPage, type TableParameters } from "./review.ts";
import { whyPage } from "./why.ts";

interface ById {
  readonly Params: { readonly messageId: string };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Sends what is the same for the public until something changes, and made anew for an operator. */
async function sendKept(web: WebContext, { request, reply }: Exchange, make: () => Promise<Answer>) {
  const shared = request.operator === null;
  varyByOperator(reply);
  return sendAnswer(request, reply, shared ? await web.cache.get(request.url, make) : await make(), shared);
}

/** A search that names a message leads to its page. */
function looksLikeId(text: string): boolean {
  return /^\s*(?:https?:\/\/|<)/i.test(text) || /[^\s@]@[^\s@]/.test(text);
}

async function pathMeant({ db }: WebContext, request: FastifyRequest, text: string): Promise<string | null> {
  if (!looksLikeId(text)) return null;
  const asked = await findAsked(db, text, audienceOf(request));
  if (asked.kind === "series") return pagePath(asked.series.id);
  if (asked.kind === "seen") return pagePath(asked.trace.messageId ?? text.trim(), "why");
  if (/\s/.test(text.trim())) return null;
  throw notFound(text);
}

function addDashboard(app: FastifyInstance, web: WebContext): void {
  app.get<{ Querystring: ListParameters }>(
    "/",
    {
      schema: {
        querystring: listQuerySchema.extend({ q: listQuerySchema.shape.q.unwrap().max(1200).optional() }),
      },
    },
    async (request, reply) => {
      const { q } = request.query;
      const path = q === undefined ? null : await pathMeant(web, request, q);
      if (path !== null) return reply.redirect(path, 303);
      return sendKept(web, { request, reply }, async () => {
        const list = await listAnswer(web, request, request.query);
        return makeAnswer(HTML, dashboardPage(web, request, { parameters: request.query, list }));
      });
    },
  );
}

function addReview(app: FastifyInstance, web: WebContext): void {
  app.get<ById & { Querystring: TableParameters }>(
    "/r/:messageId/",
    { schema: { params: idParams, querystring: tableQuerySchema } },
    async (request, reply) => {
      const { messageId } = request.params;
      if (request.operator === null && request.method === "GET") {
        const known = await web.cache.get(request.url, () => pageAnswer(web, request, messageId));
        varyByOperator(reply);
        return sendAnswer(request, reply, known, true);
      }
      varyByOperator(reply);
      return sendAnswer(request, reply, await pageAnswer(web, request, messageId), false);
    },
  );
  app.get<ById & { Querystring: ExplainParameters }>(
    "/r/:messageId/explain",
    { schema: { params: idParams, querystring: explainQuerySchema } },
    (request, reply) =>
      sendKept(web, { request, reply }, async () => {
        const asked = await seriesOr404(web, request, request.params.messageId);
        const found = { asked, review: reviewOf(asked), parameters: request.query };
        return makeAnswer(HTML, await explainPage(web, request, found));
      }),
  );
}

/** The page of the series, or of the reasons why a message has none. */
async function pageAnswer(
  web: WebContext,
  request: FastifyRequest<{ Querystring: TableParameters }>,
  text: string,
): Promise<Answer> {
  const asked = await findAsked(web.db, text, audienceOf(request));
  if (asked.kind === "unknown") throw notFound(text);
  if (asked.kind === "seen") return whyAnswer(web, request, text);
  return makeAnswer(HTML, await reviewPage(web, request, { asked, parameters: request.query }));
}

async function whyAnswer(web: WebContext, request: FastifyRequest, text: string): Promise<Answer> {
  const trace = await findTraceFor(web.db, text, audienceOf(request));
  if (trace === null) throw notFound(text);
  return makeAnswer(HTML, whyPage(web, request, trace));
}

async function textAnswer(web: WebContext, asked: AskedSeries): Promise<Answer> {
  const text = await reviewText(web, asked);
  if (text === null)
    throw new HttpProblem(404, `The series has no review yet: it is ${asked.series.progress}.`);
  return makeAnswer(TEXT, Buffer.from(text, "latin1"));
}

function mboxAnswer({ reply, series, review }: AskedSeries): Answer {
  if (reply !== null) return makeAnswer("application/mbox", Buffer.from(replyMbox(reply), "latin1"));
  const state = review === null ? series.progress : review.review.verdict;
  throw new HttpProblem(404, `There is no reply to this series: it is ${state}.`);
}

function addForms(app: FastifyInstance, web: WebContext): void {
  const forms: Record<string, (asked: AskedSeries) => Promise<Answer>> = {
    json: (asked) => Promise.resolve(makeAnswer(JSON_TYPE, `${JSON.stringify(reviewOf(asked))}\n`)),
    txt: (asked) => textAnswer(web, asked),
    mbox: (asked) => Promise.resolve(mboxAnswer(asked)),
  };
  for (const [form, make] of Object.entries(forms)) {
    app.get<ById>(`/r/:messageId/${form}`, { schema: { params: idParams } }, (request, reply) => {
      if (form === "mbox") reply.header("content-disposition", 'attachment; filename="avicbot-reply.mbox"');
      return sendKept(web, { request, reply }, async () =>
        make(await seriesOr404(web, request, request.params.messageId)),
      );
    });
  }
  app.get<ById>("/r/:messageId/why", { schema: { params: idParams } }, async (request, reply) => {
    varyByOperator(reply);
    const answer = await whyAnswer(web, request, request.params.messageId);
    return sendAnswer(request, reply, answer, request.operator === null);
  });
}

function addAssets(app: FastifyInstance): void {
  for (const name of Object.keys(ASSETS) as AssetName[]) {
    const { type, body } = ASSETS[name];
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(type).header("cache-control", "public, max-age=31536000, immutable").send(body),
    );
  }
}

export function pageRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    addDashboard(app, web);
    addReview(app, web);
    addForms(app, web);
    addAssets(app);
    done();
  };
}
