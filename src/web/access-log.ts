/** A line a request, with the id that the answer names too. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { createBusyLog } from "../log.ts";

const PATH_MAX = 300;
/** Asked every few seconds by machines. */
const QUIET = new Set(["/healthz", "/readyz", "/metrics"]);

/** A proxy's id is taken over when it is a plain word. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

export function logRequests(app: FastifyInstance, level: string): void {
  const { log, flush } = createBusyLog(level);
  app.addHook("onClose", (_app, done) => {
    flush();
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const path = request.originalUrl.slice(0, PATH_MAX);
    const line = {
      reqId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ip: request.ip,
      ...(request.operator === null ? {} : { operator: request.operator.name }),
    };
    if (QUIET.has(path)) log.debug(line, "request");
    else log.info(line, "request");
    done();
  });
}
