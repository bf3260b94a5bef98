/** What was sent to the public before and is still right is sent again before anything else is done for it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { matchesEtag, type Answer } from "./answer.ts";
import type { WebContext } from "./web-context.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The answer, when it is the same for everybody. */
    shared: Answer | null;
  }
}

/** Set for each request anew, by the server or by node. */
const OWN_HEADERS = [
  "x-request-id",
  "date",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
];

function isPublic({ method, headers }: FastifyRequest): boolean {
  return method === "GET" && headers.authorization === undefined && headers.cookie === undefined;
}

/** To be called before other hooks; answers count as shared when their handler says so. */
export function sendAgain(app: FastifyInstance, { cache }: Pick<WebContext, "cache">): void {
  app.decorateRequest("shared", null);
  app.addHook("onRequest", (request, reply, done) => {
    const sent = isPublic(request) ? cache.sent(request.url) : null;
    if (sent === null) return done();
    const { answer, headers, text } = sent;
    reply.hijack();
    const known = matchesEtag(request.headers["if-none-match"], answer.etag);
    const length = known ? [] : ["content-length", `${answer.body.length}`];
    reply.raw.writeHead(known ? 304 : 200, [...headers, ...length, "x-request-id", request.id]);
    if (known) reply.raw.end();
    else reply.raw.end(text, "latin1");
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const { shared } = request;
    if (shared !== null && reply.statusCode === 200 && isPublic(request)) {
      const others = Object.entries(reply.getHeaders()).filter(([name]) => !OWN_HEADERS.includes(name));
      const headers = others.flatMap(([name, value]) => [name, `${value}`]);
      cache.noteSent(request.url, { answer: shared, headers, text: shared.body.toString("latin1") });
    }
    done(null, payload);
  });
}
