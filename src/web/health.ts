/** `/healthz`: this process answers. `/readyz`: the service as a whole does its work, or what does not. */
import type { FastifyInstance } from "fastify";
import { describeError } from "../log.ts";
import { createSources } from "../queue/service.ts";
import { readStop } from "../store/mutes.ts";
import { readReading } from "../store/positions.ts";
import { firstDue } from "../store/replies.ts";
import { audienceOf, type WebContext } from "./web-context.ts";

/** A source without a reader for longer is not read; a mail due for longer is stuck. */
const SOURCE_LIMIT_MS = 5 * 60_000;
const OUTBOX_LIMIT_MS = 15 * 60_000;

export interface SourceLag {
  readonly type: string;
  readonly name: string;
  readonly held: boolean;
  /** Since its position last moved; null: it never did. A quiet list moves nothing. */
  readonly seconds: number | null;
}

export async function sourceLags({ config, db }: WebContext): Promise<SourceLag[]> {
  const all = config.sources.flatMap((one) =>
    createSources(one).map(({ name }) => ({ type: one.type, name })),
  );
  return Promise.all(
    all.map(async ({ type, name }) => {
      const { held, movedAt } = await readReading(db, name);
      const seconds = movedAt === null ? null : Math.max(0, (db.now() - Date.parse(movedAt)) / 1000);
      return { type, name, held, seconds };
    }),
  );
}

/** Seconds that the mail due first is overdue; 0 when none is. */
export async function outboxAge({ db }: WebContext): Promise<number> {
  const due = await firstDue(db);
  return due === null ? 0 : Math.max(0, (db.now() - due) / 1000);
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly text: string;
}

async function checkSources(web: WebContext): Promise<Check[]> {
  return (await sourceLags(web)).map(({ type, held, seconds }, at) => {
    const ok = held || (seconds !== null && seconds * 1000 < SOURCE_LIMIT_MS);
    const moved = seconds === null ? "nothing read yet" : `read up to ${Math.round(seconds)} s ago`;
    return { name: `source ${at + 1} (${type})`, ok, text: held ? moved : `nobody reads it; ${moved}` };
  });
}

async function checkOutbox(web: WebContext): Promise<Check> {
  const stop = await readStop(web.db);
  const age = await outboxAge(web);
  const ok = stop !== null || web.config.smtp.url === undefined || age * 1000 < OUTBOX_LIMIT_MS;
  const text = stop === null ? `the next mail is ${Math.round(age)} s overdue` : "stopped by an operator";
  return { name: "outbox", ok, text: age === 0 && stop === null ? "nothing is overdue" : text };
}

async function checks(web: WebContext): Promise<Check[]> {
  try {
    await web.db.redis.ping();
    const fresh = { name: "changes", ok: web.hub.isFresh(), text: web.hub.isFresh() ? "heard" : "not heard" };
    return [
      { name: "redis", ok: true, text: "answers" },
      fresh,
      ...(await checkSources(web)),
      await checkOutbox(web),
    ];
  } catch (error) {
    web.log.warn({ error: describeError(error) }, "not ready");
    return [{ name: "redis", ok: false, text: "does not answer" }];
  }
}

export function healthRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.get("/healthz", (_request, reply) => reply.header("cache-control", "no-store").send({ ok: true }));
    app.get("/readyz", async (request, reply) => {
      const all = await checks(web);
      const ok = all.every((check) => check.ok);
      // Why nothing is sent is the operators' own word.
      const reason = audienceOf(request) === "operator" ? await readStop(web.db).catch(() => null) : null;
      reply.code(ok ? 200 : 503).header("cache-control", "no-store");
      return { ok, checks: all, ...(reason === null ? {} : { stopped: reason }) };
    });
    done();
  };
}
