/** A proxy on loopback before a server of the test: passes everything, cuts, or becomes a black hole. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type Way = "to the client" | "to the server";

export interface Proxy {
  readonly port: number;
  /** From now on nothing passes in either direction; connections stay open. */
  readonly swallow: () => void;
  /** From now on everything passes; what was swallowed is gone. */
  readonly pass: () => void;
  /** Ends every connection at once. */
  readonly cut: () => void;
  /** Ends the next connection that carries so many bytes this way, at that byte. */
  readonly cutAfter: (bytes: number, way: Way) => void;
  /** Once, before the next words of a client that hold this text pass on. */
  readonly before: (text: string, act: () => Promise<void> | void) => void;
  /** How many connections were ended so. */
  readonly cuts: () => number;
  /** New connections go to the server on this port. */
  readonly redirect: (port: number) => void;
  /** Everything passes again, to the first server, and no connection is waited for to be cut. */
  readonly reset: () => void;
  /** Resolves with what the client says next once everything is swallowed. */
  readonly nextSwallowed: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

interface State {
  readonly sockets: Set<Socket>;
  swallows: boolean;
  noticed: ((text: string) => void) | null;
  /** Where the next connection that comes so far ends; null: none does. */
  limit: { readonly bytes: number; readonly way: Way } | null;
  trap: { readonly text: string; readonly act: () => Promise<void> | void } | null;
  cuts: number;
  target: number;
}

export async function startProxy(target: number): Promise<Proxy> {
  const state: State = {
    sockets: new Set(),
    swallows: false,
    noticed: null,
    limit: null,
    trap: null,
    cuts: 0,
    target,
  };
  const server = createServer((client) => join(state, client, connect(state.target, "127.0.0.1")));
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
    cutAfter: (bytes, way) => void (state.limit = { bytes, way }),
    before: (text, act) => void (state.trap = { text, act }),
    cuts: () => state.cuts,
    redirect: (to) => void (state.target = to),
    reset: () => {
      state.swallows = false;
      state.limit = null;
      state.trap = null;
      state.cuts = 0;
      state.target = target;
    },
    nextSwallowed: () => new Promise((resolve) => (state.noticed = resolve)),
    stop: async () => {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function join(state: State, client: Socket, remote: Socket): void {
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
  });
  carry(state, { from: client, to: remote, way: "to the server", end });
  carry(state, { from: remote, to: client, way: "to the client", end });
}

interface Leg {
  readonly from: Socket;
  readonly to: Socket;
  readonly way: Way;
  /** Ends the connection, both its halves. */
  readonly end: () => void;
}

function carry(state: State, { from, to, way, end }: Leg): void {
  let carried = 0;
  from.on("data", (data) => {
    if (state.swallows) return;
    const { limit, trap } = state;
    if (trap !== null && way === "to the server" && data.includes(trap.text)) {
      state.trap = null;
      from.pause();
      return void Promise.resolve(trap.act()).then(() => {
        to.write(data);
        from.resume();
      });
    }
    carried += data.length;
    if (limit === null || limit.way !== way || carried < limit.bytes) return void to.write(data);
    state.limit = null;
    state.cuts += 1;
    to.write(data.subarray(0, data.length - (carried - limit.bytes)), end);
  });
}
