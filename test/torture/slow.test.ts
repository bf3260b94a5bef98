/** Slow loris: connections on which a request never gets whole end in time, are bounded in number, and keep nobody out. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { noRedis } from "../store/test-redis.ts";
import { startSite, type Site } from "../web/site.ts";

const REQUEST_SECONDS = 2;
const CONNECTIONS = 100;

/** What is sent at once, and what follows byte by byte without an end. */
const SLOW: readonly (readonly [string, string, string])[] = [
  ["nothing", "", ""],
  ["half a request line", "GET /heal", ""],
  ["half a header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", ""],
  ["a header byte by byte", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "x"],
  ["header after header", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "X: y\r\n"],
  [
    "a body byte by byte",
    "POST /api/v1/series/x@y/hold HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{",
    " ",
  ],
  [
    "chunk after chunk",
    "POST /api/v1/series/x@y/hold HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
    "1\r\n \r\n",
  ],
  ["a second request that stays half", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HT", ""],
];

/** Sites with these bounds, gone with the test file. */
async function siteOf(web: Record<string, number>): Promise<Site> {
  const site = await startSite({ web: { port: 0, ...web } });
  sites.push(site);
  return site;
}
const sites: Site[] = [];
const timers: NodeJS.Timeout[] = [];
after(async () => {
  timers.forEach(clearInterval);
  await Promise.all(sites.map((site) => site.close()));
});

async function open(site: Site, first: string, more: string): Promise<Socket> {
  const socket = connect(Number(new URL(site.url).port), "127.0.0.1");
  socket.on("error", () => undefined); // a reset is an end, too
  socket.resume();
  await once(socket, "connect");
  socket.write(first);
  if (more !== "") timers.push(setInterval(() => socket.writable && socket.write(more), 50));
  return socket;
}

describe("slow loris", { skip: noRedis, timeout: 60_000, concurrency: true }, () => {
  let site: Site;
  before(async () => {
    site = await siteOf({ requestSeconds: REQUEST_SECONDS });
  });

  for (const [name, first, more] of SLOW) {
    test(`${name}: the connection is ended within its time`, async () => {
      const start = performance.now();
      const socket = await open(site, first, more);
      await once(socket, "close");
      const seconds = (performance.now() - start) / 1000;
      // looked for every tenth of the time, on a machine that may be busy
      assert.ok(seconds < 2 * REQUEST_SECONDS, `${seconds} s`);
    });
  }

  test("three times as many as there may be: the longest go, the others stay, everybody is served", async () => {
    const full = await siteOf({ requestSeconds: 600, connections: CONNECTIONS });
    const sockets: Socket[] = [];
    const closed = new Map<Socket, Promise<unknown>>();
    for (let at = 0; at < 3 * CONNECTIONS; at++) {
      const socket = await open(full, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "");
      closed.set(socket, once(socket, "close"));
      sockets.push(socket);
    }
    await Promise.all(sockets.slice(0, 2 * CONNECTIONS).map((socket) => closed.get(socket)));
    const asked = Array.from({ length: CONNECTIONS / 2 }, () => full.get("/healthz"));
    const answers = await Promise.all(asked);
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.deepEqual(
      sockets.slice(-CONNECTIONS / 2).filter(({ destroyed }) => destroyed),
      [],
    );
    for (const socket of sockets) socket.destroy();
  });
});
