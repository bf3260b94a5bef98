import type { FastifyRequest } from "fastify";
import { cleanLine } from "../../reply/clean.ts";
import type { Problem } from "../problem.ts";
import type { WebContext } from "../web-context.ts";
import { renderPage } from "./engine.ts";

export function errorPage(web: WebContext, request: FastifyRequest, problem: Problem): string {
  const { title, status, detail, instance } = problem;
  const view = { status, detail: cleanLine(detail, 600), instance };
  return renderPage(web, request, { title, name: "error", view });
}
