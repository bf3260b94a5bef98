/** What people do on pages: sign in and out, and act on a series. Every form carries the token of its session. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { ACTS, act, type Order } from "../acts.ts";
import { HTML } from "../answer.ts";
import { idParams } from "../api/schemas.ts";
import { checkOrigin, checkToken, requireOperator } from "../auth.ts";
import { isSame, SESSION_COOKIE } from "../operators.ts";
import { pagePath } from "../paths.ts";
import { HttpProblem } from "../problem.ts";
import type { Operator, WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";

const formSchema = z.looseObject({ csrf: z.string().max(200).default("") });
const loginSchema = z.object({ token: z.string().max(500), next: z.string().max(4000).default("/") });
const loginQuery = z.object({ next: z.string().max(4000).default("/") });

interface ById {
  readonly Params: { readonly messageId: string };
  readonly Body: z.infer<typeof formSchema>;
}

/** Throws 401 without a session, 403 for a form that is not of this session. */
function formOperator(web: WebContext, request: FastifyRequest<ById>): Operator {
  const operator = requireOperator(web, request);
  checkOrigin(request);
  const { session } = operator;
  if (session === null || !isSame(session.csrf, request.body.csrf))
    throw new HttpProblem(403, "The form is of another session; load the page again.");
  return operator;
}

/** A path of this server, whatever a link said. */
function localPath(next: string): string {
  return /^\/(?![/\\])[^\\\s]*$/.test(next) ? next : "/";
}

function addSignIn(app: FastifyInstance, web: WebContext): void {
  app.get<{ Querystring: z.infer<typeof loginQuery> }>(
    "/login",
    { schema: { querystring: loginQuery } },
    (request, reply) => {
      const view = { next: localPath(request.query.next) };
      reply.type(HTML).header("cache-control", "no-store");
      return reply.send(renderPage(web, request, { title: "Sign in - avicbot", name: "login", view }));
    },
  );
  app.post<{ Body: z.infer<typeof loginSchema> }>(
    "/login",
    { schema: { body: loginSchema } },
    async (request, reply) => {
      checkOrigin(request);
      const name = await checkToken(web, request, request.body.token);
      web.log.info({ reqId: request.id, operator: name }, "signed in");
      reply.setCookie(SESSION_COOKIE, web.operators.open(name, web.db.now()), {
        signed: true,
        httpOnly: true,
        sameSite: "strict",
        path: "/",
        secure: request.protocol === "https",
      });
      return reply.redirect(localPath(request.body.next), 303);
    },
  );
  app.post<ById>("/logout", { schema: { body: formSchema } }, (request, reply) => {
    formOperator(web, request);
    return reply.clearCookie(SESSION_COOKIE, { path: "/" }).redirect("/", 303);
  });
}

/** Fields `to:OLD` hold what an address becomes; an empty one leaves it out. */
function recipientEdits(body: Record<string, unknown>): Extract<Order, { act: "recipients" }>["edits"] {
  const known = String(body["known"] ?? "").split(" ");
  return known
    .filter((address) => address !== "")
    .map((address) => {
      const given = body[`to:${address}`];
      return { address, replacement: typeof given === "string" ? given.trim() : null };
    })
    .filter(({ address, replacement }) => address !== replacement);
}

export function formRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    addSignIn(app, web);
    const perform = async (request: FastifyRequest<ById>, reply: FastifyReply, order: Order) => {
      const operator = formOperator(web, request);
      const series = await act(web, { text: request.params.messageId, operator, order });
      return reply.redirect(pagePath(series.id), 303);
    };
    const schema = { params: idParams, body: formSchema };
    for (const one of ACTS) {
      app.post<ById>(`/r/:messageId/${one}`, { schema }, (request, reply) =>
        perform(request, reply, { act: one }),
      );
    }
    app.post<ById>("/r/:messageId/recipients", { schema }, (request, reply) => {
      const edits = recipientEdits(request.body);
      if (edits.length === 0) throw new HttpProblem(400, "No recipient was changed.");
      return perform(request, reply, { act: "recipients", edits });
    });
    done();
  };
}
