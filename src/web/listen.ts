/** The web server as a part of the service: started on the service's store, stopped without cutting anybody off. */
import type { AddressInfo } from "node:net";
import { pause } from "../queue/watcher.ts";
import type { Service } from "../queue/service.ts";
import { createCache } from "./cache.ts";
import { startHub } from "./hub.ts";
import { createOperators } from "./operators.ts";
import { buildServer } from "./server.ts";

export interface WebServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

function explain(error: unknown, host: string, port: number): Error {
  const { code } = error as { code?: string };
  if (code === "EADDRINUSE") return new Error(`port ${port} of ${host} is in use: set another web.port`);
  if (code === "EACCES") return new Error(`port ${port} needs rights of its own: set web.port above 1023`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new Error(`${host} is no address of this machine: set web.host`);
  return error as Error;
}

/** Listens where the settings say; port 0 is any free one. Rejects in one line. */
export async function startWeb(service: Service): Promise<WebServer> {
  const { context } = service;
  const { config, db, log } = context;
  const { host, port } = config.web;
  const hub = await startHub(service.connect(), log);
  const cache = createCache(db.now, hub.isFresh);
  hub.listen(cache.clear);
  const { app, inFlight } = await buildServer({
    ...context,
    hub,
    cache,
    operators: createOperators(config.web.tokens),
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    await hub.stop();
    throw explain(error, host, port);
  }
  const { address, port: real, family } = app.server.address() as AddressInfo;
  const url = `http://${family === "IPv6" ? `[${address}]` : address}:${real}`;
  log.info({ address: url }, "listening");
  return {
    url,
    stop: async () => {
      const ended = new AbortController();
      const closed = app.close();
      void inFlight.none().finally(() => ended.abort());
      await pause(config.queue.shutdownSeconds * 1000, ended.signal);
      // Browsers open connections ahead and send nothing on them: these are waited for by nobody.
      app.server.closeAllConnections();
      await closed;
      await hub.stop();
    },
  };
}
