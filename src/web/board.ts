/** `/queues`: a board of the queues for operators. It shows and changes nothing; `avicbot retry` does that. */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { FastifyInstance } from "fastify";
import { HttpProblem, toProblem } from "./problem.ts";
import type { WebContext } from "./web-context.ts";

const PREFIX = "/queues";

/** Its page has inline script and styles and a base of its own; everything still comes from this server. */
const BOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join(";");

export function boardRoutes(web: WebContext) {
  return async (app: FastifyInstance): Promise<void> => {
    const adapter = new FastifyAdapter();
    adapter.setBasePath(PREFIX);
    createBullBoard({
      queues: web.queues.all.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
      serverAdapter: adapter,
      options: { uiConfig: { boardTitle: "avicbot" } },
    });
    // Answered here: the board brings an error handler of its own, which knows no refusals.
    app.addHook("onRequest", async (request, reply) => {
      const { operator, method } = request;
      if (operator !== null && method === "GET") return undefined;
      if (operator === null && method === "GET" && web.operators.some)
        return reply.redirect(`/login?next=${PREFIX}`, 303);
      const status = operator === null ? 401 : 403;
      const problem = toProblem(
        new HttpProblem(status, "The board shows queues to operators and changes nothing."),
        request.id,
      );
      return reply.code(status).type("application/problem+json").send(JSON.stringify(problem));
    });
    app.addHook("onSend", (_request, reply, payload, done) => {
      reply.header("content-security-policy", BOARD_POLICY).header("cache-control", "private, no-store");
      done(null, payload);
    });
    await app.register(adapter.registerPlugin(), { prefix: PREFIX });
  };
}
