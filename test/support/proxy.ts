/** A proxy on loopback before a server of the test: passes everything, cuts, or becomes a black hole. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Proxy {
  readonly port: number;
  /** From now on nothing passes in either direction; connections stay open. */
  readonly swallow: () => void;
  /** From now on everything passes; what was swallowed is gone. */
  readonly pass: () => void;
  /** Ends every connection at once. */
  readonly cut: () => void;
  /** Ends the next connection that brings so many bytes to the client, at that byte. */
  readonly cutAfter: (bytes: number) => void;
  /** Resolves with what the client says next once everything is swallowed. */
  readonly nextSwallowed: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

interface State {
  readonly sockets: Set<Socket>;
  swallows: boolean;
  noticed: ((text: string) => void) | null;
  /** Bytes to the client after which a connection ends; null: none does. */
  limit: number | null;
}

export async function startProxy(target: number): Promise<Proxy> {
  const state: State = { sockets: new Set(), swallows: false, noticed: null, limit: null };
  const server = createServer((client) => join(state, client, connect(target, "127.0.0.1")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of state.sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    swallow: () => void (state.swallows = true),
    pass: () => void (state.swallows = false),
    cut,
    cutAfter: (bytes) => void (state.limit = bytes),
    nextSwallowed: () => new Promise((resolve) => (state.noticed = resolve)),
    stop: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function join(state: State, client: Socket, remote: Socket): void {
  let brought = 0;
  const end = () => {
    client.destroy();
    remote.destroy();
  };
  for (const socket of [client, remote]) {
    state.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      state.sockets.delete(socket);
      end();
    });
  }
  client.on("data", (data) => {
    if (state.swallows) state.noticed?.(data.toString("latin1"));
    else remote.write(data);
  });
  remote.on("data", (data) => {
    if (state.swallows) return;
    brought += data.length;
    const over = state.limit === null ? 0 : brought - state.limit;
    if (over <= 0) return void client.write(data);
    state.limit = null;
    client.write(data.subarray(0, data.length - over), end);
  });
}
