/** The requests being answered, so that the end of the server waits for these and for nothing else. */
import type { FastifyInstance } from "fastify";

export interface InFlight {
  /** Resolves when nothing is being answered any more. */
  readonly none: () => Promise<void>;
}

export function trackRequests(app: FastifyInstance): InFlight {
  let active = 0;
  const waiting = new Set<() => void>();
  app.addHook("onRequest", (_request, reply, done) => {
    active += 1;
    reply.raw.once("close", () => {
      active -= 1;
      if (active === 0) for (const wake of waiting) wake();
    });
    done();
  });
  return {
    none: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
  };
}
