/** The HTTP server: what holds for every route. Routes are a thin edge over what the verbs use, too. */
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import { fastify, type FastifyInstance } from "fastify";
import type { ZodType } from "zod";
import { describeError } from "../log.ts";
import { logRequests, requestId } from "./access-log.ts";
import { HTML, JSON_TYPE, makeAnswer, sendAnswer } from "./answer.ts";
import { actRoutes } from "./api/act-routes.ts";
import { apiRoutes } from "./api/routes.ts";
import { describeApi } from "./api/openapi.ts";
import { identifyOperators } from "./auth.ts";
import { boardRoutes } from "./board.ts";
import { boundConnections } from "./connections.ts";
import { eventRoutes } from "./events.ts";
import { feedRoutes } from "./feed.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoutes } from "./metrics.ts";
import { errorPage } from "./pages/error.ts";
import { formRoutes } from "./pages/forms.ts";
import { pageRoutes } from "./pages/routes.ts";
import { trackRequests, type InFlight } from "./in-flight.ts";
import { pathRewriter } from "./paths.ts";
import { HttpProblem, toProblem } from "./problem.ts";
import { sendAgain } from "./shortcut.ts";
import type { WebContext } from "./web-context.ts";

const BODY_MAX = 16 * 1024;
const HEADERS_MAX = 16 * 1024;
/** How often it is looked for requests that take too long, in the time that one has. */
const CHECKS = 10;

/** Empty fields of a form mean that they were left alone; of several values the last counts. */
function parseQuery(text: string): Record<string, string> {
  const fields = [...new URLSearchParams(text)].filter(([, value]) => value !== "");
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(fields));
}

function describeIssues(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`).join("; ");
}

/** Schemas of routes are zod's: they validate, and the description of the API is made from them. */
function validateWithZod(app: FastifyInstance): void {
  app.setValidatorCompiler<ZodType>(({ schema }) => (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    return { error: new HttpProblem(400, describeIssues(parsed.error)) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}

/** Everything comes from this server; scripts stand in files of their own. */
const CONTENT_POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

function wantsProblem(path: string, accept: string | undefined): boolean {
  return path.startsWith("/api/") || !(accept ?? "").includes("text/html");
}

function tellErrors(app: FastifyInstance, web: WebContext): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id);
    if (problem.status >= 500)
      web.log.error({ reqId: request.id, error: describeError(error) }, "request failed");
    if (error instanceof HttpProblem) reply.headers(error.headers);
    reply.code(problem.status).header("cache-control", "no-store");
    if (wantsProblem(request.url, request.headers.accept))
      return reply.type("application/problem+json").send(JSON.stringify(problem));
    return reply.type(HTML).send(errorPage(web, request, problem));
  });
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(404, `There is nothing at ${request.originalUrl.slice(0, 200)}.`);
  });
}

async function secureHeaders(app: FastifyInstance, { config }: WebContext): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: CONTENT_POLICY,
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "same-origin" },
    // Not for answers that go out unencrypted (RFC 6797, 7.2).
    strictTransportSecurity: config.web.url?.startsWith("https:") === true,
    // What the policy above says already, and what only browsers of the past read.
    xFrameOptions: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    originAgentCluster: false,
  });
}

export interface BuiltServer {
  readonly app: FastifyInstance;
  readonly inFlight: InFlight;
}

/** Builds the server; it listens to nothing yet. */
export async function buildServer(web: WebContext): Promise<BuiltServer> {
  const { config } = web;
  const requestMs = config.web.requestSeconds * 1000;
  const rewrite = pathRewriter(config.lists.map(({ address }) => address));
  const app = fastify({
    rewriteUrl: ({ url = "/" }) => rewrite(url),
    genReqId: requestId,
    trustProxy: config.web.trustProxy,
    bodyLimit: BODY_MAX,
    requestTimeout: requestMs,
    keepAliveTimeout: 30_000,
    forceCloseConnections: "idle",
    http: {
      maxHeaderSize: HEADERS_MAX,
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      connectionsCheckingInterval: requestMs / CHECKS,
    },
    routerOptions: { maxParamLength: HEADERS_MAX, querystringParser: parseQuery },
  });
  boundConnections(app.server, config.web.connections);
  const inFlight = trackRequests(app);
  validateWithZod(app);
  logRequests(app, web.log.level);
  sendAgain(app, web);
  await app.register(cookie, { secret: web.operators.secret });
  await secureHeaders(app, web);
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    (_request, body, done) => {
      done(null, parseQuery(String(body)));
    },
  );
  identifyOperators(app, web);
  tellErrors(app, web);
  await describeApi(app);
  await app.register(apiRoutes(web), { prefix: "/api/v1" });
  await app.register(actRoutes(web), { prefix: "/api/v1" });
  await app.register(pageRoutes(web));
  await app.register(formRoutes(web));
  for (const routes of [eventRoutes, feedRoutes, healthRoutes, metricsRoutes])
    await app.register(routes(web));
  await app.register(boardRoutes(web));
  app.get("/openapi.json", (request, reply) => {
    reply.header("access-control-allow-origin", "*");
    return sendAnswer(request, reply, makeAnswer(JSON_TYPE, JSON.stringify(app.swagger())), true);
  });
  return { app, inFlight };
}
