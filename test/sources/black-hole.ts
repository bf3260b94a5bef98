/** A proxy on loopback that can turn into a black hole: connections stay open and nothing comes through. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface BlackHole {
  readonly port: number;
  /** From now on nothing passes in either direction. */
  readonly swallow: () => void;
  /** Resolves with what the client says next once everything is swallowed. */
  readonly nextSwallowed: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startBlackHole(target: number): Promise<BlackHole> {
  const sockets = new Set<Socket>();
  const state: { swallows: boolean; noticed: ((text: string) => void) | null } = {
    swallows: false,
    noticed: null,
  };
  const server = createServer((client) => {
    const remote = connect(target, "127.0.0.1");
    for (const socket of [client, remote]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (data) => {
      if (state.swallows) state.noticed?.(data.toString("latin1"));
      else remote.write(data);
    });
    remote.on("data", (data) => {
      if (!state.swallows) client.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    swallow: () => void (state.swallows = true),
    nextSwallowed: () => new Promise((resolve) => (state.noticed = resolve)),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
