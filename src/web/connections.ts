/** No more connections than so many: one too many ends the one that has been open longest without a whole request. */
import type { Server } from "node:http";
import type { Socket } from "node:net";

export function boundConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  /** Those on which nothing is being answered, longest first. */
  const waiting = new Set<Socket>();
  const forget = (socket: Socket) => {
    open.delete(socket);
    waiting.delete(socket);
  };
  server.on("connection", (socket) => {
    open.add(socket);
    waiting.add(socket);
    socket.once("close", () => forget(socket));
    const [longest] = waiting;
    if (open.size <= most || longest === undefined) return;
    forget(longest);
    longest.destroy();
  });
  server.on("request", ({ socket }, response) => {
    waiting.delete(socket);
    response.once("close", () => {
      if (open.has(socket)) waiting.add(socket);
    });
  });
}
