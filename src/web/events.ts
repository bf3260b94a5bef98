/** `/events`: changes of series as server-sent events, to each what it may know. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { eventsAfter, isEventId, type SeriesEvent } from "../store/events.ts";
import { currentReview, findSeries, isHidden, stateOf } from "../store/series.ts";
import { shownId } from "./pages/words.ts";
import { pagePath } from "./paths.ts";
import { HttpProblem } from "./problem.ts";
import type { WebContext } from "./web-context.ts";

const CLIENTS_MAX = 1000;
const HEARTBEAT_MS = 20_000;
/** Who does not read what was sent is let go; the browser comes back and asks for what it missed. */
const UNREAD_MAX = 256 * 1024;

interface Client {
  readonly raw: FastifyReply["raw"];
  readonly operator: boolean;
}

interface Told {
  readonly text: string;
  readonly hidden: boolean;
}

async function tell({ db }: WebContext, { id, series }: SeriesEvent): Promise<Told | null> {
  const found = (await findSeries(db, series))?.value ?? null;
  if (found === null) return null;
  const data = {
    messageId: found.id,
    shownId: shownId(found.id),
    state: stateOf(found),
    verdict: currentReview(found)?.verdict ?? null,
    version: found.version,
    href: pagePath(found.id),
  };
  return { text: `id: ${id}\nevent: series\ndata: ${JSON.stringify(data)}\n\n`, hidden: isHidden(found) };
}

function send({ raw, operator }: Client, told: Told): void {
  if (told.hidden && !operator) return;
  raw.write(told.text);
  if (raw.writableLength > UNREAD_MAX) raw.destroy();
}

/** What a client missed: each series once, as it is now. */
async function missed(web: WebContext, since: string): Promise<Told[]> {
  const latest = new Map((await eventsAfter(web.db.redis, since)).map((event) => [event.series, event]));
  const events = [...latest.values()].sort((a, b) => Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10));
  return (await Promise.all(events.map((event) => tell(web, event)))).filter((told) => told !== null);
}

function open(request: FastifyRequest, reply: FastifyReply): Client {
  const headers = reply.getHeaders() as Record<string, string>;
  reply.hijack();
  reply.raw.writeHead(200, {
    ...headers,
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  reply.raw.write("retry: 2000\n\n");
  return { raw: reply.raw, operator: request.operator !== null };
}

export function eventRoutes(web: WebContext) {
  const clients = new Set<Client>();
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    // One at a time, so that a series' states arrive in their order.
    let telling = Promise.resolve();
    const stopListening = web.hub.listen((event) => {
      if (clients.size === 0) return;
      telling = telling.then(async () => {
        const told = await tell(web, event).catch(() => null);
        if (told !== null) for (const client of clients) send(client, told);
      });
    });
    const beat = setInterval(() => {
      for (const { raw } of clients) raw.write(": here\n\n");
    }, HEARTBEAT_MS);
    app.addHook("preClose", () => {
      stopListening();
      clearInterval(beat);
      for (const { raw } of clients) raw.end();
      return Promise.resolve();
    });
    app.get("/events", async (request, reply) => {
      if (clients.size >= CLIENTS_MAX)
        throw new HttpProblem(503, "Too many are watching; reload the page instead.", {
          "retry-after": "60",
        });
      const since = request.headers["last-event-id"];
      const client = open(request, reply);
      client.raw.on("close", () => clients.delete(client));
      if (typeof since === "string" && isEventId(since))
        for (const told of await missed(web, since)) send(client, told);
      clients.add(client);
      if (client.raw.destroyed) clients.delete(client);
    });
    done();
  };
}
