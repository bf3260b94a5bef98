/** Finds out who asks, before anything else is done for them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { countTry, hasTriesLeft } from "../store/tries.ts";
import { SESSION_COOKIE } from "./operators.ts";
import { HttpProblem } from "./problem.ts";
import type { Operator, WebContext } from "./web-context.ts";

const RETRY_SECONDS = "600";

/** The owner of a token. Throws 401 for a wrong one, and 429 without a look after too many of them. */
export async function checkToken(web: WebContext, request: FastifyRequest, token: string): Promise<string> {
  const { db, operators } = web;
  if (!(await hasTriesLeft(db, request.ip)))
    throw new HttpProblem(429, "Too many wrong tokens; wait ten minutes.", { "retry-after": RETRY_SECONDS });
  const name = operators.named(token);
  if (name !== null) return name;
  await countTry(db, request.ip);
  web.log.warn({ reqId: request.id, ip: request.ip }, "wrong token");
  const detail = operators.some
    ? "The token is not one of this server's."
    : "This server has no tokens set up.";
  throw new HttpProblem(401, detail, { "www-authenticate": 'Bearer realm="avicbot"' });
}

function operatorOfCookie({ operators, db }: WebContext, request: FastifyRequest): Operator | null {
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie === undefined) return null;
  const { valid, value } = request.unsignCookie(cookie);
  const session = valid && value !== null ? operators.read(value, db.now()) : null;
  return session === null ? null : { name: session.name, session };
}

export function identifyOperators(app: FastifyInstance, web: WebContext): void {
  app.decorateRequest("operator", null);
  app.addHook("onRequest", async (request: FastifyRequest) => {
    const { authorization, cookie } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer +(?<token>\S+)$/i.exec(authorization)?.groups?.["token"] ?? "";
      request.operator = { name: await checkToken(web, request, token), session: null };
    } else if (cookie !== undefined) request.operator = operatorOfCookie(web, request);
  });
}

/** The operator, or 401 with what to do. */
export function requireOperator(web: WebContext, request: FastifyRequest): Operator {
  if (request.operator !== null) return request.operator;
  const detail = web.operators.some
    ? "Send the header Authorization: Bearer TOKEN, or sign in at /login."
    : "Nothing can be changed here: the setting web.tokens is empty.";
  throw new HttpProblem(401, detail, { "www-authenticate": 'Bearer realm="avicbot"' });
}

/** Answers depend on who asks. */
export function varyByOperator(reply: FastifyReply): void {
  reply.header("vary", "Authorization, Cookie");
}

/** Browsers say where a form stands; one of another site is refused. */
export function checkOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  const foreign =
    origin !== undefined && origin !== "null" && !(URL.canParse(origin) && new URL(origin).host === host);
  if (foreign || origin === "null" || site === "cross-site")
    throw new HttpProblem(403, "The form stands on another site.");
}
