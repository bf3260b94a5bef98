/** `/api/v1`: the same answers as the pages', for scripts. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { findAsked, findTraceFor, type AskedSeries } from "../../queue/asked.ts";
import { describeSeries, listDescribed } from "../../store/describe.ts";
import type { Review } from "../../review/types.ts";
import { BadCursor } from "../../store/listing.ts";
import { JSON_TYPE, makeAnswer, sendAnswer } from "../answer.ts";
import { varyByOperator } from "../auth.ts";
import { listQuery, type ListParameters } from "../list-query.ts";
import { explanationOf, type ExplainParameters } from "../pages/explain.ts";
import { HttpProblem, problemSchema } from "../problem.ts";
import { audienceOf, type WebContext } from "../web-context.ts";
import {
  explainQuerySchema,
  explanationSchema,
  idParams,
  listedSeriesSchema,
  listQuerySchema,
  reviewSchema,
  seriesListSchema,
  traceSchema,
} from "./schemas.ts";

const errors = { 400: problemSchema, 401: problemSchema, 404: problemSchema, 429: problemSchema };

interface ById {
  readonly Params: { readonly messageId: string };
}

/** What was looked for, when nothing was found. */
export function notFound(text: string): HttpProblem {
  const shown = text.slice(0, 200);
  return new HttpProblem(
    404,
    `No message with the id ${shown} was seen: covers, patches and replies were searched.`,
  );
}

export async function seriesOr404(
  web: WebContext,
  request: FastifyRequest,
  text: string,
): Promise<AskedSeries> {
  const asked = await findAsked(web.db, text, audienceOf(request));
  if (asked.kind === "series") return asked;
  if (asked.kind === "unknown") throw notFound(text);
  const last = asked.trace.steps.at(-1)?.text ?? "no decision is kept";
  throw new HttpProblem(404, `The message was seen and belongs to no series about AVIC: ${last}.`);
}

/** Makes, keeps for the public, and sends JSON. */
async function sendJson(
  web: WebContext,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  make: () => Promise<unknown>,
) {
  const shared = request.operator === null;
  const answer = async () => makeAnswer(JSON_TYPE, `${JSON.stringify(await make())}\n`);
  varyByOperator(reply);
  return sendAnswer(
    request,
    reply,
    shared ? await web.cache.get(request.url, answer) : await answer(),
    shared,
  );
}

/** Anybody's page may read; nothing is sent along that tells who asks. */
function allowReading(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    if (request.method === "GET" || request.method === "HEAD")
      reply.header("access-control-allow-origin", "*").header("cross-origin-resource-policy", "cross-origin");
    done();
  });
}

export async function listAnswer(web: WebContext, request: FastifyRequest, parameters: ListParameters) {
  try {
    return await listDescribed(web.db, listQuery(parameters, audienceOf(request)));
  } catch (error) {
    if (error instanceof BadCursor) throw new HttpProblem(400, error.message);
    throw error;
  }
}

/** Throws 404 while there is none. */
export function reviewOf({ review, series }: AskedSeries): Review {
  if (review === null) throw new HttpProblem(404, `The series has no review yet: it is ${series.progress}.`);
  return review.review;
}

function seriesRoutes(app: FastifyInstance, web: WebContext): void {
  app.get<{ Querystring: ListParameters }>(
    "/series",
    {
      schema: {
        tags: ["read"],
        summary: "The series, pending ones by default, a page at a time",
        querystring: listQuerySchema,
        response: { 200: seriesListSchema, 400: problemSchema, 401: problemSchema, 429: problemSchema },
      },
    },
    (request, reply) => sendJson(web, { request, reply }, () => listAnswer(web, request, request.query)),
  );
  app.get<ById>(
    "/series/:messageId",
    {
      schema: {
        tags: ["read"],
        summary: "One series, by any id of it",
        params: idParams,
        response: { 200: listedSeriesSchema, ...errors },
      },
    },
    (request, reply) =>
      sendJson(web, { request, reply }, async () => {
        const { series } = await seriesOr404(web, request, request.params.messageId);
        return (await describeSeries(web.db, [series], audienceOf(request)))[0];
      }),
  );
}

function reviewRoutes(app: FastifyInstance, web: WebContext): void {
  app.get<ById>(
    "/reviews/:messageId",
    {
      schema: {
        tags: ["read"],
        summary: "The review of a series, by any id of it",
        params: idParams,
        response: { 200: reviewSchema, ...errors },
      },
    },
    (request, reply) =>
      sendJson(web, { request, reply }, async () =>
        reviewOf(await seriesOr404(web, request, request.params.messageId)),
      ),
  );
  app.get<ById & { Querystring: ExplainParameters }>(
    "/reviews/:messageId/explain",
    {
      schema: {
        tags: ["read"],
        summary: "Why a cell of the table is what it is",
        params: idParams,
        querystring: explainQuerySchema,
        response: { 200: explanationSchema, ...errors },
      },
    },
    (request, reply) =>
      sendJson(web, { request, reply }, async () => {
        const asked = await seriesOr404(web, request, request.params.messageId);
        return explanationOf(web, asked, { review: reviewOf(asked), parameters: request.query });
      }),
  );
}

function messageRoutes(app: FastifyInstance, web: WebContext): void {
  app.get<ById>(
    "/messages/:messageId",
    {
      schema: {
        tags: ["read"],
        summary: "Every decision taken about a message, whether it is of a series or not",
        params: idParams,
        response: { 200: traceSchema, ...errors },
      },
    },
    (request, reply) =>
      sendJson(web, { request, reply }, async () => {
        const { messageId } = request.params;
        const trace = await findTraceFor(web.db, messageId, audienceOf(request));
        if (trace === null) throw notFound(messageId);
        return trace;
      }),
  );
}

export function apiRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    allowReading(app);
    for (const routes of [seriesRoutes, reviewRoutes, messageRoutes]) routes(app, web);
    done();
  };
}
