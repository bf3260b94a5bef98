/** What every route works on, and who asks. */
import type { FastifyRequest } from "fastify";
import type { Context } from "../queue/context.ts";
import type { Audience } from "../store/listing.ts";
import type { AnswerCache } from "./cache.ts";
import type { EventHub } from "./hub.ts";
import type { Operators, Session } from "./operators.ts";

export interface WebContext extends Context {
  readonly hub: EventHub;
  readonly cache: AnswerCache;
  readonly operators: Operators;
}

/** Somebody whose token was right; `session` is null for a script with a bearer token. */
export interface Operator {
  readonly name: string;
  readonly session: Session | null;
}

declare module "fastify" {
  interface FastifyRequest {
    operator: Operator | null;
  }
}

export function audienceOf(request: FastifyRequest): Audience {
  return request.operator === null ? "public" : "operator";
}
